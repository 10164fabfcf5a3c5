import { InvalidArgumentError } from "commander";

/** What a command may use of the world around it, so that tests can give it another. */
export interface CommandContext {
  /** One line to standard output, without its newline. With `--json` only JSON goes here. */
  print(line: string): void;
  /** Text to standard output as it is, for what a person types and a board prompts. */
  write(text: string): void;
  /** One line to standard error: progress, warnings. */
  warn(line: string): void;
  /**
   * What is being done, on a terminal's one line that the next status, or any line, takes the place of. Below 80 characters.
   * Nothing where standard error is no terminal.
   */
  status(line: string): void;
  /** True where a person watches standard output: colour and progress are welcome, prompts allowed. */
  readonly isTerminal: boolean;
  /** Aborted by Ctrl-C or SIGTERM. A long-running command then closes what it opened and returns. */
  readonly signal: AbortSignal;
  /** The command has itself printed what is wrong: the exit code becomes 1. */
  setFailed(): void;
  /** Ctrl-C came before the command had done its work: the exit code becomes 130. */
  setInterrupted(): void;
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Resolves when the command is told to end. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** For an option whose value is a whole number above `least`. */
export function integerAbove(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value > least && text.trim() !== "") return value;
    throw new InvalidArgumentError(`It must be a whole number above ${least}.`);
  };
}
