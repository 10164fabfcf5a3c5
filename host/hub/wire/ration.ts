/** Lets so many frames through in each second, and counts those that it leaves out. */
export class Ration {
  readonly #perSecondMax: number;
  #second = 0;
  #taken = 0;
  #leftOut = 0;

  constructor(perSecondMax: number) {
    this.#perSecondMax = perSecondMax;
  }

  /** The time now, before a `take`. How many were left out of a second that is over; told once. */
  at(timeMs: number): number {
    const second = Math.floor(timeMs / 1000);
    if (second === this.#second) return 0;
    this.#second = second;
    this.#taken = 0;
    return this.tell();
  }

  /** How many were left out until now; told once. */
  tell(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }

  take(): boolean {
    if (this.#taken < this.#perSecondMax) {
      this.#taken++;
      return true;
    }
    this.#leftOut++;
    return false;
  }
}
