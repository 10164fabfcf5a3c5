import { useMemo } from "preact/hooks";
import {
  isPlotted,
  moved,
  type PlotChoice,
  readPlots,
  toggled,
  writePlots,
} from "../model/series/plot-choice.ts";

/** The plots in the page's address. `text` is that part of the address, and `write` changes it. */
export function usePlotChoice(text: string, write: (text: string) => void): PlotChoice {
  return useMemo(() => {
    const plots = readPlots(text);
    return {
      plots,
      isPlotted: (id) => isPlotted(plots, id),
      toggle: (id) => write(writePlots(toggled(plots, id))),
      move: (id, plot) => write(writePlots(moved(plots, id, plot))),
    };
  }, [text, write]);
}
