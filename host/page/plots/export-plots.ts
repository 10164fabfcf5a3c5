/** The plotted points as a table: a row for each time, a column for each series. */
import { csvField } from "../messages/export-messages.ts";
import type { Series } from "./series.ts";
import type { Stretch } from "./time-window.ts";

/** RFC 4180. A series without a point at a time has an empty field there. */
export function exportPlots(series: readonly Series[], { fromSeconds, toSeconds }: Stretch): string {
  const rows = new Map<number, string[]>();
  for (const [column, { points }] of series.entries()) {
    const { timesSeconds, values } = points.between(fromSeconds, toSeconds);
    for (let index = 0; index < timesSeconds.length; index++) {
      const time = timesSeconds[index] as number;
      const row = rows.get(time) ?? series.map(() => "");
      row[column] = String(values[index]);
      rows.set(time, row);
    }
  }
  const lines = [...rows]
    .sort(([one], [other]) => one - other)
    .map(([time, row]) => [new Date(time * 1000).toISOString(), ...row]);
  return [["time", ...series.map(({ id }) => id)], ...lines]
    .map((row) => `${row.map(csvField).join(",")}\r\n`)
    .join("");
}
