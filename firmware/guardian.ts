/**
 * Keeps the device alive where the interpreter does not. Out of memory and stack overflow are no exceptions here: the
 * handler, the interval or the socket's listener that ran is taken away, in silence. What is left is a device that
 * hears or says nothing; so it restarts. Frozen timers (the clock went back, the interpreter is stuck) are seen by the
 * hardware watchdog, which is kicked from a timer and from nowhere else.
 *
 * An exception of the app's does no harm to the rest, and is reported: the last of a turn of the interpreter's, which
 * keeps one. (As undefined where other code runs a `try` with a `catch` in the rest of that turn: it takes what is kept.
 * The firmware has one where it opens a connection, one around commands, and those of persistence.)
 */
import { oneLine } from "./contract/console-lines.ts";
import { REPORTS_MAX, RESTART_DELAY_MS, WATCHDOG_KICK_MS, WATCHDOG_SECONDS } from "./limits.ts";

let report: (what: string) => void;
let reports = 0;
let isRestarting = false;

function kick(): void {
  reports = 0;
  // Should there be no memory for the timer of a restart, the watchdog restarts.
  if (!isRestarting) E.kickWatchdog();
}

function onErrorFlag(flags: string[]): void {
  // LOW_MEMORY passes; MEMORY and CALLBACK say that something was taken away.
  if (!flags.includes("MEMORY") && !flags.includes("CALLBACK")) return;
  isRestarting = true;
  setTimeout(E.reboot, RESTART_DELAY_MS);
  report("restart: " + flags.join());
}

function onException(error: unknown): void {
  const text = oneLine(error);
  if (reports++ < REPORTS_MAX) report("uncaught " + text);
  // The interpreter prints what its listener throws, with the stack trace, and lines of the message as lines.
  if (!error || typeof error !== "object") throw text;
  if ((error as Error).message) (error as Error).message = oneLine((error as Error).message);
  throw error;
}

/** Call it once. `newReport` must do with little memory. */
export function guard(newReport: (what: string) => void): void {
  report = newReport;
  E.on("errorFlag", onErrorFlag);
  process.on("uncaughtException", onException);
  E.enableWatchdog(WATCHDOG_SECONDS, false);
  setInterval(kick, WATCHDOG_KICK_MS);
}
