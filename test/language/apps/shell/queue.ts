interface Job<T> {
  readonly work: () => Promise<T> | T;
  readonly priority: number;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Runs jobs, at most so many at once, the most important first. */
export class AsyncQueue {
  readonly width: number;
  readonly #waiting: Job<unknown>[] = [];
  #running = 0;
  peak = 0;
  #idle: (() => void)[] = [];

  constructor({ width = 1 }: { width?: number } = {}) {
    this.width = width;
  }

  add<T>(work: () => Promise<T> | T, { priority = 0 }: { priority?: number } = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job = { work, priority, resolve, reject } as unknown as Job<unknown>;
      const before = this.#waiting.findIndex((other) => other.priority < priority);
      if (before < 0) this.#waiting.push(job);
      else this.#waiting.splice(before, 0, job);
      void this.#pump();
    });
  }

  get size(): number {
    return this.#waiting.length + this.#running;
  }

  async idle(): Promise<void> {
    if (this.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #pump(): Promise<void> {
    if (this.#running >= this.width) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.peak = Math.max(this.peak, ++this.#running);
    try {
      job.resolve(await job.work());
    } catch (error) {
      job.reject(error);
    } finally {
      this.#running--;
    }
    if (this.size === 0) for (const wake of this.#idle.splice(0)) wake();
    await this.#pump();
  }
}
