/** How far an upload has got: on a terminal one line that is rewritten, else a line for each step. */
import type { CommandContext } from "./command-context.ts";
import type { UploadStep } from "./upload/upload.ts";
import { UPLOAD_STEPS } from "./upload/wording.ts";

const BAR_WIDTH = 16;
/** A rate over less time is none. */
const RATE_MS_MIN = 100;
/** Where nobody watches: no line of progress sooner than so long after the last. */
const SPARSE_MS = 5_000;

export class UploadProgress {
  readonly #context: CommandContext;
  readonly #portName: string;
  readonly #isTerminal: boolean;
  #startedMs = 0;
  #toldMs = 0;
  #sentBytes = 0;
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

  step(step: UploadStep): void {
    this.#startedMs = this.#toldMs = performance.now();
    this.#sentBytes = 0;
    this.#attempt = 1;
    this.show(UPLOAD_STEPS[step]);
  }

  sent(sentBytes: number, totalBytes: number): void {
    const nowMs = performance.now();
    if (sentBytes <= this.#sentBytes) {
      // The line lost bytes.
      this.#attempt++;
      this.#startedMs = nowMs;
    }
    this.#sentBytes = sentBytes;
    const again = this.#attempt === 1 ? "" : ` (attempt ${this.#attempt})`;
    const line = formatProgress(sentBytes, totalBytes, nowMs - this.#startedMs) + again;
    if (this.#isTerminal) this.#context.status(line);
    else if (nowMs - this.#toldMs >= SPARSE_MS) {
      this.#toldMs = nowMs;
      this.show(line);
    }
  }
}

export function formatProgress(sentBytes: number, totalBytes: number, tookMs: number): string {
  const share = sentBytes / totalBytes;
  const bar = "=".repeat(Math.floor(share * BAR_WIDTH)).padEnd(BAR_WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  const figures = `${sentBytes.toLocaleString("en")} of ${formatBytes(totalBytes)}`;
  const rate = tookMs < RATE_MS_MIN ? "" : `  ${formatRate(sentBytes, tookMs)}`;
  return `writing [${bar}] ${percent} %  ${figures}${rate}`;
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
