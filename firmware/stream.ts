/** Streaming for an app, as "motekit/stream": messages that are larger than the device's memory. */
import { counters } from "./counters.ts";
import { publishStream as publishPieces } from "./mqtt/stream.ts";
import { type Payload, payloadBytes, textBytes } from "./text.ts";

/** Gives the payload from the byte `offset` on, at least one byte and not more than are left. */
export type ReadPiece = (offset: number) => Payload;

export interface StreamOptions {
  /** The hub keeps the message for later subscribers. */
  readonly retain?: boolean;
  /** Comes once, unless the message was refused: whether all of it was given to the socket. */
  readonly onEnd?: (isSent: boolean) => void;
}

/**
 * Publishes `sizeBytes` (at least 1) at QoS 0, which `read` gives piece by piece, texts or bytes, whenever the socket has
 * sent the one before. False where it was refused: no topic name, no connection, or another message on its way.
 */
export function publishStream(
  topicName: string,
  sizeBytes: number,
  read: ReadPiece,
  options?: StreamOptions,
): boolean {
  const how = options || {};
  const isTaken = publishPieces(
    textBytes(topicName),
    sizeBytes,
    (offset) => payloadBytes(read(offset)),
    !!how.retain,
    how.onEnd,
  );
  if (!isTaken) counters.refused++;
  return isTaken;
}
