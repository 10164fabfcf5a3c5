/**
 * Espruino's console over a line: who is there, what is the value of an expression, run a statement.
 *
 * A console may be found in any state: at a prompt, with a half-typed line or an open template literal, with echo off,
 * in the midst of code, locked by a password. It is asked without harm first: ENQ (05) is answered on an empty line, by
 * releases from 2v25 on, and does nothing elsewhere. Then Ctrl-C (03) clears the line, and a statement prints what ENQ
 * would have been answered; DLE (10) at a line's start keeps it from being echoed. Packets come last, because older
 * releases take one for an open template literal.
 *
 * A console does not make lines of the free text, nor does it close the line that it was given.
 */
import { MotekitError } from "../errors.ts";
import { bytesOf } from "./bytes.ts";
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
  /** As `process.env.VERSION` has it: `2v29`, `2v29.277`. */
  readonly version: string;
  /** As `process.env.BOARD` has it: `ESP32`. */
  readonly board: string;
  /** Speaks binary packets: 2v25 and later. */
  readonly hasPackets: boolean;
}

export interface ConsoleOptions {
  readonly clock?: LineClock;
  /** Free text, as a byte string in pieces of any size. Must not throw. */
  readonly onText?: (text: string) => void;
  /** The line's end, once. Calls that wait reject by themselves. */
  readonly onEnd?: (end: LineEnd) => void;
}

const ENQ = "\x05";
const CTRL_C = "\x03";
/** Flow control of the board's, between answers. */
const XON = "\x11";
const XOFF = "\x13";
const IDENTITY = /Espruino (\d+v\d+\S*) (\S+)\r?\n/;
const IDENTITY_STATEMENT = 'print("Espruino "+process.env.VERSION+" "+process.env.BOARD)';
const LOCKED = /(?:Invalid password|password>)/;
const FIRST_RELEASE_WITH_PACKETS = { major: 2, minor: 25 };

const ENQ_ANSWER_MS_MAX = 600;
/** Ctrl-C takes effect when the code at hand ends; what comes before that is cleared with the line. */
const CTRL_C_PAUSE_MS = 150;
const STATEMENT_ANSWER_MS_MAX = 2_500;
/** An ESP32 waits up to 50 ms for the rest of a block; a whole one takes 22 ms at 115200 baud. */
const BLOCK_WAIT_MS_MIN = 10;
const TAIL_BYTES_MAX = 1024;
/** Between two Ctrl-C. Espruino for Linux ends at two within 5 s. */
const CTRL_C_EVERY_MS = 5_500;
/** A board may be opening a connection, which stops its interpreter for up to 18 s. */
export const RESPONSE_TIMEOUT_MS = 20_000;
/** Evaluating, reading flash, a garbage collection. A packet itself times out on the board after 5 s. */
export const ANSWER_MS_MAX = 8_000;

export class BoardConsole {
  readonly line: Line;
  readonly clock: LineClock;
  readonly #incoming: Incoming;
  readonly #textListeners = new Set<(text: string) => void>();
  #interpreter: Interpreter | undefined;
  #readsInBlocks = false;
  #bytesSeen = 0;
  /** The end of the free text. */
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

  /** Gives the free text to one more, from now on. Returns what ends it. */
  addTextListener(listener: (text: string) => void): () => void {
    this.#textListeners.add(listener);
    return () => void this.#textListeners.delete(listener);
  }

  /** Gives on as free text what came behind the last answer, before somebody else listens to the line. */
  release(): void {
    this.#incoming.flush();
  }

  /** The free text told of an exception since it was last taken. */
  get hasUncaught(): boolean {
    return UNCAUGHT.test(this.#tail);
  }

  /** The message of that exception. What a file's writing throws is told so, and not in the answer to its packet. */
  takeUncaught(): string | undefined {
    const message = UNCAUGHT.exec(this.#tail)?.[1];
    this.#tail = "";
    return message;
  }

  /** Keys that a person typed, or anything else that is not asked for an answer. @throws MK1604, MK1605. */
  type(byteString: string): Promise<void> {
    return this.line.write(bytesOf(byteString));
  }

  /** What was found by `identify`. Throws where nobody has asked. */
  get interpreter(): Interpreter {
    if (this.#interpreter) return this.#interpreter;
    throw new Error("The console was not identified yet.");
  }

  /**
   * Asks by ENQ alone, which does nothing to whatever is on the line. Undefined where nothing answered: it may still be
   * an Espruino, of an older release or in the midst of a line.
   */
  async enquire(): Promise<Interpreter | undefined> {
    return this.#identified(await this.ask(ENQ, matching(IDENTITY), ENQ_ANSWER_MS_MAX));
  }

  /** Whether the interpreter, which is known, takes a line now. One without ENQ is given a statement that does nothing. */
  async responds(): Promise<boolean> {
    if (this.interpreter.hasPackets) return (await this.enquire()) !== undefined;
    const mark = this.#mark();
    const statement = `${DLE}print(${mark.literal})\n`;
    return (await this.ask(statement, matching(new RegExp(mark.text)), ENQ_ANSWER_MS_MAX)) !== undefined;
  }

  /**
   * Finds the interpreter, whatever state its console is in, and leaves it at an empty line. What was typed and not run
   * is lost; code that runs is interrupted only if it does not let go.
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
   * Writes, and resolves with the first answer of that form, or undefined where none came in time.
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
    // Where the line ends both reject, with the same reason.
    const [value] = await Promise.all([answer, written]);
    return value;
  }

  /** The board waits for the rest of a block: what is sent had better fill whole ones. False until measured. */
  get readsInBlocks(): boolean {
    return this.#readsInBlocks;
  }

  /**
   * Finds out whether the board reads in blocks: then the answer to a packet that does not fill one is late. Nothing should
   * print meanwhile; an error costs time only.
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

  /** A packet's text, with spaces up to the end of a block where the board waits for that. */
  filledUp(text: string): string {
    return this.#readsInBlocks ? wholeBlocks(text) : text.padEnd(safeLength(text.length));
  }

  /**
   * The value of an expression (a byte string), as `E.toJS` writes it. By packet where the interpreter has them: nothing of it is echoed,
   * kept in the history, or printed in a stack trace.
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
    // A packet that lost bytes on its way is refused without a word.
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
   * The value of an expression that JSON can hold. It must do no harm when it is evaluated twice, as it is where the line
   * lost a byte of question or answer.
   *
   * @throws as `evaluate` and `identify`.
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
   * Runs a statement and resolves when it ended. It must not contain secrets: Espruino shows lines of its source in
   * stack traces.
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

  /** Printed at an end, and written so that its echo is not taken for it. */
  #mark(): { text: string; literal: string } {
    const number = ++this.#questions;
    return { text: `~mk-done${number}~`, literal: `"~mk-"+"done${number}~"` };
  }
}

const UNCAUGHT = /Uncaught ([^\r\n]*)\r?\n/;
/** The prompt is taken away before the text where the code itself threw, before the NAK where the interpreter did. */
const NAK_AND_ERROR = new RegExp(`${NAK}(?:\\r\\x1b\\[J)?${UNCAUGHT.source}`);
function uncaughtMessage(text: string): string {
  return UNCAUGHT.exec(text)?.[1] ?? text;
}

/** The first ACK or NAK: neither is part of any text that a console prints. */
export const findAcknowledgement = matching(new RegExp(`[${ACK}${NAK}]`));

/**
 * The whole answer to EVAL. Found in one piece, since what comes while nobody waits is free text.
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

function noAnswer(name: string, patienceMs: number, bytesSeen: number): MotekitError {
  const seconds = Math.round(patienceMs / 1000);
  if (bytesSeen === 0) {
    return new MotekitError({
      code: "MK1610",
      message: `Nothing on ${name} answers as Espruino does: not a byte came within ${seconds} s.`,
      remedy: "Check port, cable and --baud; a board without an interpreter yet has to be flashed first.",
    });
  }
  return new MotekitError({
    code: "MK1611",
    message: `${name} sends (${bytesSeen} bytes within ${seconds} s), but no interpreter answers.`,
    remedy:
      "Its program may never let go of the interpreter: press reset on the board and repeat at once. Else it is not " +
      "Espruino, or --baud is not the board's.",
  });
}

function consoleLocked(name: string): MotekitError {
  return new MotekitError({
    code: "MK1612",
    message: `The console on ${name} is locked by a password.`,
    remedy: "Press reset on the board, which unlocks it, or log in with a terminal first.",
  });
}

function threw(name: string, message: string): MotekitError {
  return new MotekitError({ code: "MK1613", message: `The board on ${name} threw: ${message}` });
}

function unanswered(name: string, timeoutMs: number): MotekitError {
  return new MotekitError({
    code: "MK1614",
    message: `The board on ${name} gave no answer within ${timeoutMs / 1000} s.`,
    remedy: "Repeat the command; if it stays so, press reset on the board.",
  });
}

function tooLong(name: string, lengthBytes: number): MotekitError {
  return new MotekitError({
    code: "MK1615",
    message: `An expression of ${lengthBytes} bytes is too long for ${name}: it takes ${PACKET_BYTES_MAX}.`,
    remedy: "Write it to a file of the board's Storage by `motekit files put`, and evaluate that.",
  });
}
