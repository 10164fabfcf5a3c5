/** Messages and their acknowledgements may be ever so many; the rest of a connection is seldom, and tells more. */
export type LimitedKind = "message" | "other";

/** Lets so many of each kind through in a second, and counts those that it leaves out. */
export class RateLimit {
  readonly #perSecondMax: number;
  #second = 0;
  #taken: Record<LimitedKind, number> = { message: 0, other: 0 };
  #leftOut = 0;

  constructor(perSecondMax: number) {
    this.#perSecondMax = perSecondMax;
  }

  /** The time now, before a `take`. How many were left out of a second that is over; told once. */
  at(timeMs: number): number {
    const second = Math.floor(timeMs / 1000);
    if (second === this.#second) return 0;
    this.#second = second;
    this.#taken = { message: 0, other: 0 };
    return this.tell();
  }

  /** How many were left out until now; told once. */
  tell(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }

  take(kind: LimitedKind): boolean {
    if (this.#taken[kind] < this.#perSecondMax) {
      this.#taken[kind]++;
      return true;
    }
    this.#leftOut++;
    return false;
  }
}
