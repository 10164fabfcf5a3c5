/** A plot on a canvas, drawn by uPlot, which gets only the visible points. */
import uPlot from "uplot";
import { formatClock, formatNumber } from "../controls/format.ts";
import type { Series } from "../model/series/series.ts";
import { selected, type TimeRange, type TimeWindow } from "../model/series/time-window.ts";

export const PLOT_HEIGHT_PX = 150;
const AXIS_WIDTH_PX = 56;
const TIME_AXIS_HEIGHT_PX = 28;
const COLOURS = 6;
/** Dash patterns by line, so that lines do not differ by colour only. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
/** The axis shows milliseconds if the time range is shorter. */
const FINE_SECONDS = 10;

export interface PlotOptions {
  readonly element: HTMLElement;
  /** The index of each series in the plot, which selects its colour and dash pattern. */
  readonly lines: readonly number[];
  readonly timeRange: () => TimeRange;
  readonly setWindow: (window: TimeWindow) => void;
  readonly onHover: (timeSeconds: number | undefined) => void;
}

export function createPlot({ element, lines, timeRange, setWindow, onHover }: PlotOptions): uPlot {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--quiet"),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour("--grid"), width: 1 },
    ticks: { show: false },
  };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: PLOT_HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    padding: [8, 8, 0, 0],
    scales: {
      x: {
        range: () => {
          const { fromSeconds, toSeconds } = timeRange();
          return [fromSeconds, toSeconds];
        },
      },
    },
    axes: [
      {
        ...axis,
        size: TIME_AXIS_HEIGHT_PX,
        space: 90,
        values: (_plot, seconds) => seconds.map((at) => timeText(at, timeRange())),
      },
      { ...axis, size: AXIS_WIDTH_PX, space: 30, values: (_plot, values) => values.map(formatNumber) },
    ],
    series: [
      {},
      ...lines.map((line) => {
        const stroke = colour(`--series-${(line % COLOURS) + 1}`);
        return {
          stroke,
          width: 1.75,
          dash: [...(DASHES[line % DASHES.length] ?? [])],
          spanGaps: true,
          points: { size: 4, fill: stroke },
          ...(lines.length === 1 && { fill: `${stroke}1f` }),
        };
      }),
    ],
    hooks: {
      setCursor: [(plot) => onHover(hoveredSeconds(plot))],
      setSelect: [(plot) => select(plot, setWindow)],
    },
  };
  return new uPlot(options, [[], ...lines.map(() => [])], element);
}

/** Series with different times have a common time axis, on which a series may have no point at a time. */
export function drawPlot(
  plot: uPlot,
  series: readonly Series[],
  { fromSeconds, toSeconds }: TimeRange,
): void {
  const columns = series.map(({ points }) => points.visible(fromSeconds, toSeconds, plot.width));
  const tables = columns.map(
    ({ timesSeconds, values }) => [timesSeconds, values] as unknown as uPlot.AlignedData,
  );
  plot.setData(
    tables.length === 0 ? [[]] : tables.length === 1 ? (tables[0] as uPlot.AlignedData) : uPlot.join(tables),
  );
}

function hoveredSeconds({ cursor, posToVal }: uPlot): number | undefined {
  return cursor.left === undefined || cursor.left < 0 ? undefined : posToVal(cursor.left, "x");
}

function select(plot: uPlot, setWindow: (window: TimeWindow) => void): void {
  const { left, width } = plot.select;
  if (width === 0) return;
  const window = selected(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (window) setWindow(window);
}

function timeText(atSeconds: number, { fromSeconds, toSeconds }: TimeRange): string {
  const clock = formatClock(atSeconds * 1000);
  return toSeconds - fromSeconds < FINE_SECONDS ? clock : clock.slice(0, 8);
}
