import type { NumericField } from "../model/payload.ts";

/** The numbers of one field of one topic over time. */
export interface Series {
  /** Topic and path; unique. */
  readonly id: string;
  readonly topic: string;
  readonly path: string;
  readonly timesSeconds: number[];
  readonly values: number[];
}

export const SERIES_MAX = 500;
export const POINTS_MAX = 7_200;
/** Points are dropped in slices, so that a full series is not moved for each new point. */
const POINTS_SLACK = 600;

export function seriesId(topic: string, path: string): string {
  return path ? `${topic} ${path}` : topic;
}

/** Every numeric field that was seen, whether plotted or not: choosing one shows its past at once. */
export class SeriesStore {
  readonly #series = new Map<string, Series>();

  all(): Series[] {
    return [...this.#series.values()];
  }

  find(id: string): Series | undefined {
    return this.#series.get(id);
  }

  add(topic: string, fields: readonly NumericField[], timeMs: number): void {
    for (const { path, value } of fields) {
      const series = this.#open(topic, path);
      if (!series) return;
      series.timesSeconds.push(timeMs / 1000);
      series.values.push(value);
      if (series.values.length > POINTS_MAX + POINTS_SLACK) {
        series.timesSeconds.splice(0, POINTS_SLACK);
        series.values.splice(0, POINTS_SLACK);
      }
    }
  }

  #open(topic: string, path: string): Series | undefined {
    const id = seriesId(topic, path);
    const known = this.#series.get(id);
    if (known || this.#series.size >= SERIES_MAX) return known;
    const series = { id, topic, path, timesSeconds: [], values: [] };
    this.#series.set(id, series);
    return series;
  }
}
