/** How far work on a board has got: on a terminal one line that is rewritten, else a line for each step. */
import type { CommandContext } from "../terminal/command-context.ts";

const BAR_WIDTH = 16;
/** How long it takes is not known sooner. */
const ESTIMATE_MS_MIN = 100;
/** Where nobody watches: no line of progress sooner than so long after the last. */
const SPARSE_MS = 5_000;

export class BoardProgress {
  readonly #context: CommandContext;
  readonly #portName: string;
  readonly #isTerminal: boolean;
  #startedMs = 0;
  #toldMs = 0;
  #doneBytes = 0;
  #attempt = 1;

  constructor(context: CommandContext, portName: string) {
    this.#context = context;
    this.#portName = portName;
    this.#isTerminal = process.stderr.isTTY === true;
  }

  /** Anything that takes a moment. */
  show(what: string): void {
    if (this.#isTerminal) this.#context.status(what);
    else this.#context.warn(`${this.#portName}: ${what}`);
  }

  /** What is counted from now on is counted anew. */
  step(what: string): void {
    this.#startedMs = this.#toldMs = performance.now();
    this.#doneBytes = 0;
    this.#attempt = 1;
    this.show(what);
  }

  /** `doing` begins the line: `writing`. Fewer bytes than before are a second attempt: the line lost some. */
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
    else if (nowMs - this.#toldMs >= SPARSE_MS) {
      this.#toldMs = nowMs;
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

/** `20,480 bytes`. */
export function formatBytes(count: number): string {
  return `${count.toLocaleString("en")} bytes`;
}

/** `11.4 kB/s`. */
export function formatRate(bytes: number, tookMs: number): string {
  return `${(bytes / Math.max(tookMs, 1)).toFixed(1)} kB/s`;
}

/** `1.8 s`. */
export function formatSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
