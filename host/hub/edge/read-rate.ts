/**
 * Limits how fast a connection is read. A sender that is too fast is not disconnected: the hub stops reading for a while, and
 * TCP slows the sender down.
 */
export interface Rate {
  readonly packetsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** The burst that is allowed after a pause, in seconds of the rate. */
const BURST_SECONDS = 1;

export class ReadRate {
  readonly #packets: Bucket;
  readonly #bytes: Bucket;

  constructor(rate: Rate, nowMs: number) {
    this.#packets = new Bucket(rate.packetsPerSecond, nowMs);
    this.#bytes = new Bucket(rate.bytesPerSecond, nowMs);
  }

  /** Counts what was read, and returns for how many milliseconds reading has to pause; 0 for no pause. */
  consume(packets: number, bytes: number, nowMs: number): number {
    return Math.max(this.#packets.consume(packets, nowMs), this.#bytes.consume(bytes, nowMs));
  }
}

/** A token bucket. Its level may become negative, because bytes are counted after they were read. */
class Bucket {
  readonly #perSecond: number;
  #level: number;
  #filledMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#level = perSecond * BURST_SECONDS;
    this.#filledMs = nowMs;
  }

  consume(amount: number, nowMs: number): number {
    const gained = ((nowMs - this.#filledMs) / 1000) * this.#perSecond;
    this.#level = Math.min(this.#perSecond * BURST_SECONDS, this.#level + gained) - amount;
    this.#filledMs = nowMs;
    return this.#level >= 0 ? 0 : Math.ceil((-this.#level / this.#perSecond) * 1000);
  }
}
