/** Watches a board's console after a start, and decides whether the app started. */
import type { BoardConsole } from "../serial/console.ts";
import { readFirmwareLine } from "../serial/firmware-line.ts";
import { pause } from "../serial/line-clock.ts";

export type StartVerdict =
  /** The firmware reported that it started, and no error followed. */
  | "up"
  /** No report and no error came, as from an app that does not call motekit's `start`. */
  | "quiet"
  /** An uncaught exception occurred. */
  | "crashed"
  /** The firmware started more than once. */
  | "restarting"
  /** No slot has a valid app. */
  | "no-app"
  /** The interpreter no longer responds. */
  | "stuck";

export interface StartReport {
  readonly verdict: StartVerdict;
  /** The lines of the console, without prompts. */
  readonly lines: readonly string[];
}

/** The time to watch after the firmware reported that it started. */
const SETTLE_MS = 1_000;
const STEP_MS = 100;
const STUCK_QUESTIONS_MAX = 3;

/** The control sequence with which Espruino redraws its prompt. */
const PROMPT = "\r\x1b[J";

/**
 * Types the `command` that starts the board, and watches for `watchMs`, or less if the firmware reports that it started.
 *
 * @throws MK1604, MK1605.
 */
export async function watchStart(
  console: BoardConsole,
  command: string,
  watchMs: number,
): Promise<StartReport> {
  const { clock } = console;
  let text = "";
  const stop = console.addTextListener((piece) => {
    text += piece;
  });
  await console.type(command);
  const deadline = clock.uptimeMs() + watchMs;
  let settledAt = deadline;
  while (clock.uptimeMs() < settledAt) {
    await pause(clock, STEP_MS);
    if (settledAt === deadline && count(linesOf(text), "boot") > 0) settledAt = clock.uptimeMs() + SETTLE_MS;
  }
  const isThere = await answers(console);
  stop();
  const lines = linesOf(text);
  return { verdict: verdictOf(lines, isThere), lines };
}

function linesOf(text: string): string[] {
  const lines = text.replaceAll(PROMPT, "").replaceAll("\r", "").split("\n");
  return lines.map((line) => line.replace(/^>/, "")).filter((line) => line !== "");
}

function count(lines: readonly string[], kind: string): number {
  return lines.filter((line) => readFirmwareLine(line)?.kind === kind).length;
}

function verdictOf(lines: readonly string[], isThere: boolean): StartVerdict {
  if (lines.some((line) => readFirmwareLine(line)?.word === "no-app")) return "no-app";
  if (lines.some((line) => line.startsWith("Uncaught "))) return "crashed";
  if (count(lines, "boot") > 1) return "restarting";
  if (!isThere) return "stuck";
  return count(lines, "boot") === 1 ? "up" : "quiet";
}

async function answers(console: BoardConsole): Promise<boolean> {
  for (let question = 0; question < STUCK_QUESTIONS_MAX; question++) {
    if (await console.responds()) return true;
  }
  return false;
}
