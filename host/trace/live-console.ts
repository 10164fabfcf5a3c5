/** A console that someone watches: traces are decoded, and nothing is held once the board falls silent. */
import type { SourcePositions } from "./source-positions.ts";
import { type DecodedSink, TraceDecoder } from "./trace-decoder.ts";

/** The lines of a trace come in one burst; at 9600 baud a line of 80 characters takes 85 ms. */
const SILENCE_MS = 250;

export class LiveConsole {
  readonly #decoder: TraceDecoder;
  #silence: NodeJS.Timeout | undefined;

  constructor(positions: SourcePositions, sink: DecodedSink) {
    this.#decoder = new TraceDecoder(positions, sink);
  }

  /** As of `TraceDecoder`. */
  get foreignCount(): number {
    return this.#decoder.foreignCount;
  }

  /** Takes text in any pieces. */
  push(text: string): void {
    this.#decoder.push(text);
    this.#awaitSilence();
  }

  /** Takes a whole line, without its end. */
  pushLine(line: string): void {
    this.#decoder.pushLine(line);
    this.#awaitSilence();
  }

  /** Gives on what is held of whole lines. */
  flush(): void {
    clearTimeout(this.#silence);
    this.#decoder.flush();
  }

  /** The last line, which nothing ended, too. Nothing comes after it by itself. */
  end(): void {
    clearTimeout(this.#silence);
    this.#decoder.end();
  }

  #awaitSilence(): void {
    clearTimeout(this.#silence);
    if (this.#decoder.isHolding) this.#silence = setTimeout(() => this.#decoder.flush(), SILENCE_MS);
  }
}
