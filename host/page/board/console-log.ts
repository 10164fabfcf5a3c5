/** The output of a board's console, as the page keeps it. */

export type EntryKind = "text" | "trace" | "notice";

export interface ConsoleEntry {
  /** A number that increases with each entry, used as a list key. */
  readonly serial: number;
  readonly kind: EntryKind;
  readonly text: string;
  readonly timeMs: number;
}

const ENTRIES_MAX = 2_000;

export class ConsoleLog {
  #entries: ConsoleEntry[] = [];
  #serial = 0;
  /** The current unfinished line, such as a prompt with typed text. */
  unfinished = "";

  get entries(): readonly ConsoleEntry[] {
    return this.#entries;
  }

  add(kind: EntryKind, text: string): void {
    this.unfinished = "";
    this.#serial++;
    this.#entries.push({ serial: this.#serial, kind, text, timeMs: Date.now() });
    if (this.#entries.length > ENTRIES_MAX) this.#entries = this.#entries.slice(-ENTRIES_MAX);
  }

  clear(): void {
    this.#entries = [];
  }
}
