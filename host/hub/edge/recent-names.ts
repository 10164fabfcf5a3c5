/**
 * Values by name, kept for at least a given time after they were last set. The number of names is bounded: with more names,
 * those that were set longest ago are dropped earlier. It keeps two generations, so that no search is necessary.
 */
const GENERATION_NAMES_MAX = 5_000;

export class RecentNames<Value> {
  readonly #keptMs: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  #turnedMs = 0;

  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(name: string): Value | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }

  set(name: string, value: Value, nowMs: number): void {
    if (nowMs - this.#turnedMs >= this.#keptMs || this.#young.size >= GENERATION_NAMES_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#turnedMs = nowMs;
    }
    this.#old.delete(name);
    this.#young.set(name, value);
  }

  delete(name: string): void {
    this.#young.delete(name);
    this.#old.delete(name);
  }
}
