/**
 * What the hub sends in one turn of the event loop leaves at its end: a connection's packets in one piece, since over
 * WebSocket each piece is a frame; and all of it only after what it promises has been written down.
 */
export interface Flushable {
  flush(): void;
}

export interface TurnOptions {
  /** Makes safe what was recorded. Where it throws, nothing leaves any more. */
  readonly commit: () => void;
  /** `commit` threw; told once. */
  readonly onFailure: (error: unknown) => void;
}

export class Turn {
  readonly #waiting = new Set<Flushable>();
  readonly #commit: () => void;
  readonly #onFailure: (error: unknown) => void;
  #hasFailed = false;

  constructor({ commit, onFailure }: TurnOptions) {
    this.#commit = commit;
    this.#onFailure = onFailure;
  }

  /** To be flushed when this turn ends. */
  add(flushable: Flushable): void {
    if (this.#waiting.size === 0) setImmediate(() => this.end());
    this.#waiting.add(flushable);
  }

  end(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    if (this.#hasFailed) return;
    try {
      this.#commit();
    } catch (error) {
      this.#hasFailed = true;
      this.#onFailure(error);
      return;
    }
    for (const flushable of waiting) flushable.flush();
  }
}
