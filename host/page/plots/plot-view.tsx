import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { formatClock, formatNumber } from "../controls/format.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import { PLOTS_MAX } from "../model/series/plot-choice.ts";
import type { Series, SeriesStore } from "../model/series/series.ts";
import { type TimeRange, type TimeWindow, timeRangeOf } from "../model/series/time-window.ts";
import { visibleText } from "../model/text/visible-text.ts";
import { createPlot, drawPlot, PLOT_HEIGHT_PX } from "./draw-plot.ts";
import { useScheme } from "./use-scheme.ts";

export interface PlotViewProps {
  /** Counted from 0. */
  readonly number: number;
  readonly ids: readonly string[];
  readonly series: SeriesStore;
  readonly plots: PlotChoice;
  readonly window: TimeWindow;
  readonly setWindow: (window: TimeWindow) => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

/** One plot with its lines and its legend. */
export function PlotView({ number, ids, series, plots, window, setWindow, onKey }: PlotViewProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [hoveredSeconds, setHovered] = useState<number | undefined>(undefined);
  const shown = ids.filter((id) => !hidden.has(id));
  const timeRange = timeRangeOf(window, Date.now() / 1000);
  const found = shown.flatMap((id) => series.find(id) ?? []);
  const colours = new Map(ids.map((id, index) => [id, index]));
  const holder = usePlot({ found, colours, timeRange, setWindow, onHover: setHovered });
  const name = `Plot ${number + 1}`;
  return (
    <figure class="plot" data-series={ids.join(" | ")} aria-label={`${name}: ${ids.join(", ")}`}>
      <figcaption>
        <ul class="plot-legend">
          {ids.map((id, index) => (
            <LegendRow
              key={id}
              id={id}
              index={index}
              series={series.find(id)}
              timeRange={timeRange}
              hoveredSeconds={hoveredSeconds}
              isHidden={hidden.has(id)}
              hide={() => setHidden(toggledIn(hidden, id))}
              plot={number}
              plots={plots}
            />
          ))}
        </ul>
        <p class="plot-time">{hoveredSeconds === undefined ? "" : formatClock(hoveredSeconds * 1000)}</p>
      </figcaption>
      <div
        class="plot-canvas"
        role="application"
        aria-label={`${name}. Press + or − to zoom, the arrow keys to move, 0 for live`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it has keyboard shortcuts
        tabIndex={0}
        ref={holder}
        onKeyDown={onKey}
      />
    </figure>
  );
}

function toggledIn(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const changed = new Set(ids);
  if (!changed.delete(id)) changed.add(id);
  return changed;
}

interface LegendRowProps {
  readonly id: string;
  readonly index: number;
  readonly series: Series | undefined;
  readonly timeRange: TimeRange;
  readonly hoveredSeconds: number | undefined;
  readonly isHidden: boolean;
  readonly hide: () => void;
  /** The plot that it is on, counted from 0. */
  readonly plot: number;
  readonly plots: PlotChoice;
}

function LegendRow(props: LegendRowProps) {
  const { id, index, series, timeRange, hoveredSeconds, isHidden, hide, plot, plots } = props;
  const value =
    hoveredSeconds === undefined ? series?.points.last?.value : series?.points.valueAt(hoveredSeconds);
  // The topic's last level and the field are emphasized, because series usually differ there.
  const cut = (series?.topic ?? id).lastIndexOf("/") + 1;
  const summary = series?.points.summary(timeRange.fromSeconds, timeRange.toSeconds);
  return (
    <li class="plot-series" data-series={id}>
      <button
        type="button"
        class="plot-name"
        aria-pressed={!isHidden}
        title={isHidden ? `Show ${id}` : `Hide ${id}`}
        onClick={hide}
      >
        <svg class={`plot-line plot-line-${index + 1}`} viewBox="0 0 24 6" aria-hidden="true">
          <path d="M0 3h24" />
        </svg>
        <span class="plot-topic">
          <span class="topic-path">{visibleText(id.slice(0, cut))}</span>
          <span class="topic-name">{visibleText(id.slice(cut))}</span>
        </span>
      </button>
      <span class="plot-range quiet">
        {summary
          ? `${formatNumber(summary.least)} to ${formatNumber(summary.greatest)}, mean ${formatNumber(summary.mean)}`
          : "no values"}
      </span>
      <span class="plot-value number">{value === undefined ? "" : formatNumber(value)}</span>
      <MoveMenu id={id} plot={plot} plots={plots} />
      <button
        type="button"
        class="icon-button"
        aria-label={`Stop plotting ${id}`}
        onClick={() => plots.toggle(id)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 4l8 8M12 4l-8 8" />
        </svg>
      </button>
    </li>
  );
}

function MoveMenu({ id, plot, plots }: { id: string; plot: number; plots: PlotChoice }) {
  const isAlone = plots.plots[plot]?.length === 1;
  if (isAlone && plots.plots.length === 1) return null;
  return (
    <select
      class="move-menu"
      aria-label={`Plot of ${id}`}
      value={plot}
      onChange={(event) => plots.move(id, Number(event.currentTarget.value))}
    >
      {plots.plots.map((_ids, index) => (
        <option key={index} value={index}>
          Plot {index + 1}
        </option>
      ))}
      {!isAlone && plots.plots.length < PLOTS_MAX && <option value={plots.plots.length}>New plot</option>}
    </select>
  );
}

interface PlotRequest {
  readonly found: readonly Series[];
  readonly colours: ReadonlyMap<string, number>;
  readonly timeRange: TimeRange;
  readonly setWindow: (window: TimeWindow) => void;
  readonly onHover: (timeSeconds: number | undefined) => void;
}

/** Creates and updates a plot in the element of the returned reference. */
function usePlot({ found, colours, timeRange, setWindow, onHover }: PlotRequest) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shown = useRef(timeRange);
  shown.current = timeRange;
  const scheme = useScheme();
  const lines = found.map(({ id }) => colours.get(id) ?? 0);
  const key = `${scheme} ${lines.join()}`;
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const created = createPlot({ element, lines, timeRange: () => shown.current, setWindow, onHover });
    plot.current = created;
    const observer = new ResizeObserver(() =>
      created.setSize({ width: element.clientWidth, height: PLOT_HEIGHT_PX }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
    };
  }, [key]);
  // Runs at each render, with new points and a new time.
  useEffect(() => {
    if (plot.current) drawPlot(plot.current, found, shown.current);
  });
  return holder;
}
