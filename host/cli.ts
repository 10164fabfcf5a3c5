#!/usr/bin/env node
/** The process of the `motekit` command: signals, streams and the exit code. No other module exits. */
import { keepCompiledCode } from "./file-system/compile-cache.ts";

// Only modules that are loaded later are kept.
keepCompiledCode();
const { runCommandLine } = await import("./command-line.ts");

function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => controller.abort());
  }
  return controller.signal;
}

/** A reader such as `| head` closes standard output early. Nobody reads further output, so the process ends without an error. */
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
  // `endWithReader` may end the process before the command returns.
  onExitCode: (exitCode: number) => {
    process.exitCode = exitCode;
  },
};
process.exitCode = await runCommandLine(process.argv.slice(2), surroundings);
// An interrupted command may leave timers or sockets open, which would keep the process alive.
if (signal.aborted) process.exit();
