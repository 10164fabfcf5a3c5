/** A board's console with its stack traces in the words of the sources. */
import { codeFrame } from "./code-frame.ts";
import type { ExactPlace, SourcePositions } from "./source-positions.ts";
import type { GeneratedPlace } from "./trace-line.ts";
import { type RawFrame, type RawTrace, TraceReader } from "./trace-reader.ts";

export interface DecodedFrame {
  /** The sources' name; undefined for an anonymous function and for code outside of functions. */
  readonly functionName: string | undefined;
  /** Undefined where the frame is none of the bundle's sources. */
  readonly source: ExactPlace | undefined;
  readonly generated: GeneratedPlace;
  /** As they came. */
  readonly lines: readonly string[];
}

export interface DecodedTrace {
  /** What stands behind `Uncaught`; undefined where the app printed the trace itself. */
  readonly message: string | undefined;
  /** Top first, without the callers that the build added, such as its promises, where they called all the others. */
  readonly frames: readonly DecodedFrame[];
  /** The source around the first frame that has one, with a caret; empty where its text is not to be had. */
  readonly codeFrame: readonly string[];
  /** All lines, as they came. */
  readonly lines: readonly string[];
}

export interface DecodedSink {
  onText(line: string): void;
  onTrace(trace: DecodedTrace): void;
}

/** A longer line of the console is given in pieces. */
const LINE_LENGTH_MAX = 65_536;

/** It keeps no time: whoever reads a live console calls `flush` when it falls silent. */
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

  /** True where lines are held until it is known whether they belong to a trace. */
  get isHolding(): boolean {
    return this.#reader.isHolding;
  }

  /** Traces that were given on as text, because no frame of theirs is in the sources. */
  get foreignCount(): number {
    return this.#foreignCount;
  }

  /** Takes text in any pieces. */
  push(text: string): void {
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) this.#reader.push(line);
    if (this.#pending.length > LINE_LENGTH_MAX) this.#pushPending();
  }

  /** Takes a whole line, without its end. */
  pushLine(line: string): void {
    this.#reader.push(line);
  }

  /** Gives on what is held of whole lines. */
  flush(): void {
    this.#reader.flush();
  }

  /** The last line, which nothing ended, too. */
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

/** Undefined where no frame is of the sources. */
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
  while (frames.at(-1)?.source === undefined && positions.isAdded((frames.at(-1) as DecodedFrame).generated)) {
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
  // Espruino, which gives a caret too, names a function as its caller called it, and points at the end of the call.
  const callIsKnown = frame.lines.length > 1 && caller && positions.placeOf(caller.place);
  if (callIsKnown) return positions.nameOf(name, caller.place);
  return positions.placeOf(frame.place) ? positions.nameOf(name, frame.place) : name;
}
