#!/usr/bin/env node
/** The process of the `motekit` command: its signals, its streams, and alone its exit code. */
import { runCommandLine } from "./command-line.ts";

function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => controller.abort());
  }
  return controller.signal;
}

/** `| head` closes standard output when it has enough: nobody is left to tell. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}

process.stdout.on("error", endWithReader);
const { stdout, stderr, env: environment } = process;
const signal = interruptSignal();
const surroundings = {
  stdout,
  stderr,
  signal,
  workingFolder: process.cwd(),
  environment,
  // The reader of standard output may go before the command ends.
  onExitCode: (exitCode: number) => {
    process.exitCode = exitCode;
  },
};
process.exitCode = await runCommandLine(process.argv.slice(2), surroundings);
// What a command left half done when it was interrupted is of no use to anybody.
if (signal.aborted) process.exit();
