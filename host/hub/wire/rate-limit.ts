/** Messages and their acknowledgements can be very many. Other packets are rare and more informative. */
export type LimitedKind = "message" | "other";

/** Limits the events of each kind per second, and counts those that it omits. */
export class RateLimit {
  readonly #perSecondMax: number;
  #second = 0;
  #allowed: Record<LimitedKind, number> = { message: 0, other: 0 };
  #omitted = 0;

  constructor(perSecondMax: number) {
    this.#perSecondMax = perSecondMax;
  }

  /** Sets the present time. Returns the number that was omitted in a second that has ended, once. */
  advance(timeMs: number): number {
    const second = Math.floor(timeMs / 1000);
    if (second === this.#second) return 0;
    this.#second = second;
    this.#allowed = { message: 0, other: 0 };
    return this.takeOmitted();
  }

  /** Returns the number that was omitted since the last call. */
  takeOmitted(): number {
    const omitted = this.#omitted;
    this.#omitted = 0;
    return omitted;
  }

  allow(kind: LimitedKind): boolean {
    if (this.#allowed[kind] < this.#perSecondMax) {
      this.#allowed[kind]++;
      return true;
    }
    this.#omitted++;
    return false;
  }
}
