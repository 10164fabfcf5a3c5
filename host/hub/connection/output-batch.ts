/**
 * Collects the bytes that the hub sends in one turn of the event loop, and sends them at its end: the packets of a connection
 * in one piece, because over WebSocket each piece is a frame, and only after the recorded changes are safe. A turn with many
 * bytes ends early, so that peers that read get them before they count as backlog.
 */
export interface Flushable {
  flush(): void;
}

/** A turn with more bytes ends after the chunk that is being read. */
const TURN_BYTES_MAX = 512 * 1024;

export interface OutputBatchOptions {
  /** Makes the recorded changes safe. After it throws, nothing is sent any more. */
  readonly commit: () => void;
  /** Called once, if `commit` throws. */
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

  /** Flushes `flushable` at the end of this turn. `bytes`: the bytes that were added to it. */
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

  /** Ends the turn early if it has many bytes. Called only after a chunk was handled completely. */
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
