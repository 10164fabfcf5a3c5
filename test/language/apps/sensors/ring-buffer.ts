export class RingBuffer<T> implements Iterable<T> {
  readonly #items: (T | undefined)[];
  #start = 0;
  #length = 0;

  constructor(capacity: number) {
    if (capacity < 1) throw new RangeError(`a capacity of ${capacity}`);
    this.#items = new Array<T | undefined>(capacity).fill(undefined);
  }

  static of<U>(...items: U[]): RingBuffer<U> {
    const buffer = new RingBuffer<U>(items.length);
    for (const item of items) buffer.push(item);
    return buffer;
  }

  get length(): number {
    return this.#length;
  }

  get capacity(): number {
    return this.#items.length;
  }

  get isFull(): boolean {
    return this.#length === this.capacity;
  }

  /** Gives back what had to make room. */
  push(item: T): T | undefined {
    const at = (this.#start + this.#length) % this.capacity;
    const pushedOut = this.isFull ? this.#items[at] : undefined;
    this.#items[at] = item;
    if (this.isFull) this.#start = (this.#start + 1) % this.capacity;
    else this.#length++;
    return pushedOut;
  }

  at(index: number): T | undefined {
    const from = index < 0 ? this.#length + index : index;
    return from >= 0 && from < this.#length ? this.#items[(this.#start + from) % this.capacity] : undefined;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let i = 0; i < this.#length; i++) yield this.at(i) as T;
  }
}
