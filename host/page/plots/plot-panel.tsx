import { useState } from "preact/hooks";
import { useNow } from "../use-model.ts";
import type { PlotChoice } from "./plot-choice.ts";
import { PlotView } from "./plot-view.tsx";
import type { Series, SeriesStore } from "./series.ts";

const SPANS: readonly { readonly words: string; readonly seconds: number }[] = [
  { words: "1 min", seconds: 60 },
  { words: "5 min", seconds: 300 },
  { words: "30 min", seconds: 1800 },
];
const COLOURS = 6;

export function PlotPanel({ series, plots }: { series: SeriesStore; plots: PlotChoice }) {
  const [spanSeconds, setSpanSeconds] = useState(60);
  useNow();
  const shown = plots.chosen.map((id) => series.find(id)).filter((found) => found !== undefined);
  const others = series.all().filter(({ id }) => !plots.chosen.includes(id));
  return (
    <section class="panel" aria-labelledby="plots-title">
      <div class="panel-head">
        <h2 id="plots-title">Plots</h2>
        <div class="tools">
          {others.length > 0 && <SeriesMenu series={others} choose={plots.toggle} />}
          <fieldset class="segments">
            <legend class="hidden">Time shown</legend>
            {SPANS.map(({ words, seconds }) => (
              <label key={seconds} class="segment">
                <input
                  type="radio"
                  name="span"
                  checked={spanSeconds === seconds}
                  onChange={() => setSpanSeconds(seconds)}
                />
                <span>{words}</span>
              </label>
            ))}
          </fieldset>
        </div>
      </div>
      {shown.length === 0 ? (
        <p class="empty">Nothing is plotted. Click a number of a device or of a message.</p>
      ) : (
        <div class="plots">
          {shown.map((one, index) => (
            <PlotView
              key={one.id}
              series={one}
              spanSeconds={spanSeconds}
              colour={`--series-${(index % COLOURS) + 1}`}
              remove={() => plots.toggle(one.id)}
            />
          ))}
        </div>
      )}
    </section>
  );
}

function SeriesMenu(props: { series: readonly Series[]; choose: (id: string) => void }) {
  return (
    <select
      class="series-menu"
      aria-label="Plot a value"
      value=""
      onChange={(event) => {
        if (event.currentTarget.value) props.choose(event.currentTarget.value);
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
