/** Decodes the stack traces in a board's console to places in the sources. */
import { codeFrame } from "./code-frame.ts";
import type { ExactPlace, SourcePositions } from "./source-positions.ts";
import type { GeneratedPlace } from "./trace-line.ts";
import { type RawFrame, type RawTrace, TraceReader } from "./trace-reader.ts";

export interface DecodedFrame {
  /** The original name; undefined for anonymous functions and for code outside of functions. */
  readonly functionName: string | undefined;
  /** Undefined if the frame is not in the bundle's sources. */
  readonly source: ExactPlace | undefined;
  readonly generated: GeneratedPlace;
  /** The unchanged lines of the frame. */
  readonly lines: readonly string[];
}

export interface DecodedTrace {
  /** The text after `Uncaught`; undefined if the app printed the trace itself. */
  readonly message: string | undefined;
  /** The frames, top first. Outermost callers that the build added, such as its promises, are left out. */
  readonly frames: readonly DecodedFrame[];
  /** The source around the first frame that has one, with a caret; empty if its text is not available. */
  readonly codeFrame: readonly string[];
  /** All lines, unchanged. */
  readonly lines: readonly string[];
}

export interface DecodedSink {
  onText(line: string): void;
  onTrace(trace: DecodedTrace): void;
}

/** A longer line of the console is split. */
const LINE_LENGTH_MAX = 65_536;

/** It has no clock: the reader of a live console calls `flush` when the board stops printing. */
export class TraceDecoder {
  readonly #reader: TraceReader;
  #pending = "";
  #foreignCount = 0;

  constructor(positions: SourcePositions, sink: DecodedSink) {
    this.#reader = new TraceReader({
      onText: (line) => sink.onText(line),
      onTrace: (trace) => {
        const decoded = decodeTrace(trace, positions);
        if (decoded) return sink.onTrace(decoded);
        this.#foreignCount++;
        for (const line of trace.lines) sink.onText(line);
      },
    });
  }

  /** Whether lines are buffered that may belong to a trace. */
  get isHolding(): boolean {
    return this.#reader.isHolding;
  }

  /** The number of traces that were emitted as text, because none of their frames is in the sources. */
  get foreignCount(): number {
    return this.#foreignCount;
  }

  /** Adds text in chunks of any size. */
  push(text: string): void {
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) this.#reader.push(line);
    if (this.#pending.length > LINE_LENGTH_MAX) this.#pushPending();
  }

  /** Adds a line, without its line break. */
  pushLine(line: string): void {
    this.#reader.push(line);
  }

  /** Emits the lines that are buffered. */
  flush(): void {
    this.#reader.flush();
  }

  /** Emits everything, including an unfinished line. */
  end(): void {
    if (this.#pending) this.#pushPending();
    this.flush();
  }

  #pushPending(): void {
    const line = this.#pending;
    this.#pending = "";
    this.#reader.push(line);
  }
}

/** Returns undefined if no frame is in the sources. */
function decodeTrace(trace: RawTrace, positions: SourcePositions): DecodedTrace | undefined {
  const frames = trace.frames.map((frame, index): DecodedFrame => {
    const source = positions.placeOf(frame.place);
    const { place: generated, lines } = frame;
    return { functionName: nameOf(frame, trace.frames[index + 1], positions), source, generated, lines };
  });
  const top = frames.find((frame) => frame.source);
  if (!top?.source) return undefined;
  const lines = positions.sourceLines(top.generated);
  const code = lines ? codeFrame(lines, top.source) : [];
  while (
    frames.at(-1)?.source === undefined &&
    positions.isAdded((frames.at(-1) as DecodedFrame).generated)
  ) {
    frames.pop();
  }
  return { message: trace.message, frames, codeFrame: code, lines: trace.lines };
}

function nameOf(
  frame: RawFrame,
  caller: RawFrame | undefined,
  positions: SourcePositions,
): string | undefined {
  const name = frame.functionName;
  if (name === undefined) return undefined;
  // Espruino, which prints a caret, uses the name in the caller's code, and points at the end of the call.
  const callIsKnown = frame.lines.length > 1 && caller && positions.placeOf(caller.place);
  if (callIsKnown) return positions.nameOf(name, caller.place);
  return positions.placeOf(frame.place) ? positions.nameOf(name, frame.place) : name;
}
