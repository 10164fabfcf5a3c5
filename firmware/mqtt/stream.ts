/**
 * Messages that are too large for memory. A function returns the payload piece by piece, each piece after the socket has
 * sent the previous one. The QoS is 0, because nothing is kept that could be sent again.
 *
 * While a message is on its way no other packet may come between its bytes: the others wait behind it, within the
 * bounds that hold for what waits in the socket.
 */
import { encodeString, toBytes } from "./bytes.ts";
import { end, isUp, send, socket } from "./link.ts";
import { PUBLISH } from "./packet-types.ts";
import { whenSent } from "./session.ts";
import { isTopic } from "./topic.ts";
import type { Socket } from "./transport.ts";

/** Gives the bytes of the payload from `offset` on, at least one and not more than are left. */
export type ReadPiece = (offset: number) => string;

/** The message on its way. */
interface Stream {
  readonly socket: Socket;
  /** The socket's original functions, which are replaced during the stream. */
  readonly write: (bytes: string) => unknown;
  readonly end: () => void;
  readonly sizeBytes: number;
  readonly read: ReadPiece;
  readonly onEnd: ((isSent: boolean) => void) | undefined;
  offset: number;
  /** Packets that wait behind it. */
  waiting: string;
}

let stream: Stream | undefined;
let heardSocket: Socket | undefined;

function finish(isSent: boolean): void {
  const done = stream as Stream;
  stream = undefined;
  done.socket.write = done.write;
  done.socket.end = done.end;
  if (isSent && done.waiting) done.socket.write(done.waiting);
  if (done.onEnd) done.onEnd(isSent);
}

function sendPiece(): void {
  const present = stream;
  if (!present) return;
  const piece = present.read(present.offset);
  present.offset += piece.length;
  // A packet that was begun cannot be taken back.
  if (!piece || present.offset > present.sizeBytes) return end("stream-broken");
  present.write.call(present.socket, piece);
  if (present.offset === present.sizeBytes) finish(true);
}

function encodeLength(length: number): string {
  return length < 128
    ? toBytes(length)
    : toBytes((length & 127) | 128) + encodeLength(Math.floor(length / 128));
}

function wait(bytes: string): void {
  (stream as Stream).waiting += bytes;
}

function breakOff(): void {
  const leaving = (stream as Stream).socket;
  finish(false);
  leaving.end();
}

/**
 * Publishes `sizeBytes` (at least 1) that `read` gives. False where it was refused: no topic name, no connection, or
 * another message on its way. `onEnd` tells whether all of it was given to the socket.
 */
export function publishStream(
  topicName: string,
  sizeBytes: number,
  read: ReadPiece,
  retain: boolean,
  onEnd: ((isSent: boolean) => void) | undefined,
): boolean {
  const own = socket;
  if (!isUp || whenSent || !own || stream || !isTopic(topicName, false)) return false;
  const head = encodeString(topicName);
  send(toBytes(PUBLISH | (retain ? 1 : 0)) + encodeLength(head.length + sizeBytes) + head);
  if (!isUp) return false;
  stream = {
    socket: own,
    write: own.write,
    end: own.end,
    sizeBytes,
    read,
    onEnd,
    offset: 0,
    waiting: "",
  };
  own.write = wait;
  own.end = breakOff;
  if (heardSocket !== own) own.on("drain", sendPiece);
  heardSocket = own;
  return true;
}
