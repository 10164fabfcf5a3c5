/**
 * Counts the bytes of incomplete packets of all connections. Many connections that never complete a large packet would fill
 * the memory, so there is a limit on all of them, and the connections whose packets began first are ended.
 */
export class UnfinishedPackets<Owner> {
  readonly #bytesMax: number;
  /** The bytes of each owner, in the order in which the packets began. */
  readonly #kept = new Map<Owner, number>();
  #bytesInAll = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytesInAll(): number {
    return this.#bytesInAll;
  }

  /**
   * Sets the bytes of an owner's incomplete packet; 0 between packets and when it ends. Returns the owners that have to end
   * to stay within the limit, possibly including this one. They are no longer counted.
   */
  set(owner: Owner, bytes: number): readonly Owner[] {
    const before = this.#kept.get(owner) ?? 0;
    if (bytes === 0) this.#kept.delete(owner);
    else this.#kept.set(owner, bytes);
    this.#bytesInAll += bytes - before;
    return this.#bytesInAll > this.#bytesMax ? this.#evictOldest() : [];
  }

  #evictOldest(): Owner[] {
    const ended: Owner[] = [];
    for (const [owner, bytes] of this.#kept) {
      if (this.#bytesInAll <= this.#bytesMax) break;
      this.#kept.delete(owner);
      this.#bytesInAll -= bytes;
      ended.push(owner);
    }
    return ended;
  }
}
