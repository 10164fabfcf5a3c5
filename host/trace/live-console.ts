/** Decodes the stack traces of a live console, and emits everything when the board stops printing. */
import type { SourcePositions } from "./source-positions.ts";
import { type DecodedSink, TraceDecoder } from "./trace-decoder.ts";

/** The pause after which a trace is complete. Its lines come in one burst; at 9600 baud a line of 80 characters takes 85 ms. */
const SILENCE_MS = 250;

export class LiveConsole {
  readonly #decoder: TraceDecoder;
  #silence: NodeJS.Timeout | undefined;

  constructor(positions: SourcePositions, sink: DecodedSink) {
    this.#decoder = new TraceDecoder(positions, sink);
  }

  /** The same as `TraceDecoder.foreignCount`. */
  get foreignCount(): number {
    return this.#decoder.foreignCount;
  }

  /** Adds text in chunks of any size. */
  push(text: string): void {
    this.#decoder.push(text);
    this.#awaitSilence();
  }

  /** Adds a line, without its line break. */
  pushLine(line: string): void {
    this.#decoder.pushLine(line);
    this.#awaitSilence();
  }

  /** Emits the lines that are buffered. */
  flush(): void {
    clearTimeout(this.#silence);
    this.#decoder.flush();
  }

  /** Emits everything, including an unfinished line. */
  end(): void {
    clearTimeout(this.#silence);
    this.#decoder.end();
  }

  #awaitSilence(): void {
    clearTimeout(this.#silence);
    if (this.#decoder.isHolding) this.#silence = setTimeout(() => this.#decoder.flush(), SILENCE_MS);
  }
}
