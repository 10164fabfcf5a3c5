import { formatNumber } from "../controls/format.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";

/** A number as a button that plots it. */
export function PlotChip(props: { id: string; label: string; value: number; plots: PlotChoice }) {
  const { id, label, value, plots } = props;
  const plotted = plots.isPlotted(id);
  const title = plotted ? `Stop plotting ${id}` : `Plot ${id}`;
  return (
    <button type="button" class="chip" aria-pressed={plotted} title={title} onClick={() => plots.toggle(id)}>
      {label && <span class="chip-label">{label}</span>}
      <span class="number">{formatNumber(value)}</span>
      <svg class="chip-icon" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M1.5 11.5 5.5 7l3 2.5 6-6" />
      </svg>
    </button>
  );
}
