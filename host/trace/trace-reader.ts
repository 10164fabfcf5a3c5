/**
 * Finds the stack traces in a board's console, line by line. A trace ends where a line comes that cannot belong to it,
 * so its last lines are held until then: whoever reads a live console calls `flush` when it falls silent.
 *
 * It does not change text: the lines of what is no trace, or proves to be none, are given on as they came, in order.
 */
import { type GeneratedPlace, logPrefix, parseTraceLine, type TraceLine } from "./trace-line.ts";

export interface RawFrame {
  /** As the bundle has it; undefined where the interpreter gives none. */
  readonly functionName: string | undefined;
  readonly place: GeneratedPlace;
  /** The frame's own line, and the source line and caret below it. */
  readonly lines: readonly string[];
}

export interface RawTrace {
  /** What stands behind `Uncaught`; undefined where the app printed a trace itself. It may have several lines. */
  readonly message: string | undefined;
  /** Top first; never empty. */
  readonly frames: readonly RawFrame[];
  /** All lines, as they came. */
  readonly lines: readonly string[];
}

export interface TraceSink {
  onText(line: string): void;
  onTrace(trace: RawTrace): void;
}

/** A message may have line feeds of its own; a longer one is text. */
const MESSAGE_LINES_MAX = 8;
/** More of them are a trace of their own. */
const FRAMES_MAX = 64;

interface OpenFrame {
  functionName: string | undefined;
  readonly place: GeneratedPlace;
  readonly lines: string[];
}

export class TraceReader {
  readonly #sink: TraceSink;
  #message: string[] | undefined;
  /** Lines of the message, as they came. */
  #head: string[] = [];
  #frames: OpenFrame[] = [];
  /** Lines that belong to no frame: `in function called from system`. */
  #tail: string[] = [];
  /** May be the source line of the last frame: the caret decides. */
  #candidate: string | undefined;
  /** What the log has before each line of this trace. */
  #prefix: RegExp | undefined;

  constructor(sink: TraceSink) {
    this.#sink = sink;
  }

  /** True where lines are held. */
  get isHolding(): boolean {
    return this.#head.length > 0 || this.#frames.length > 0;
  }

  push(line: string): void {
    const parsed = this.#parse(line);
    switch (parsed.kind) {
      case "uncaught":
        this.#message = [parsed.message];
        this.#head = [line];
        return;
      case "frame":
        if (this.#tail.length > 0 || this.#candidate !== undefined || this.#frames.length >= FRAMES_MAX) {
          this.#giveOn();
        }
        this.#frames.push({ functionName: parsed.functionName, place: parsed.place, lines: [line] });
        return;
      case "place":
        if (this.#frames.length > 0) this.#giveOn();
        this.#frames.push({ functionName: undefined, place: parsed.place, lines: [line] });
        return;
      case "caller":
        this.#pushCaller(parsed, line);
        return;
      case "caret":
        this.#pushCaret(line);
        return;
      case "text":
        this.#pushText(line);
        return;
    }
  }

  #parse(line: string): TraceLine {
    const plain = parseTraceLine(line, this.#prefix);
    if (plain.kind !== "text" && plain.kind !== "uncaught") return plain;
    const prefix = logPrefix(line);
    if (!prefix && plain.kind === "text") return plain;
    // Another trace begins, whose prefix is another one.
    this.flush();
    this.#prefix = prefix;
    return parseTraceLine(line, prefix);
  }

  /** What is held is given on: nothing more belongs to it. */
  flush(): void {
    this.#giveOn();
    this.#prefix = undefined;
  }

  #giveOn(): void {
    const candidate = this.#candidate;
    const { message, lines } = { message: this.#message?.join("\n"), lines: this.#head };
    const [frames, tail] = [this.#frames, this.#tail];
    this.#message = undefined;
    this.#head = [];
    this.#frames = [];
    this.#tail = [];
    this.#candidate = undefined;
    if (frames.length > 0) {
      this.#sink.onTrace({
        message,
        frames,
        lines: [...lines, ...frames.flatMap((frame) => frame.lines), ...tail],
      });
    } else for (const line of lines) this.#sink.onText(line);
    if (candidate !== undefined) this.#sink.onText(candidate);
  }

  #pushCaller(caller: TraceLine & { kind: "caller" }, line: string): void {
    const before = this.#frames.at(-1);
    if (!before || this.#candidate !== undefined || this.#frames.length >= FRAMES_MAX) {
      this.#pushText(line);
      return;
    }
    before.functionName = caller.functionName;
    if (caller.place) this.#frames.push({ functionName: undefined, place: caller.place, lines: [line] });
    else this.#tail.push(line);
  }

  #pushCaret(line: string): void {
    const frame = this.#frames.at(-1);
    if (!frame || this.#candidate === undefined) {
      this.#pushText(line);
      return;
    }
    frame.lines.push(this.#candidate, line);
    this.#candidate = undefined;
  }

  #pushText(line: string): void {
    const frame = this.#frames.at(-1);
    if (!frame) {
      if (this.#message && this.#message.length < MESSAGE_LINES_MAX) {
        this.#message.push(line);
        this.#head.push(line);
        return;
      }
      this.flush();
    } else if (frame.lines.length === 1 && this.#tail.length === 0 && this.#candidate === undefined) {
      this.#candidate = line;
      return;
    } else this.flush();
    this.#sink.onText(line);
  }
}
