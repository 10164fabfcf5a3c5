/** The newest points of a series in order of time, with 16 bytes each. */

const FIRST_ROOM = 64;
/** Old points are dropped in batches, so that adding a point does not move all others. */
const SLACK = 1.1;

/** The data of a plot in uPlot's format. */
export interface Columns {
  readonly timesSeconds: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface Summary {
  readonly count: number;
  readonly least: number;
  readonly greatest: number;
  readonly mean: number;
}

export class Points {
  #times = new Float64Array(FIRST_ROOM);
  #values = new Float64Array(FIRST_ROOM);
  #size = 0;
  #sizeMax: number;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Changes the maximum number of points. */
  keep(sizeMax: number): void {
    this.#sizeMax = sizeMax;
    if (this.#size > sizeMax * SLACK) this.#trim();
  }

  /** A time before the last point's, after the clock was set back, is replaced by the last point's. */
  add(timeSeconds: number, value: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const last = this.#times[this.#size - 1] ?? Number.NEGATIVE_INFINITY;
    this.#times[this.#size] = Math.max(timeSeconds, last);
    this.#values[this.#size] = value;
    this.#size++;
    if (this.#size > this.#sizeMax * SLACK) this.#trim();
  }

  get last(): { readonly timeSeconds: number; readonly value: number } | undefined {
    const timeSeconds = this.#times[this.#size - 1];
    return timeSeconds === undefined || this.#size === 0
      ? undefined
      : { timeSeconds, value: this.#values[this.#size - 1] as number };
  }

  /** The value at a time, which is that of the last point before it. */
  valueAt(timeSeconds: number): number | undefined {
    const index = this.#firstAfter(timeSeconds) - 1;
    return index < 0 ? undefined : this.#values[index];
  }

  summary(fromSeconds: number, toSeconds: number): Summary | undefined {
    const first = this.#firstFrom(fromSeconds);
    const end = this.#firstAfter(toSeconds);
    if (first >= end) return undefined;
    let [least, greatest, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let index = first; index < end; index++) {
      const value = this.#values[index] as number;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      sum += value;
    }
    return { count: end - first, least, greatest, mean: sum / (end - first) };
  }

  /** All points in the time range. */
  between(fromSeconds: number, toSeconds: number): Columns {
    const [first, end] = [this.#firstFrom(fromSeconds), this.#firstAfter(toSeconds)];
    return { timesSeconds: this.#times.subarray(first, end), values: this.#values.subarray(first, end) };
  }

  /**
   * The points to draw for a time range, with one point beyond each end, so that the line reaches the edges. If a column of
   * pixels has more than two points, only its minimum and maximum are returned.
   */
  visible(fromSeconds: number, toSeconds: number, widthPx: number): Columns {
    const first = Math.max(0, this.#firstFrom(fromSeconds) - 1);
    const end = Math.min(this.#size, this.#firstAfter(toSeconds) + 1);
    if (end - first <= widthPx * 2) {
      return { timesSeconds: this.#times.subarray(first, end), values: this.#values.subarray(first, end) };
    }
    return this.#thinned(first, end, (toSeconds - fromSeconds) / widthPx);
  }

  #thinned(first: number, end: number, columnSeconds: number): Columns {
    const timesSeconds: number[] = [];
    const values: number[] = [];
    const take = (index: number): void => {
      timesSeconds.push(this.#times[index] as number);
      values.push(this.#values[index] as number);
    };
    let start = first;
    while (start < end) {
      const column = Math.floor((this.#times[start] as number) / columnSeconds);
      let [least, greatest, index] = [start, start, start];
      while (index < end && Math.floor((this.#times[index] as number) / columnSeconds) === column) {
        if ((this.#values[index] as number) < (this.#values[least] as number)) least = index;
        if ((this.#values[index] as number) > (this.#values[greatest] as number)) greatest = index;
        index++;
      }
      take(Math.min(least, greatest));
      if (least !== greatest) take(Math.max(least, greatest));
      start = index;
    }
    return { timesSeconds, values };
  }

  #firstFrom(timeSeconds: number): number {
    return this.#search((time) => time >= timeSeconds);
  }

  #firstAfter(timeSeconds: number): number {
    return this.#search((time) => time > timeSeconds);
  }

  /** Binary search for the first index that satisfies the predicate. All later indexes must satisfy it too. */
  #search(predicate: (time: number) => boolean): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (predicate(this.#times[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #grow(): void {
    const room = this.#times.length * 2;
    const times = new Float64Array(room);
    const values = new Float64Array(room);
    times.set(this.#times);
    values.set(this.#values);
    this.#times = times;
    this.#values = values;
  }

  #trim(): void {
    const dropped = this.#size - this.#sizeMax;
    this.#times.copyWithin(0, dropped, this.#size);
    this.#values.copyWithin(0, dropped, this.#size);
    this.#size = this.#sizeMax;
  }
}
