import { useEffect, useState } from "preact/hooks";
import { saveFile } from "../controls/save-file.ts";
import { useNow } from "../controls/use-model.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import type { Series, SeriesStore } from "../model/series/series.ts";
import { moved, type TimeWindow, timeRangeOf, zoomed } from "../model/series/time-window.ts";
import { exportPlots } from "./export-plots.ts";
import { PlotView } from "./plot-view.tsx";

const SPANS: readonly { readonly label: string; readonly seconds: number }[] = [
  { label: "1 min", seconds: 60 },
  { label: "5 min", seconds: 300 },
  { label: "30 min", seconds: 1800 },
];
const FIRST_SPAN_SECONDS = 60;

function nowSeconds(): number {
  return Date.now() / 1000;
}

/** The plots, which have a common time range. */
export function PlotPanel({ series, plots }: { series: SeriesStore; plots: PlotChoice }) {
  const [window, setWindow] = useState<TimeWindow>({ kind: "live", spanSeconds: FIRST_SPAN_SECONDS });
  useNow();
  useEffect(() => series.keepPlotted(new Set(plots.plots.flat())), [series, plots.plots]);
  const others = series.all().filter(({ id }) => !plots.isPlotted(id));
  const live = (): void => setWindow({ kind: "live", spanSeconds: FIRST_SPAN_SECONDS });
  const onKey = (event: KeyboardEvent): void => {
    const next = windowByKey(event.key, window);
    if (!next) return;
    event.preventDefault();
    setWindow(next);
  };
  return (
    <section class="panel" aria-labelledby="plots-title">
      <div class="panel-head">
        <h2 id="plots-title">Plots</h2>
        <div class="tools">
          {others.length > 0 && <SeriesMenu series={others} choose={plots.toggle} />}
          {plots.plots.length > 0 && (
            <WindowTools
              window={window}
              setWindow={setWindow}
              live={live}
              save={() => save(series, plots, window)}
            />
          )}
        </div>
      </div>
      {plots.plots.length === 0 ? (
        <p class="empty">No plots. Click a number of a device or of a message to plot it.</p>
      ) : (
        <div class="plots">
          {plots.plots.map((ids, index) => (
            <PlotView
              key={ids.join("\n")}
              number={index}
              ids={ids}
              series={series}
              plots={plots}
              window={window}
              setWindow={setWindow}
              onKey={onKey}
            />
          ))}
        </div>
      )}
    </section>
  );
}

function windowByKey(key: string, window: TimeWindow): TimeWindow | undefined {
  if (key === "+" || key === "=") return zoomed(window, "in", nowSeconds());
  if (key === "-") return zoomed(window, "out", nowSeconds());
  if (key === "ArrowLeft") return moved(window, "back", nowSeconds());
  if (key === "ArrowRight") return moved(window, "forward", nowSeconds());
  return key === "0" ? { kind: "live", spanSeconds: FIRST_SPAN_SECONDS } : undefined;
}

function save(series: SeriesStore, plots: PlotChoice, window: TimeWindow): void {
  const shown = plots.plots.flat().flatMap((id) => series.find(id) ?? []);
  const stamp = new Date().toISOString().replace(/[:.]/g, "-");
  saveFile(`plots-${stamp}.csv`, "text/csv", exportPlots(shown, timeRangeOf(window, nowSeconds())));
}

interface WindowToolsProps {
  readonly window: TimeWindow;
  readonly setWindow: (window: TimeWindow) => void;
  readonly live: () => void;
  readonly save: () => void;
}

function WindowTools({ window, setWindow, live, save: download }: WindowToolsProps) {
  const spanSeconds = window.kind === "live" ? window.spanSeconds : undefined;
  return (
    <>
      <fieldset class="segments">
        <legend class="hidden">Time range</legend>
        {SPANS.map(({ label, seconds }) => (
          <label key={seconds} class="segment">
            <input
              type="radio"
              name="span"
              checked={spanSeconds === seconds}
              onChange={() => setWindow({ kind: "live", spanSeconds: seconds })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        class="button"
        aria-label="Zoom in"
        onClick={() => setWindow(zoomed(window, "in", nowSeconds()))}
      >
        +
      </button>
      <button
        type="button"
        class="button"
        aria-label="Zoom out"
        onClick={() => setWindow(zoomed(window, "out", nowSeconds()))}
      >
        −
      </button>
      {window.kind === "fixed" && (
        <button type="button" class="button" onClick={live}>
          Live
        </button>
      )}
      <button type="button" class="button" onClick={download}>
        Export CSV
      </button>
    </>
  );
}

function SeriesMenu(props: { series: readonly Series[]; choose: (id: string) => void }) {
  return (
    <select
      class="series-menu"
      aria-label="Plot a value"
      value=""
      onChange={(event) => {
        const id = event.currentTarget.value;
        event.currentTarget.value = "";
        if (id) props.choose(id);
      }}
    >
      <option value="">Plot a value…</option>
      {props.series.map(({ id }) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  );
}
