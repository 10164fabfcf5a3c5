/**
 * What the hub sends in one turn of the event loop leaves at its end: a connection's packets in one piece, since over
 * WebSocket each piece is a frame; and all of it only after what it promises has been written down. A turn in which much
 * is to be sent ends early, so that peers who read get it before it counts as waiting for them.
 */
export interface Flushable {
  flush(): void;
}

/** A turn of more ends with the chunk that is being read. */
const TURN_BYTES_MAX = 512 * 1024;

export interface OutputBatchOptions {
  /** Makes safe what was recorded. Where it throws, nothing leaves any more. */
  readonly commit: () => void;
  /** `commit` threw; told once. */
  readonly onFailure: (error: unknown) => void;
}

export class OutputBatch {
  readonly #waiting = new Set<Flushable>();
  readonly #commit: () => void;
  readonly #onFailure: (error: unknown) => void;
  #bytes = 0;
  #isDue = false;
  #hasFailed = false;

  constructor({ commit, onFailure }: OutputBatchOptions) {
    this.#commit = commit;
    this.#onFailure = onFailure;
  }

  /** To be flushed when this turn ends, and how many bytes more it is then. */
  add(flushable: Flushable, bytes: number): void {
    this.#waiting.add(flushable);
    this.#bytes += bytes;
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (this.#waiting.size > 0) this.end();
    });
  }

  /** Called where nothing is half done: a chunk was read to its end, with all that it led to. */
  endIfLarge(): void {
    if (this.#bytes > TURN_BYTES_MAX) this.end();
  }

  end(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#bytes = 0;
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
