/**
 * Watches a board's console until it is aborted, across resets and unplugging. It decodes stack traces and hides secrets.
 */
import { MotekitError } from "../errors.ts";
import { byteStringOf, bytesOf } from "../serial/bytes.ts";
import type { Line, LineEnd } from "../serial/line.ts";
import { ConsoleReader, type ConsoleReaderOptions, type ConsoleSink } from "./console-reader.ts";

const REOPEN_EVERY_MS = 500;

export interface MonitorSink extends ConsoleSink {
  /** Reports that the line to the board was lost, or is available again. */
  onNotice(text: string): void;
}

export interface MonitorOptions extends ConsoleReaderOptions {
  /** Opens the line again after the board was away. */
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
   * Watches the line until the signal is aborted. Resolves to the open line, which its caller has to close, or to undefined
   * if the board is away.
   */
  async run(first: Line): Promise<Line | undefined> {
    const { signal, sink } = this.#options;
    let line = first;
    for (;;) {
      const end = await this.#watch(line);
      if (signal.aborted) break;
      await line.close();
      sink.onNotice(
        `${line.name} ${end.reason === "unplugged" ? "was unplugged" : "was disconnected"}. Waiting for it to come back.`,
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

  /** Emits everything that is buffered, and stops listening. The line stays open. */
  end(): void {
    this.#line?.listen({ onBytes: () => undefined, onEnd: () => undefined });
    this.#line = undefined;
    this.#reader.end();
  }

  /** Types keys, given as a byte string. They are lost while the board is away. */
  type(keys: string): void {
    // If the line has ended, `run` already knows.
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
        if (!isTemporary(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, REOPEN_EVERY_MS));
    }
    return undefined;
  }

  /** Adds output of the console, a byte string in chunks of any size. */
  push(text: string): void {
    this.#reader.push(text);
  }
}

/** Whether an error may occur while a board comes back: its port is missing, busy, or lacks its permissions. */
function isTemporary(error: unknown): boolean {
  return (
    error instanceof MotekitError && ["MK1601", "MK1602", "MK1603", "MK1604", "MK1605"].includes(error.code)
  );
}
