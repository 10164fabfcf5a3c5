/** Keeps the entries that were used last. */
export class LruCache<K, V> implements Iterable<[K, V]> {
  static #instances = 0;
  static readonly defaults = { capacity: 2 };
  readonly capacity: number;
  readonly #entries = new Map<K, V>();
  hits = 0;
  misses = 0;

  static {
    LruCache.defaults.capacity += 1;
  }

  constructor({ capacity = LruCache.defaults.capacity }: { capacity?: number } = {}) {
    this.capacity = capacity;
    LruCache.#instances++;
  }

  static get instances(): number {
    return LruCache.#instances;
  }

  get(key: K): V | undefined {
    if (!this.#entries.has(key)) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    const value = this.#entries.get(key) as V;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): this {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.capacity) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest as K);
    }
    return this;
  }

  getOrMake(key: K, make: (key: K) => V): V {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    this.set(key, made);
    return made;
  }

  [Symbol.iterator](): Iterator<[K, V]> {
    return this.#entries.entries();
  }
}
