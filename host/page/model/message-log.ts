import type { LoggedMessage } from "./message.ts";

export const MESSAGES_MAX = 10_000;
export const ROWS_MAX = 200;

/** The newest messages, up to a limit. */
export class MessageLog {
  /** A ring buffer. The next message is written at `#next`. */
  #ring: LoggedMessage[] = [];
  #next = 0;
  #total = 0;

  /** The number of messages ever added. */
  get total(): number {
    return this.#total;
  }

  get size(): number {
    return this.#ring.length;
  }

  add(message: Omit<LoggedMessage, "serial">): LoggedMessage {
    const logged = { ...message, serial: this.#total++ };
    this.#ring[this.#next] = logged;
    this.#next = (this.#next + 1) % MESSAGES_MAX;
    return logged;
  }

  clear(): void {
    this.#ring = [];
    this.#next = 0;
  }

  /** Up to `rowsMax` messages before the serial whose topic or text contains each word of the filter, newest first. */
  newest(filter: string, beforeSerial = Number.POSITIVE_INFINITY, rowsMax = ROWS_MAX): LoggedMessage[] {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    return this.#find((message) => matches(message, words), beforeSerial, rowsMax);
  }

  /** Up to `rowsMax` messages before the serial with exactly this topic, newest first. */
  ofTopic(topic: string, beforeSerial: number, rowsMax: number): LoggedMessage[] {
    return this.#find((message) => message.topic === topic, beforeSerial, rowsMax);
  }

  /** A copy that does not change. */
  copy(): MessageLog {
    const copy = new MessageLog();
    copy.#ring = [...this.#ring];
    copy.#next = this.#next;
    copy.#total = this.#total;
    return copy;
  }

  #find(
    isWanted: (message: LoggedMessage) => boolean,
    beforeSerial: number,
    rowsMax: number,
  ): LoggedMessage[] {
    const found: LoggedMessage[] = [];
    for (let back = 1; back <= this.#ring.length && found.length < rowsMax; back++) {
      const message = this.#ring[(this.#next - back + MESSAGES_MAX) % MESSAGES_MAX] as LoggedMessage;
      if (message.serial < beforeSerial && isWanted(message)) found.push(message);
    }
    return found;
  }
}

function matches(message: LoggedMessage, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = `${message.topic} ${message.payload.text ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
