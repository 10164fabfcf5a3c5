/**
 * Restarts the device after failures from which the interpreter does not recover. Espruino does not throw an exception when
 * memory or stack runs out: it silently removes the handler, the interval or the socket's listener that was running. The
 * device would then receive or send nothing, so it restarts. The hardware watchdog detects frozen timers (the clock was set
 * back, or the interpreter is stuck), because only a timer kicks it.
 *
 * An exception of the app does not affect the rest, and is reported. The interpreter keeps only the last exception of a turn.
 * (If other code runs a `try` with a `catch` later in that turn, that `catch` takes the exception, and undefined is reported.
 * The firmware has such a `try` where it opens a connection, around commands, and in persistence.)
 */
import { oneLine } from "./contract/console-lines.ts";
import { REPORTS_MAX, RESTART_DELAY_MS, WATCHDOG_KICK_MS, WATCHDOG_SECONDS } from "./limits.ts";

let report: (what: string) => void;
let reports = 0;
let isRestarting = false;

function kick(): void {
  reports = 0;
  // If there is no memory for the restart's timer, the watchdog restarts the device.
  if (!isRestarting) E.kickWatchdog();
}

function onErrorFlag(flags: string[]): void {
  // LOW_MEMORY is temporary. MEMORY and CALLBACK mean that a handler was removed.
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

/** Call it once. `newReport` must need little memory. */
export function guard(newReport: (what: string) => void): void {
  report = newReport;
  E.on("errorFlag", onErrorFlag);
  process.on("uncaughtException", onException);
  E.enableWatchdog(WATCHDOG_SECONDS, false);
  setInterval(kick, WATCHDOG_KICK_MS);
}
