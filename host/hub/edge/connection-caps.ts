/** Limits the number of open connections, in total and for each peer. Its memory is bounded by the open connections. */
export type Cap =
  /** The connection is within the limits. */
  | "none"
  /** The peer has reached its limit. */
  | "peer"
  /** The total limit is reached. */
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

  /** Counts a connection. Only after "none" has `close` to be called when it ends. */
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
