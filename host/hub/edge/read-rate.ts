/**
 * How fast a connection is read. Who sends faster is not closed: the hub does not read for a while, and TCP slows the
 * sender down.
 */
export interface Rate {
  readonly packetsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** After a pause so much may come at once. */
const BURST_SECONDS = 1;

export class ReadRate {
  readonly #packets: Bucket;
  readonly #bytes: Bucket;

  constructor(rate: Rate, nowMs: number) {
    this.#packets = new Bucket(rate.packetsPerSecond, nowMs);
    this.#bytes = new Bucket(rate.bytesPerSecond, nowMs);
  }

  /** So much was read. Gives for how many milliseconds no more is to be read; 0: go on. */
  take(packets: number, bytes: number, nowMs: number): number {
    return Math.max(this.#packets.take(packets, nowMs), this.#bytes.take(bytes, nowMs));
  }
}

/** Fills by the clock, and may be drawn into debt, since what was read cannot be given back. */
class Bucket {
  readonly #perSecond: number;
  #level: number;
  #filledMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#level = perSecond * BURST_SECONDS;
    this.#filledMs = nowMs;
  }

  take(amount: number, nowMs: number): number {
    const gained = ((nowMs - this.#filledMs) / 1000) * this.#perSecond;
    this.#level = Math.min(this.#perSecond * BURST_SECONDS, this.#level + gained) - amount;
    this.#filledMs = nowMs;
    return this.#level >= 0 ? 0 : Math.ceil((-this.#level / this.#perSecond) * 1000);
  }
}
