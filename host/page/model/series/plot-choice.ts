/** The series that are plotted, and their distribution over plots. */

export const PLOTS_MAX = 8;
/** Series per plot. More lines cannot be told apart. */
export const SERIES_OF_PLOT_MAX = 8;
const TEXT_CHARACTERS_MAX = 16_384;

/** The series IDs of each plot. A plot has one axis for all its series. */
export type Plots = readonly (readonly string[])[];

export interface PlotChoice {
  readonly plots: Plots;
  isPlotted(seriesId: string): boolean;
  /** Plots the series in a new plot, or removes it. */
  toggle(seriesId: string): void;
  /** Moves the series to another plot. An index after the last one makes a new plot. */
  move(seriesId: string, plot: number): void;
}

export function isPlotted(plots: Plots, id: string): boolean {
  return plots.some((plot) => plot.includes(id));
}

/** If the maximum number of plots is reached, the first plot is removed. */
export function toggled(plots: Plots, id: string): Plots {
  return isPlotted(plots, id) ? without(plots, id) : [...plots, [id]].slice(-PLOTS_MAX);
}

/** Returns the plots unchanged if there is no space. */
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

/** The plots as text for the page's address. Empty if nothing is plotted. */
export function writePlots(plots: Plots): string {
  return plots.length === 0 ? "" : JSON.stringify(plots);
}

/** Reads the text from an address. Ignores invalid parts, because anyone can write a link. */
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
