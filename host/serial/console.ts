/**
 * Espruino's console over a line: identifies the interpreter, evaluates expressions and runs statements.
 *
 * A console may be found in any state: at a prompt, with a half-typed line or an open template literal, with echo off,
 * while code runs, or locked by a password. First ENQ (05) is sent, which releases from 2v25 on answer on an empty line, and
 * which does nothing elsewhere. Then Ctrl-C (03) clears the line, and a statement prints the same answer; DLE (10) at the start
 * of a line suppresses its echo. Packets come last, because older releases treat one as an open template literal.
 *
 * A console does not split the free text into lines, and does not close its line.
 */
import { MotekitError } from "../errors.ts";
import { bytesOf } from "./bytes.ts";
import { consoleLocked, noAnswer, threw, tooLong, unanswered } from "./console-errors.ts";
import { Incoming, matching } from "./incoming.ts";
import type { Line, LineEnd } from "./line.ts";
import { type LineClock, pause, systemClock } from "./line-clock.ts";
import { parseStringLiteral } from "./literal.ts";
import {
  ACK,
  DLE,
  encodePacket,
  findResponse,
  NAK,
  PACKET_BYTES_MAX,
  packetData,
  safeLength,
  wholeBlocks,
} from "./packet.ts";

export interface Interpreter {
  /** The value of `process.env.VERSION`, such as `2v29` or `2v29.277`. */
  readonly version: string;
  /** The value of `process.env.BOARD`, such as `ESP32`. */
  readonly board: string;
  /** Whether it supports binary packets, as releases from 2v25 on do. */
  readonly hasPackets: boolean;
}

export interface ConsoleOptions {
  readonly clock?: LineClock;
  /** Called with free text, a byte string in chunks of any size. Must not throw. */
  readonly onText?: (text: string) => void;
  /** Called once when the line has ended. Pending calls reject by themselves. */
  readonly onEnd?: (end: LineEnd) => void;
}

const ENQ = "\x05";
const CTRL_C = "\x03";
/** Flow control characters of the board, between answers. */
const XON = "\x11";
const XOFF = "\x13";
const IDENTITY = /Espruino (\d+v\d+\S*) (\S+)\r?\n/;
const IDENTITY_STATEMENT = 'print("Espruino "+process.env.VERSION+" "+process.env.BOARD)';
const LOCKED = /(?:Invalid password|password>)/;
const FIRST_RELEASE_WITH_PACKETS = { major: 2, minor: 25 };

const ENQ_ANSWER_MS_MAX = 600;
/** Ctrl-C takes effect when the running code ends. Input before that is cleared with the line. */
const CTRL_C_PAUSE_MS = 150;
const STATEMENT_ANSWER_MS_MAX = 2_500;
/** An ESP32 waits up to 50 ms for the rest of a block; a full block takes 22 ms at 115200 baud. */
const BLOCK_WAIT_MS_MIN = 10;
const TAIL_BYTES_MAX = 1024;
/** The time between two Ctrl-C. Espruino for Linux ends at two within 5 s. */
const CTRL_C_EVERY_MS = 5_500;
/** The time to wait for a response. Opening a connection can block a board's interpreter for up to 18 s. */
export const RESPONSE_TIMEOUT_MS = 20_000;
/** The time for evaluating, reading flash, and garbage collection. A packet times out on the board after 5 s. */
export const ANSWER_MS_MAX = 8_000;

export class BoardConsole {
  readonly line: Line;
  readonly clock: LineClock;
  readonly #incoming: Incoming;
  readonly #textListeners = new Set<(text: string) => void>();
  #interpreter: Interpreter | undefined;
  #readsInBlocks = false;
  #bytesSeen = 0;
  /** The last part of the free text. */
  #tail = "";
  #questions = 0;

  constructor(line: Line, options: ConsoleOptions = {}) {
    this.line = line;
    this.clock = options.clock ?? systemClock;
    if (options.onText) this.#textListeners.add(options.onText);
    this.#incoming = new Incoming(line.name, this.clock, (text) => this.#free(text));
    line.listen({
      onBytes: (bytes) => {
        this.#bytesSeen += bytes.length;
        this.#incoming.push(bytes);
      },
      onEnd: (end) => {
        this.#incoming.end(end);
        options.onEnd?.(end);
      },
    });
  }

  #free(text: string): void {
    const plain = text.replaceAll(XON, "").replaceAll(XOFF, "");
    if (!plain) return;
    this.#tail = (this.#tail + plain).slice(-TAIL_BYTES_MAX);
    for (const listener of this.#textListeners) listener(plain);
  }

  /** Adds a listener to the free text. Returns a function that removes it. */
  addTextListener(listener: (text: string) => void): () => void {
    this.#textListeners.add(listener);
    return () => void this.#textListeners.delete(listener);
  }

  /** Emits what came after the last answer as free text, before another listener takes over the line. */
  release(): void {
    this.#incoming.flush();
  }

  /** Whether the free text has reported an exception since `takeUncaught`. */
  get hasUncaught(): boolean {
    return UNCAUGHT.test(this.#tail);
  }

  /** Takes the message of that exception. Exceptions of writing a file are reported there, not in the packet's answer. */
  takeUncaught(): string | undefined {
    const message = UNCAUGHT.exec(this.#tail)?.[1];
    this.#tail = "";
    return message;
  }

  /** Sends keys that a person typed, or other input without an answer. @throws MK1604, MK1605. */
  type(byteString: string): Promise<void> {
    return this.line.write(bytesOf(byteString));
  }

  /** The interpreter that `identify` found. Throws if it was not called. */
  get interpreter(): Interpreter {
    if (this.#interpreter) return this.#interpreter;
    throw new Error("The console has not been identified yet.");
  }

  /**
   * Asks by ENQ only, which does no harm to any device. Resolves to undefined without an answer: it may still be Espruino, of
   * an older release or with a half-typed line.
   */
  async enquire(): Promise<Interpreter | undefined> {
    return this.#identified(await this.ask(ENQ, matching(IDENTITY), ENQ_ANSWER_MS_MAX));
  }

  /** Whether the identified interpreter accepts input now. One without ENQ gets a statement that does nothing. */
  async responds(): Promise<boolean> {
    if (this.interpreter.hasPackets) return (await this.enquire()) !== undefined;
    const mark = this.#mark();
    const statement = `${DLE}print(${mark.literal})\n`;
    return (await this.ask(statement, matching(new RegExp(mark.text)), ENQ_ANSWER_MS_MAX)) !== undefined;
  }

  /**
   * Finds the interpreter in any state of its console, and leaves it at an empty line. Unfinished input is lost. Running code
   * is interrupted only if it blocks the interpreter.
   *
   * @throws MK1610 nothing came, MK1611 something came but no answer, MK1612 locked.
   */
  async identify(patienceMs: number = RESPONSE_TIMEOUT_MS): Promise<Interpreter> {
    this.#bytesSeen = 0;
    const deadline = this.clock.uptimeMs() + patienceMs;
    const found = await this.enquire();
    if (found) return found;
    for (;;) {
      const asked = this.clock.uptimeMs();
      await this.type(CTRL_C);
      await pause(this.clock, CTRL_C_PAUSE_MS);
      const answer = await this.ask(
        `${DLE}${IDENTITY_STATEMENT}\n`,
        (text) => matching(IDENTITY)(text) ?? matching(LOCKED)(text),
        STATEMENT_ANSWER_MS_MAX,
      );
      if (answer !== undefined && LOCKED.test(answer)) throw consoleLocked(this.line.name);
      const interpreter = this.#identified(answer);
      if (interpreter) return interpreter;
      const next = asked + CTRL_C_EVERY_MS;
      if (next >= deadline) throw noAnswer(this.line.name, patienceMs, this.#bytesSeen);
      await pause(this.clock, next - this.clock.uptimeMs());
    }
  }

  #identified(answer: string | undefined): Interpreter | undefined {
    const [, version = "", board = ""] = IDENTITY.exec(answer ?? "") ?? [];
    if (!version) return undefined;
    this.#interpreter = { version, board, hasPackets: hasPackets(version) };
    return this.#interpreter;
  }

  /**
   * Writes a question, and resolves to the first answer that `find` finds, or to undefined if none came in time.
   *
   * @throws MK1604, MK1605.
   */
  async ask(
    question: string | Uint8Array,
    find: Parameters<Incoming["answer"]>[0],
    timeoutMs: number,
  ): Promise<string | undefined> {
    this.#incoming.flush();
    const answer = this.#incoming.answer(find, timeoutMs);
    const written = this.line.write(typeof question === "string" ? bytesOf(question) : question);
    // If the line ends, both reject with the same reason.
    const [value] = await Promise.all([answer, written]);
    return value;
  }

  /** Whether the board waits for the rest of a block, so that data should fill whole blocks. False until measured. */
  get readsInBlocks(): boolean {
    return this.#readsInBlocks;
  }

  /**
   * Measures whether the board reads in blocks: then the answer to a packet that does not fill one is late. Output of the app
   * can falsify the result, which only costs time.
   *
   * @throws MK1614 no answer.
   */
  async measureReads(): Promise<void> {
    if (!this.interpreter.hasPackets) return;
    const timed = async (expression: string): Promise<number> => {
      const asked = this.clock.uptimeMs();
      await this.#evaluateByPacket(expression, ANSWER_MS_MAX);
      return this.clock.uptimeMs() - asked;
    };
    this.#readsInBlocks = false;
    const filledMs = await timed(wholeBlocks("1"));
    this.#readsInBlocks = (await timed("1")) > filledMs + BLOCK_WAIT_MS_MIN;
  }

  /** Pads a packet's text with spaces to the end of a block if the board waits for that. */
  filledUp(text: string): string {
    return this.#readsInBlocks ? wholeBlocks(text) : text.padEnd(safeLength(text.length));
  }

  /**
   * Evaluates an expression (a byte string), and resolves to its value as `E.toJS` writes it. If the interpreter has packets,
   * the expression is not echoed, kept in the history, or printed in a stack trace.
   *
   * @throws MK1613 the expression throws, MK1614 no answer, MK1615 too long.
   */
  async evaluate(expression: string, timeoutMs: number = ANSWER_MS_MAX): Promise<string> {
    return this.interpreter.hasPackets
      ? this.#evaluateByPacket(expression, timeoutMs)
      : this.#evaluateByText(expression, timeoutMs);
  }

  async #evaluateByPacket(expression: string, timeoutMs: number): Promise<string> {
    const data = bytesOf(this.filledUp(expression));
    if (data.length > PACKET_BYTES_MAX) throw tooLong(this.line.name, data.length);
    const answer = await this.ask(encodePacket("eval", data), findValueOrError, timeoutMs);
    // A packet that lost bytes is refused without a message.
    if (answer === undefined) throw unanswered(this.line.name, timeoutMs);
    if (answer.startsWith(NAK)) throw threw(this.line.name, uncaughtMessage(answer));
    return packetData(answer.slice(ACK.length));
  }

  async #evaluateByText(expression: string, timeoutMs: number): Promise<string> {
    const mark = this.#mark();
    const statement = `${DLE}print(${mark.literal}+E.toJS(${expression})+${mark.literal})\n`;
    const answer = await this.ask(
      statement,
      (text) => enclosed(mark.text)(text) ?? matching(UNCAUGHT)(text),
      timeoutMs,
    );
    if (answer === undefined) throw unanswered(this.line.name, timeoutMs);
    if (!answer.startsWith(mark.text)) throw threw(this.line.name, uncaughtMessage(answer));
    return answer.slice(mark.text.length, -mark.text.length);
  }

  /**
   * Evaluates an expression whose value JSON can represent. It must be safe to evaluate twice, which happens if the line lost
   * a byte.
   *
   * Throws like `evaluate` and `identify`.
   */
  async evaluateJson<Value>(expression: string, timeoutMs: number = ANSWER_MS_MAX): Promise<Value> {
    const question = `JSON.stringify(${expression})`;
    try {
      return this.#jsonOf(await this.evaluate(question, timeoutMs), timeoutMs);
    } catch (error) {
      if (!(error instanceof MotekitError && error.code === "MK1614")) throw error;
      await this.identify();
      return this.#jsonOf(await this.evaluate(question, timeoutMs), timeoutMs);
    }
  }

  #jsonOf<Value>(literal: string, timeoutMs: number): Value {
    const json = parseStringLiteral(literal);
    if (json === undefined) throw unanswered(this.line.name, timeoutMs);
    return JSON.parse(json) as Value;
  }

  /**
   * Runs a statement and resolves when it has ended. It must not contain secrets, because Espruino shows source lines in stack
   * traces.
   *
   * @throws MK1613 it throws, MK1614 it does not end in time.
   */
  async run(statement: string, timeoutMs: number = ANSWER_MS_MAX): Promise<void> {
    const mark = this.#mark();
    const answer = await this.ask(
      `${DLE}${statement};print(${mark.literal})\n`,
      (text) => matching(UNCAUGHT)(text) ?? matching(new RegExp(mark.text))(text),
      timeoutMs,
    );
    if (answer === undefined) throw unanswered(this.line.name, timeoutMs);
    if (answer !== mark.text) throw threw(this.line.name, uncaughtMessage(answer));
  }

  /** A mark to print at the end of a statement. The literal is split, so that its echo does not match. */
  #mark(): { text: string; literal: string } {
    const number = ++this.#questions;
    return { text: `~mk-done${number}~`, literal: `"~mk-"+"done${number}~"` };
  }
}

const UNCAUGHT = /Uncaught ([^\r\n]*)\r?\n/;
/** The prompt is erased before the text if the code threw, or before the NAK if the interpreter did. */
const NAK_AND_ERROR = new RegExp(`${NAK}(?:\\r\\x1b\\[J)?${UNCAUGHT.source}`);
function uncaughtMessage(text: string): string {
  return UNCAUGHT.exec(text)?.[1] ?? text;
}

/** Finds the first ACK or NAK. Neither occurs in a console's text. */
export const findAcknowledgement = matching(new RegExp(`[${ACK}${NAK}]`));

/**
 * Finds the whole answer to EVAL at once, because bytes without a pending question are free text.
 */
function findValueOrError(text: string): { start: number; end: number } | undefined {
  const refused = matching(NAK_AND_ERROR)(text);
  if (refused) return refused;
  const start = text.indexOf(ACK + DLE);
  const response = start < 0 ? undefined : findResponse(text.slice(start));
  return response && { start, end: start + response.end };
}

function enclosed(mark: string): (text: string) => { start: number; end: number } | undefined {
  return (text) => {
    const start = text.indexOf(mark);
    const last = start < 0 ? -1 : text.indexOf(mark, start + mark.length);
    return last < 0 ? undefined : { start, end: last + mark.length };
  };
}

function hasPackets(version: string): boolean {
  const [major = 0, minor = 0] = version.split(/[v.]/).map(Number);
  const first = FIRST_RELEASE_WITH_PACKETS;
  return major > first.major || (major === first.major && minor >= first.minor);
}
