/** A board's console, read as a person reads it: line by line, traces in the words of the sources, secrets hidden. */
import { textOf } from "../serial/bytes.ts";
import { plainLine } from "../serial/console-text.ts";
import { LiveConsole } from "../trace/live-console.ts";
import type { SourcePositions } from "../trace/source-positions.ts";
import type { DecodedTrace } from "../trace/trace-decoder.ts";

/** After so long without a byte, a line that has not ended is shown: it is a prompt, or what a person types. */
const UNFINISHED_MS = 60;
/** Alone it is no line. */
const PROMPT = ">";

export interface ConsoleSink {
  /** A line, without its end. */
  onLine(line: string): void;
  /** The beginning of a line that has not ended yet; `onLine` brings it again. */
  onUnfinished(text: string): void;
  onTrace(trace: DecodedTrace): void;
}

export interface ConsoleReaderOptions {
  /** Undefined: traces are shown as they come. */
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
        onText: (line) => this.#say(line),
        onTrace: (trace) => sink.onTrace(trace),
      });
  }

  /** What the console sent, a byte string in pieces of any size. */
  push(text: string): void {
    clearTimeout(this.#unfinished);
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
    if (this.#pending) this.#unfinished = setTimeout(() => this.#showUnfinished(), UNFINISHED_MS);
  }

  /** Gives on a line that nothing will end any more. */
  endLine(): void {
    clearTimeout(this.#unfinished);
    if (this.#pending && plainLine(this.#pending) !== PROMPT) this.#take(this.#pending);
    this.#pending = "";
    this.#console?.flush();
  }

  /** Gives on all that is held. */
  end(): void {
    this.endLine();
    this.#console?.end();
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
}
