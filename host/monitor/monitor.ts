/**
 * Watches a board's console for as long as it is asked to: over resets, and over unplugging and plugging in again.
 * Traces come in the words of the sources, and secrets are hidden.
 */
import { MotekitError } from "../errors.ts";
import { byteStringOf, bytesOf } from "../serial/bytes.ts";
import type { Line, LineEnd } from "../serial/line.ts";
import { ConsoleReader, type ConsoleReaderOptions, type ConsoleSink } from "./console-reader.ts";

const REOPEN_EVERY_MS = 500;

export interface MonitorSink extends ConsoleSink {
  /** About the line to the board: gone, and there again. */
  onNotice(text: string): void;
}

export interface MonitorOptions extends ConsoleReaderOptions {
  /** Again, when the board was away. */
  readonly open: () => Promise<Line>;
  readonly sink: MonitorSink;
  readonly signal: AbortSignal;
}

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #reader: ConsoleReader;
  #line: Line | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#reader = new ConsoleReader(options);
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
    this.#reader.end();
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
          this.#reader.endLine();
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
    this.#reader.push(text);
  }
}

/** While a board comes back its port is missing, busy, or without its permissions yet. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof MotekitError && ["MK1601", "MK1602", "MK1603", "MK1604", "MK1605"].includes(error.code)
  );
}
