/** Which series are plotted, and which of them together on one axis. */

export const PLOTS_MAX = 8;
/** Of one plot: more lines nobody tells apart. */
export const SERIES_OF_PLOT_MAX = 8;
const TEXT_CHARACTERS_MAX = 16_384;

/** Each plot has one axis for all its series, by their IDs. */
export type Plots = readonly (readonly string[])[];

export interface PlotChoice {
  readonly plots: Plots;
  isPlotted(seriesId: string): boolean;
  /** Gives it a plot of its own, or takes it away. */
  toggle(seriesId: string): void;
  /** To another plot; behind the last one begins a new one. */
  move(seriesId: string, plot: number): void;
}

export function isPlotted(plots: Plots, id: string): boolean {
  return plots.some((plot) => plot.includes(id));
}

/** Where there are as many plots as may be, the first gives way. */
export function toggled(plots: Plots, id: string): Plots {
  return isPlotted(plots, id) ? without(plots, id) : [...plots, [id]].slice(-PLOTS_MAX);
}

/** Unchanged where there is no room. */
export function moved(plots: Plots, id: string, to: number): Plots {
  const target = plots[to];
  if (target?.includes(id) || (target && target.length >= SERIES_OF_PLOT_MAX)) return plots;
  if (!target && plots.length >= PLOTS_MAX) return plots;
  const taken = plots.map((plot) => plot.filter((each) => each !== id));
  const placed = target
    ? taken.map((plot, index) => (index === to ? [...plot, id] : plot))
    : [...taken, [id]];
  return placed.filter((plot) => plot.length > 0);
}

function without(plots: Plots, id: string): Plots {
  return plots.map((plot) => plot.filter((each) => each !== id)).filter((plot) => plot.length > 0);
}

/** For an address; empty where nothing is plotted. */
export function writePlots(plots: Plots): string {
  return plots.length === 0 ? "" : JSON.stringify(plots);
}

/** What cannot be is left out: a link comes from anywhere. */
export function readPlots(text: string): Plots {
  if (text === "" || text.length > TEXT_CHARACTERS_MAX) return [];
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(found)) return [];
  const seen = new Set<string>();
  return found
    .filter((plot): plot is unknown[] => Array.isArray(plot))
    .map((plot) =>
      plot
        .filter(
          (id): id is string => typeof id === "string" && id !== "" && !seen.has(id) && Boolean(seen.add(id)),
        )
        .slice(0, SERIES_OF_PLOT_MAX),
    )
    .filter((plot) => plot.length > 0)
    .slice(0, PLOTS_MAX);
}
