/**
 * Bytes of packets that have not wholly come, of all connections. Each may be as large as a packet may, and many
 * connections that never finish theirs would fill the memory; so there is a bound for all of them, and the packet that
 * began first gives way.
 */
export class UnfinishedPackets<Owner> {
  readonly #bytesMax: number;
  /** Those whose packet began first come first. */
  readonly #kept = new Map<Owner, number>();
  #bytesInAll = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytesInAll(): number {
    return this.#bytesInAll;
  }

  /**
   * The owner keeps so many bytes now; 0 between packets, and when it ends. Gives those that have to end for it, the
   * owner itself perhaps; nothing of them is counted any more.
   */
  set(owner: Owner, bytes: number): readonly Owner[] {
    const before = this.#kept.get(owner) ?? 0;
    if (bytes === 0) this.#kept.delete(owner);
    else this.#kept.set(owner, bytes);
    this.#bytesInAll += bytes - before;
    return this.#bytesInAll > this.#bytesMax ? this.#giveWay() : [];
  }

  #giveWay(): Owner[] {
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
