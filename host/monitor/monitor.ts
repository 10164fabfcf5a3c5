/**
 * Watches a board's console for as long as it is asked to: over resets, and over unplugging and plugging in again.
 * Traces come in the words of the sources, and secrets are hidden.
 */
import { MotekitError } from "../errors.ts";
import { byteStringOf, bytesOf, textOf } from "../serial/bytes.ts";
import { plainLine } from "../serial/console-text.ts";
import type { Line, LineEnd } from "../serial/line.ts";
import { LiveConsole } from "../trace/live-console.ts";
import type { SourcePositions } from "../trace/source-positions.ts";
import type { DecodedTrace } from "../trace/trace-decoder.ts";

/** After so long without a byte, a line that has not ended is shown: it is a prompt, or what a person types. */
const UNFINISHED_MS = 60;
const REOPEN_EVERY_MS = 500;
/** Alone it is no line. */
const PROMPT = ">";

export interface MonitorSink {
  /** A line, without its end. */
  onLine(line: string): void;
  /** The beginning of a line that has not ended yet; `onLine` brings it again. */
  onUnfinished(text: string): void;
  onTrace(trace: DecodedTrace): void;
  /** About the line to the board: gone, and there again. */
  onNotice(text: string): void;
}

export interface MonitorOptions {
  /** Again, when the board was away. */
  readonly open: () => Promise<Line>;
  /** Undefined: traces are shown as they come. */
  readonly positions: SourcePositions | undefined;
  readonly redact: (line: string) => string;
  readonly sink: MonitorSink;
  readonly signal: AbortSignal;
}

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #console: LiveConsole | undefined;
  #line: Line | undefined;
  #pending = "";
  #unfinished: NodeJS.Timeout | undefined;

  constructor(options: MonitorOptions) {
    const { positions, sink } = options;
    this.#options = options;
    this.#console =
      positions &&
      new LiveConsole(positions, {
        onText: (line) => this.#say(line),
        onTrace: (trace) => sink.onTrace(trace),
      });
  }

  /**
   * Watches the line. Resolves when the signal is aborted, with the line that it has then, for its caller to close; or
   * with undefined where the board is away.
   */
  async run(first: Line): Promise<Line | undefined> {
    const { signal, sink } = this.#options;
    let line = first;
    for (;;) {
      const end = await this.#watch(line);
      if (signal.aborted) break;
      await line.close();
      sink.onNotice(
        `${line.name} ${end.reason === "unplugged" ? "was unplugged" : "is gone"}; waiting for it.`,
      );
      const again = await this.#reopen();
      if (!again) break;
      line = again;
      sink.onNotice(`${line.name} is back.`);
    }
    const held = this.#line;
    this.end();
    return held;
  }

  /** Gives on what is held, and listens no more. The line stays open. */
  end(): void {
    this.#line?.listen({ onBytes: () => undefined, onEnd: () => undefined });
    this.#line = undefined;
    this.#endLine();
    this.#console?.end();
  }

  /** Keys, as a byte string. Lost while there is no line. */
  type(keys: string): void {
    // Where the line has ended, `run` has been told of it already.
    this.#line?.write(bytesOf(keys)).catch(() => undefined);
  }

  #watch(line: Line): Promise<LineEnd> {
    const { signal } = this.#options;
    return new Promise((resolve) => {
      const stop = () => resolve({ reason: "closed" });
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      this.#line = line;
      line.listen({
        onBytes: (bytes) => this.push(byteStringOf(bytes)),
        onEnd: (end) => {
          this.#line = undefined;
          signal.removeEventListener("abort", stop);
          this.#endLine();
          resolve(end);
        },
      });
    });
  }

  async #reopen(): Promise<Line | undefined> {
    const { open, signal } = this.#options;
    while (!signal.aborted) {
      try {
        return await open();
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, REOPEN_EVERY_MS));
    }
    return undefined;
  }

  /** What the console sent, a byte string in pieces of any size. */
  push(text: string): void {
    clearTimeout(this.#unfinished);
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
    if (this.#pending) this.#unfinished = setTimeout(() => this.#showUnfinished(), UNFINISHED_MS);
  }

  #take(line: string): void {
    const text = textOf(plainLine(line));
    if (this.#console) this.#console.pushLine(text);
    else this.#say(text);
  }

  #say(line: string): void {
    this.#options.sink.onLine(this.#options.redact(line));
  }

  #showUnfinished(): void {
    this.#console?.flush();
    this.#options.sink.onUnfinished(this.#options.redact(textOf(plainLine(this.#pending))));
  }

  /** Gives on a line that nothing will end any more. */
  #endLine(): void {
    clearTimeout(this.#unfinished);
    if (this.#pending && plainLine(this.#pending) !== PROMPT) this.#take(this.#pending);
    this.#pending = "";
    this.#console?.flush();
  }
}

/** While a board comes back its port is missing, busy, or without its permissions yet. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof MotekitError && ["MK1601", "MK1602", "MK1603", "MK1604", "MK1605"].includes(error.code)
  );
}
