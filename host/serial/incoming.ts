/**
 * What a line brings, as a byte string: somebody waits for an answer in it, and all else is the console's free text.
 * It holds what came and was not yet claimed, and no more than that.
 */
import { byteStringOf } from "./bytes.ts";
import { type LineEnd, lineEnded } from "./line.ts";
import type { LineClock } from "./line-clock.ts";

/** Where an answer lies in what came: from `start` to before `end`. Undefined: not yet there. */
export type FindAnswer = (text: string) => { start: number; end: number } | undefined;

/** What may lie before an answer; older text is given on as free text. The longest packet is 8 KiB. */
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

  /** `onText` gets every byte that belongs to no answer, in order. */
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

  /** Gives on as free text what no answer was found in. */
  flush(): void {
    const text = this.#pending;
    this.#pending = "";
    if (text) this.#onText(text);
  }

  /**
   * Resolves with the answer, or with undefined when it did not come in time. One wait at a time; call it before the
   * question is written, so that no answer is early.
   *
   * @throws MK1604, MK1605 where the line ends.
   */
  answer(find: FindAnswer, timeoutMs: number): Promise<string | undefined> {
    if (this.#wait) throw new Error("Somebody waits for an answer already.");
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
          // What follows an answer at once may belong to the next one, whose question is written after this.
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

/** The first match of a pattern, which must not have the flag g. */
export function matching(pattern: RegExp): FindAnswer {
  return (text) => {
    const match = pattern.exec(text);
    return match ? { start: match.index, end: match.index + match[0].length } : undefined;
  };
}
