/** Shows the progress of work on a board: on a terminal as one line that is rewritten, otherwise as a line for each step. */
import type { CommandContext } from "../terminal/command-context.ts";

const BAR_WIDTH = 16;
/** The time after which the remaining time is estimated. */
const ESTIMATE_MS_MIN = 100;
/** The shortest time between two lines of progress without a terminal. */
const SPARSE_MS = 5_000;

export class BoardProgress {
  readonly #context: CommandContext;
  readonly #portName: string;
  readonly #isTerminal: boolean;
  #startedMs = 0;
  #shownMs = 0;
  #doneBytes = 0;
  #attempt = 1;

  constructor(context: CommandContext, portName: string) {
    this.#context = context;
    this.#portName = portName;
    this.#isTerminal = process.stderr.isTTY === true;
  }

  /** Shows a step that takes some time. */
  show(what: string): void {
    if (this.#isTerminal) this.#context.status(what);
    else this.#context.warn(`${this.#portName}: ${what}`);
  }

  /** Shows the next step, and resets the counters. */
  step(what: string): void {
    this.#startedMs = this.#shownMs = performance.now();
    this.#doneBytes = 0;
    this.#attempt = 1;
    this.show(what);
  }

  /** Shows progress. `doing` begins the line, such as `writing`. Fewer bytes than before mean another attempt. */
  advance(doing: string, doneBytes: number, totalBytes: number): void {
    const nowMs = performance.now();
    if (doneBytes < this.#doneBytes) {
      this.#attempt++;
      this.#startedMs = nowMs;
    }
    this.#doneBytes = doneBytes;
    const again = this.#attempt === 1 ? "" : ` (attempt ${this.#attempt})`;
    const line = `${doing} ${formatProgress(doneBytes, totalBytes, nowMs - this.#startedMs)}${again}`;
    if (this.#isTerminal) this.#context.status(line);
    else if (nowMs - this.#shownMs >= SPARSE_MS) {
      this.#shownMs = nowMs;
      this.show(line);
    }
  }
}

function formatProgress(doneBytes: number, totalBytes: number, tookMs: number): string {
  const share = doneBytes / totalBytes;
  const bar = "=".repeat(Math.floor(share * BAR_WIDTH)).padEnd(BAR_WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  const figures = `${doneBytes.toLocaleString("en")} of ${formatBytes(totalBytes)}`;
  const isKnown = doneBytes > 0 && tookMs >= ESTIMATE_MS_MIN;
  const left = isKnown ? `  ${formatSeconds((tookMs / doneBytes) * (totalBytes - doneBytes))} left` : "";
  return `[${bar}] ${percent} %  ${figures}${left}`;
}

/** Formats a size, such as `20,480 bytes`. */
export function formatBytes(count: number): string {
  return `${count.toLocaleString("en")} bytes`;
}

/** Formats a rate, such as `11.4 kB/s`. */
export function formatRate(bytes: number, tookMs: number): string {
  return `${(bytes / Math.max(tookMs, 1)).toFixed(1)} kB/s`;
}

/** Formats a duration, such as `1.8 s`. */
export function formatSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
