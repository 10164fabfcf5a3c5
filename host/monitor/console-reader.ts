/** Reads a board's console line by line, decodes stack traces, and hides secrets. */
import { textOf } from "../serial/bytes.ts";
import { plainLine } from "../serial/console-text.ts";
import { LiveConsole } from "../trace/live-console.ts";
import type { SourcePositions } from "../trace/source-positions.ts";
import type { DecodedTrace } from "../trace/trace-decoder.ts";

/** The pause after which an unfinished line is shown, because it is a prompt or a person's input. */
const UNFINISHED_MS = 60;
/** A prompt alone is not shown as a line. */
const PROMPT = ">";

export interface ConsoleSink {
  /** A line, without its line break. */
  onLine(line: string): void;
  /** The beginning of an unfinished line. `onLine` is later called with the whole line. */
  onUnfinished(text: string): void;
  onTrace(trace: DecodedTrace): void;
}

export interface ConsoleReaderOptions {
  /** If undefined, stack traces are shown as they come. */
  readonly positions: SourcePositions | undefined;
  readonly redact: (line: string) => string;
  readonly sink: ConsoleSink;
}

export class ConsoleReader {
  readonly #options: ConsoleReaderOptions;
  readonly #console: LiveConsole | undefined;
  #pending = "";
  #unfinished: NodeJS.Timeout | undefined;

  constructor(options: ConsoleReaderOptions) {
    const { positions, sink } = options;
    this.#options = options;
    this.#console =
      positions &&
      new LiveConsole(positions, {
        onText: (line) => this.#emitLine(line),
        onTrace: (trace) => sink.onTrace(trace),
      });
  }

  /** Adds output of the console, a byte string in chunks of any size. */
  push(text: string): void {
    clearTimeout(this.#unfinished);
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) this.#handleLine(line);
    if (this.#pending) this.#unfinished = setTimeout(() => this.#showUnfinished(), UNFINISHED_MS);
  }

  /** Emits the unfinished line, because its end will not come. */
  endLine(): void {
    clearTimeout(this.#unfinished);
    if (this.#pending && plainLine(this.#pending) !== PROMPT) this.#handleLine(this.#pending);
    this.#pending = "";
    this.#console?.flush();
  }

  /** Emits everything that is buffered. */
  end(): void {
    this.endLine();
    this.#console?.end();
  }

  #handleLine(line: string): void {
    const text = textOf(plainLine(line));
    if (this.#console) this.#console.pushLine(text);
    else this.#emitLine(text);
  }

  #emitLine(line: string): void {
    this.#options.sink.onLine(this.#options.redact(line));
  }

  #showUnfinished(): void {
    this.#console?.flush();
    this.#options.sink.onUnfinished(this.#options.redact(textOf(plainLine(this.#pending))));
  }
}
