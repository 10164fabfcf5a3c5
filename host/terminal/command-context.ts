import { InvalidArgumentError } from "commander";

/** The streams, signal, folder and environment that a command uses, so that tests can replace them. */
export interface CommandContext {
  /** One line to standard output, without its newline. With `--json` only JSON goes here. */
  print(line: string): void;
  /** Text to standard output without an added newline, such as the prompts of a board's REPL. */
  write(text: string): void;
  /** One line to standard error: progress, warnings. */
  warn(line: string): void;
  /**
   * Shows the current step on one line of the terminal, which the next status or the next printed line replaces. The
   * text is shorter than 80 characters. Does nothing if standard error is not a terminal.
   */
  status(line: string): void;
  /** True if standard output is a terminal: colours, progress and prompts are allowed. */
  readonly isTerminal: boolean;
  /** Aborted by Ctrl-C or SIGTERM. A long-running command then closes what it opened and returns. */
  readonly signal: AbortSignal;
  /** Sets the exit code to 1, for a command that has already printed its error. */
  setFailed(): void;
  /** Sets the exit code to 130: Ctrl-C ended the command before it finished. */
  setInterrupted(): void;
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Help of the options that several commands share. */
export const ENTRY_HELP =
  "the firmware's entry file (default: src/main.ts if it exists, otherwise motekit's reference firmware)";
export const BOARD_HELP = "a board's ID (esp32, esp32s3, esp32c3, linux), or the path of a board file";
export const ENGINE_HELP =
  "what runs the bundle: node (Node.js with Espruino's API) or espruino (Espruino for Linux)";
export const ESPRUINO_HELP = "the Espruino program to run with --engine espruino (default: espruino on PATH)";
export const SIMULATED_ID_HELP = "the device ID (default: the board's ID followed by -sim)";

/** Resolves when the signal is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A parser for an option whose value is a whole number above `least`. */
export function integerAbove(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value > least && text.trim() !== "") return value;
    throw new InvalidArgumentError(`The value must be a whole number above ${least}.`);
  };
}
