/**
 * A line to a board: bytes out, bytes in, two control signals, and an end with a reason. It depends neither on Espruino nor on
 * Node, so that console and packets run over a serial port, over Web Serial, and in tests.
 */
import { MotekitError } from "../errors.ts";

export const BAUD_RATE_DEFAULT = 115_200;

/** The reason of a line's end. */
export type LineEnd =
  /** `close` was called. */
  | { readonly reason: "closed" }
  /** The device was removed. */
  | { readonly reason: "unplugged"; readonly cause?: unknown }
  /** The operating system reported an error. */
  | { readonly reason: "failed"; readonly cause: unknown };

export interface LineListener {
  /** Called with received bytes in chunks of any size, which the listener may keep. Must not throw. */
  onBytes(bytes: Uint8Array): void;
  /** Called once, after the last bytes. Must not throw. */
  onEnd(end: LineEnd): void;
}

/** The control signals. An undefined signal keeps its level. */
export interface LineSignals {
  readonly dataTerminalReady?: boolean;
  readonly requestToSend?: boolean;
}

/**
 * Duties: bytes stay in order, and are buffered until `listen` is called. After the end, `write`, `setSignals` and `setBaudRate`
 * reject. `close` never rejects, may be called again, and resolves when the port is free for others. The caller that opened a
 * line closes it.
 */
export interface Line {
  /** The port's name, for messages. */
  readonly name: string;
  readonly baudRate: number;
  /** Replaces the listener. After the end, a new listener is told of it. */
  listen(listener: LineListener): void;
  /** Resolves when the computer has accepted all bytes, which is before the board has received them. @throws MK1604, MK1605. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sets both signals in one call, so that they change together. Ports without them reject with MK1606. */
  setSignals(signals: LineSignals): Promise<void>;
  /** Changes the rate of this end only; the board must have been told before. */
  setBaudRate(baudRate: number): Promise<void>;
  close(): Promise<void>;
}

/** The error of calls after a line's end: MK1604 unplugged, MK1605 failed or closed. */
export function lineEnded(name: string, end: LineEnd): MotekitError {
  if (end.reason === "unplugged") {
    return new MotekitError(
      {
        code: "MK1604",
        message: `${name} was unplugged.`,
        remedy: "Plug the board in again and repeat the command. An incomplete step does no harm.",
      },
      { cause: end.cause },
    );
  }
  const why = end.reason === "failed" ? `failed: ${(end.cause as Error).message}` : "is closed";
  return new MotekitError(
    {
      code: "MK1605",
      message: `The line to ${name} ${why}.`,
      remedy: "Check the cable and the port, and repeat the command.",
    },
    { cause: end.reason === "failed" ? end.cause : undefined },
  );
}
