import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { formatClock, formatNumber } from "../wording.ts";
import type { Series } from "./series.ts";

const HEIGHT_PX = 150;
const AXIS_WIDTH_PX = 56;
const TIME_AXIS_HEIGHT_PX = 28;

export interface PlotViewProps {
  readonly series: Series;
  readonly spanSeconds: number;
  /** The name of a custom property of the style sheet. */
  readonly colour: string;
  readonly remove: () => void;
}

/** One series in its own plot: values of different units never share an axis. */
export function PlotView({ series, spanSeconds, colour, remove }: PlotViewProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const span = useRef(spanSeconds);
  span.current = spanSeconds;
  const [hovered, setHovered] = useState<number | undefined>(undefined);
  const scheme = useScheme();

  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const made = createPlot({ element, series, span, colour, onHover: setHovered, scheme });
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [series, colour, scheme]);

  // Runs at each refresh of the page: the series' arrays grow in place.
  useEffect(() => plot.current?.setData([series.timesSeconds, series.values]));

  const index = hovered ?? series.values.length - 1;
  const timeSeconds = series.timesSeconds[index];
  return (
    <figure class="plot" data-series={series.id}>
      <figcaption class="plot-head">
        <span class="plot-name">
          <span class={`swatch swatch${colour}`} aria-hidden="true" />
          <span class="plot-topic" title={series.id}>
            {series.id}
          </span>
        </span>
        <span class="plot-value number">{formatNumber(series.values[index] ?? Number.NaN)}</span>
        <button type="button" class="icon-button" aria-label={`Stop plotting ${series.id}`} onClick={remove}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </button>
      </figcaption>
      <p class="plot-time">{timeSeconds === undefined ? "" : formatClock(timeSeconds * 1000)}</p>
      <div class="plot-canvas" ref={holder} />
    </figure>
  );
}

interface PlotRequest {
  readonly element: HTMLElement;
  readonly series: Series;
  readonly span: { readonly current: number };
  readonly colour: string;
  readonly onHover: (index: number | undefined) => void;
  readonly scheme: string;
}

function createPlot(request: PlotRequest): uPlot {
  const style = getComputedStyle(request.element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const line = colour(request.colour);
  const axis: uPlot.Axis = {
    stroke: colour("--quiet"),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour("--grid"), width: 1 },
    ticks: { show: false },
  };
  const options: uPlot.Options = {
    width: request.element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    padding: [8, 8, 0, 0],
    scales: {
      x: {
        range: () => {
          const nowSeconds = Date.now() / 1000;
          return [nowSeconds - request.span.current, nowSeconds];
        },
      },
    },
    axes: [
      {
        ...axis,
        size: TIME_AXIS_HEIGHT_PX,
        space: 90,
        values: (_plot, seconds) => seconds.map((at) => formatClock(at * 1000).slice(0, 8)),
      },
      { ...axis, size: AXIS_WIDTH_PX, space: 30, values: (_plot, values) => values.map(formatNumber) },
    ],
    series: [{}, { stroke: line, width: 1.75, fill: `${line}1f`, points: { size: 4, fill: line } }],
    hooks: { setCursor: [(plot) => request.onHover(plot.cursor.idx ?? undefined)] },
  };
  const { timesSeconds, values } = request.series;
  return new uPlot(options, [timesSeconds, values], request.element);
}

const DARK = "(prefers-color-scheme: dark)";

/** "dark" or "light": the plots' colours are painted, so they must be painted anew when the scheme changes. */
function useScheme(): string {
  const [dark, setDark] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const query = matchMedia(DARK);
    const listen = (): void => setDark(query.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
  return dark ? "dark" : "light";
}
