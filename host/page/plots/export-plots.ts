/** The plotted points as a table, with a row for each time and a column for each series. */
import { csvField } from "../model/export-messages.ts";
import type { Series } from "../model/series/series.ts";
import type { TimeRange } from "../model/series/time-window.ts";

interface Row {
  readonly timeSeconds: number;
  readonly fields: string[];
}

/** CSV by RFC 4180. A series without a point at a time has an empty field. Several points at one time take several rows. */
export function exportPlots(series: readonly Series[], { fromSeconds, toSeconds }: TimeRange): string {
  const rows = new Map<string, Row>();
  for (const [column, { points }] of series.entries()) {
    const { timesSeconds, values } = points.between(fromSeconds, toSeconds);
    let again = 0;
    for (let index = 0; index < timesSeconds.length; index++) {
      const timeSeconds = timesSeconds[index] as number;
      again = timeSeconds === timesSeconds[index - 1] ? again + 1 : 0;
      const key = `${timeSeconds} ${again}`;
      const row = rows.get(key) ?? { timeSeconds, fields: series.map(() => "") };
      row.fields[column] = String(values[index]);
      rows.set(key, row);
    }
  }
  const lines = [...rows.values()]
    .sort((one, other) => one.timeSeconds - other.timeSeconds)
    .map(({ timeSeconds, fields }) => [new Date(timeSeconds * 1000).toISOString(), ...fields]);
  return [["time", ...series.map(({ id }) => id)], ...lines]
    .map((row) => `${row.map(csvField).join(",")}\r\n`)
    .join("");
}
