/** The errors of a console that does not answer, or that refuses (MK1610 to MK1615). */
import { MotekitError } from "../errors.ts";
import { PACKET_BYTES_MAX } from "./packet.ts";

export function noAnswer(name: string, patienceMs: number, bytesSeen: number): MotekitError {
  const seconds = Math.round(patienceMs / 1000);
  if (bytesSeen === 0) {
    return new MotekitError({
      code: "MK1610",
      message: `No interpreter responds on ${name}: nothing was received within ${seconds} s.`,
      remedy:
        "Check the port, the cable and --baud. Flash a board that has no interpreter yet with `motekit flash`.",
    });
  }
  return new MotekitError({
    code: "MK1611",
    message: `No interpreter responds on ${name}, although ${bytesSeen} bytes were received within ${seconds} s.`,
    remedy:
      "The app may be in an endless loop: press reset on the board and repeat the command immediately. If that does not help, " +
      "check that the board runs Espruino and that --baud is correct.",
  });
}

export function consoleLocked(name: string): MotekitError {
  return new MotekitError({
    code: "MK1612",
    message: `The console on ${name} is locked by a password.`,
    remedy:
      "Press the reset button on the board, which unlocks the console, or log in with a terminal first.",
  });
}

export function threw(name: string, message: string): MotekitError {
  return new MotekitError({
    code: "MK1613",
    message: `The expression threw an error on the board on ${name}: ${message}`,
    remedy:
      "If you entered the expression, correct it. Otherwise run `motekit monitor` to see the board's console.",
  });
}

export function unanswered(name: string, timeoutMs: number): MotekitError {
  return new MotekitError({
    code: "MK1614",
    message: `The board on ${name} did not respond within ${timeoutMs / 1000} s.`,
    remedy: "Repeat the command. If it fails again, press the reset button on the board.",
  });
}

export function tooLong(name: string, lengthBytes: number): MotekitError {
  return new MotekitError({
    code: "MK1615",
    message: `The expression has ${lengthBytes} bytes, but the limit on ${name} is ${PACKET_BYTES_MAX} bytes.`,
    remedy: "Write it to a file in the board's Storage with `motekit files put`, and evaluate that file.",
  });
}
