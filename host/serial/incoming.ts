/**
 * Splits the bytes of a line into answers, for which a caller waits, and the console's free text. It buffers only bytes that
 * may still belong to an answer.
 */
import { byteStringOf } from "./bytes.ts";
import { type LineEnd, lineEnded } from "./line.ts";
import type { LineClock } from "./line-clock.ts";

/** Finds an answer in the received text, from `start` to before `end`. Returns undefined if it has not come yet. */
export type FindAnswer = (text: string) => { start: number; end: number } | undefined;

/** The limit on buffered bytes; older text is emitted as free text. The longest packet is 8 KiB. */
const PENDING_BYTES_MAX = 65_536;

interface Wait {
  readonly find: FindAnswer;
  settle(answer: string | undefined): void;
  fail(error: Error): void;
}

export class Incoming {
  readonly #lineName: string;
  readonly #clock: LineClock;
  readonly #onText: (text: string) => void;
  #pending = "";
  #wait: Wait | undefined;
  #end: LineEnd | undefined;

  /** `onText` is called with every byte that belongs to no answer, in order. */
  constructor(lineName: string, clock: LineClock, onText: (text: string) => void) {
    this.#lineName = lineName;
    this.#clock = clock;
    this.#onText = onText;
  }

  push(bytes: Uint8Array): void {
    this.#pending += byteStringOf(bytes);
    if (!this.#wait) this.flush();
    else this.#look(this.#wait);
  }

  end(end: LineEnd): void {
    this.#end = end;
    const wait = this.#wait;
    this.flush();
    wait?.fail(lineEnded(this.#lineName, end));
  }

  /** Emits the buffered text as free text. */
  flush(): void {
    const text = this.#pending;
    this.#pending = "";
    if (text) this.#onText(text);
  }

  /**
   * Resolves to the answer, or to undefined if it did not come in time. Only one call may wait at a time. To be called before
   * the question is written, so that no answer comes too early.
   *
   * @throws MK1604, MK1605 if the line ends.
   */
  answer(find: FindAnswer, timeoutMs: number): Promise<string | undefined> {
    if (this.#wait) throw new Error("Another call is waiting for an answer already.");
    if (this.#end) return Promise.reject(lineEnded(this.#lineName, this.#end));
    return new Promise((resolve, reject) => {
      const deadline = this.#clock.schedule(timeoutMs, () => wait.settle(undefined));
      const finish = () => {
        deadline.cancel();
        this.#wait = undefined;
      };
      const wait: Wait = {
        find,
        settle: (answer) => {
          finish();
          // Text right after an answer may belong to the next answer, whose question is written later.
          if (answer === undefined) this.flush();
          resolve(answer);
        },
        fail: (error) => {
          finish();
          reject(error);
        },
      };
      this.#wait = wait;
      this.#look(wait);
    });
  }

  #look(wait: Wait): void {
    const found = wait.find(this.#pending);
    if (found) {
      const before = this.#pending.slice(0, found.start);
      const answer = this.#pending.slice(found.start, found.end);
      this.#pending = this.#pending.slice(found.end);
      if (before) this.#onText(before);
      wait.settle(answer);
    } else if (this.#pending.length > PENDING_BYTES_MAX) {
      const surplus = this.#pending.length - PENDING_BYTES_MAX;
      this.#onText(this.#pending.slice(0, surplus));
      this.#pending = this.#pending.slice(surplus);
    }
  }
}

/** Finds the first match of a pattern, which must not have the flag g. */
export function matching(pattern: RegExp): FindAnswer {
  return (text) => {
    const match = pattern.exec(text);
    return match ? { start: match.index, end: match.index + match[0].length } : undefined;
  };
}
