/**
 * A line to a board: bytes out, bytes in, two control signals, and an end with a reason. It knows neither Espruino nor
 * Node, so that the same console and packets run over a serial port, Web Serial, and a line of a test.
 */
import { MotekitError } from "../errors.ts";

export const BAUD_RATE_DEFAULT = 115_200;

/** Why no more bytes will come. */
export type LineEnd =
  /** By `close`. */
  | { readonly reason: "closed" }
  /** The device went away. */
  | { readonly reason: "unplugged"; readonly cause?: unknown }
  /** The operating system refused to go on. */
  | { readonly reason: "failed"; readonly cause: unknown };

export interface LineListener {
  /** A piece of what came, of any size; the listener may keep it. Must not throw. */
  onBytes(bytes: Uint8Array): void;
  /** Called once, after the last bytes. Must not throw. */
  onEnd(end: LineEnd): void;
}

/** A signal that is left out keeps its level. */
export interface LineSignals {
  readonly dataTerminalReady?: boolean;
  readonly requestToSend?: boolean;
}

/**
 * Duties: bytes are kept in order, and kept back until somebody listens. After the end `write`, `setSignals` and
 * `setBaudRate` reject; `close` never does, may be called again, and resolves when the port is free for others.
 * Whoever opened a line closes it.
 */
export interface Line {
  /** The port's name, for messages. */
  readonly name: string;
  readonly baudRate: number;
  /** A later listener takes the place of the one before. One that comes after the end is told of it. */
  listen(listener: LineListener): void;
  /** Resolves when the computer has taken all bytes, which is before the board has. @throws MK1604, MK1605. */
  write(bytes: Uint8Array): Promise<void>;
  /** Both in one call, so that they change together. Ports without such signals reject with MK1606. */
  setSignals(signals: LineSignals): Promise<void>;
  /** Of this end alone: the board must have been told before. */
  setBaudRate(baudRate: number): Promise<void>;
  close(): Promise<void>;
}

/** What a line does after its end, as an error: MK1604 unplugged, MK1605 failed or closed. */
export function lineEnded(name: string, end: LineEnd): MotekitError {
  if (end.reason === "unplugged") {
    return new MotekitError(
      {
        code: "MK1604",
        message: `${name} was unplugged.`,
        remedy: "Plug the board in again and repeat the command: what was half done does no harm.",
      },
      { cause: end.cause },
    );
  }
  const why = end.reason === "failed" ? `broke: ${(end.cause as Error).message}` : "is closed";
  return new MotekitError(
    {
      code: "MK1605",
      message: `The line to ${name} ${why}.`,
      remedy: "Check cable and port, and repeat the command.",
    },
    { cause: end.reason === "failed" ? end.cause : undefined },
  );
}
