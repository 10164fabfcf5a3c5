import type { NumericField } from "../text/payload.ts";
import { Points } from "./points.ts";

/** The values of one numeric field of one topic over time. */
export interface Series {
  /** Topic and path. Unique. */
  readonly id: string;
  readonly topic: string;
  readonly path: string;
  readonly points: Points;
}

export const SERIES_MAX = 500;
/** Points of a plotted series: half an hour at 100 points a second. */
export const PLOTTED_POINTS_MAX = 180_000;
/** Points of any other series: 16 MB for all of them. */
export const POINTS_MAX = 2_000;

export function seriesId(topic: string, path: string): string {
  return path ? `${topic} ${path}` : topic;
}

/** All numeric fields that were received. Fields that are not plotted are stored too, so that a new plot shows their past. */
export class SeriesStore {
  readonly #series = new Map<string, Series>();
  #plotted: ReadonlySet<string> = new Set();

  all(): Series[] {
    return [...this.#series.values()];
  }

  find(id: string): Series | undefined {
    return this.#series.get(id);
  }

  /** The series with these IDs keep more points from now on. */
  keepPlotted(ids: ReadonlySet<string>): void {
    this.#plotted = ids;
    for (const { id, points } of this.#series.values()) {
      points.keep(ids.has(id) ? PLOTTED_POINTS_MAX : POINTS_MAX);
    }
  }

  add(topic: string, fields: readonly NumericField[], timeMs: number): void {
    for (const { path, value } of fields) this.#open(topic, path)?.points.add(timeMs / 1000, value);
  }

  #open(topic: string, path: string): Series | undefined {
    const id = seriesId(topic, path);
    const known = this.#series.get(id);
    if (known || this.#series.size >= SERIES_MAX) return known;
    const points = new Points(this.#plotted.has(id) ? PLOTTED_POINTS_MAX : POINTS_MAX);
    const series = { id, topic, path, points };
    this.#series.set(id, series);
    return series;
  }
}
