/** How many connections stand at once, in all and of each peer. It keeps no more than there are connections. */
export type Cap =
  /** There is room. */
  | "none"
  /** Of the peer. */
  | "peer"
  /** In all. */
  | "all";

export class ConnectionCaps {
  readonly #connectionsMax: number;
  readonly #open = new Map<string, number>();
  #openInAll = 0;

  constructor(connectionsMax: number) {
    this.#connectionsMax = connectionsMax;
  }

  get openInAll(): number {
    return this.#openInAll;
  }

  /** "none": it is counted, and `close` is owed. */
  open(peer: string, peerMax: number): Cap {
    const ofPeer = this.#open.get(peer) ?? 0;
    if (ofPeer >= peerMax) return "peer";
    if (this.#openInAll >= this.#connectionsMax) return "all";
    this.#open.set(peer, ofPeer + 1);
    this.#openInAll++;
    return "none";
  }

  close(peer: string): void {
    const ofPeer = this.#open.get(peer);
    if (ofPeer === undefined) throw new RangeError(`No connection of ${peer} is open.`);
    if (ofPeer === 1) this.#open.delete(peer);
    else this.#open.set(peer, ofPeer - 1);
    this.#openInAll--;
  }
}
