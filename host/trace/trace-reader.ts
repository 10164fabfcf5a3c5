/**
 * Finds the stack traces in a board's console, line by line. A trace ends at a line that cannot belong to it, so its last lines
 * are buffered until then. The reader of a live console calls `flush` when the board stops printing.
 *
 * It does not change text: lines that do not belong to a trace are emitted unchanged and in order.
 */
import { type GeneratedPlace, logPrefix, parseTraceLine, type TraceLine } from "./trace-line.ts";

export interface RawFrame {
  /** The name in the bundle; undefined if the interpreter prints none. */
  readonly functionName: string | undefined;
  readonly place: GeneratedPlace;
  /** The frame's line, and the source line and caret below it. */
  readonly lines: readonly string[];
}

export interface RawTrace {
  /** The text after `Uncaught`, which may have several lines; undefined if the app printed the trace itself. */
  readonly message: string | undefined;
  /** The frames, top first; never empty. */
  readonly frames: readonly RawFrame[];
  /** All lines, unchanged. */
  readonly lines: readonly string[];
}

export interface TraceSink {
  onText(line: string): void;
  onTrace(trace: RawTrace): void;
}

/** The limit on the lines of a message. A longer one is text. */
const MESSAGE_LINES_MAX = 8;
/** The limit on frames. Further frames are a new trace. */
const FRAMES_MAX = 64;

interface OpenFrame {
  functionName: string | undefined;
  readonly place: GeneratedPlace;
  readonly lines: string[];
}

export class TraceReader {
  readonly #sink: TraceSink;
  #message: string[] | undefined;
  /** The unchanged lines of the message. */
  #head: string[] = [];
  #frames: OpenFrame[] = [];
  /** Lines that belong to no frame, such as `in function called from system`. */
  #tail: string[] = [];
  /** A line that is the source line of the last frame if a caret follows. */
  #candidate: string | undefined;
  /** The prefix of the log before each line of this trace. */
  #prefix: RegExp | undefined;

  constructor(sink: TraceSink) {
    this.#sink = sink;
  }

  /** Whether lines are buffered. */
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

  /** Emits the buffered lines as a trace or as text. */
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
