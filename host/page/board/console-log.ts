/** What a board's console has said, as the page holds it. */

export type EntryKind = "text" | "trace" | "notice";

export interface ConsoleEntry {
  /** Counts up; a key for lists. */
  readonly serial: number;
  readonly kind: EntryKind;
  readonly text: string;
  readonly timeMs: number;
}

const ENTRIES_MAX = 2_000;

export class ConsoleLog {
  #entries: ConsoleEntry[] = [];
  #serial = 0;
  /** The beginning of a line that has not ended: a prompt, or what is being typed. */
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
