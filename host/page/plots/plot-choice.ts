/** Which series are plotted, and how to add one or take it away. */
export interface PlotChoice {
  readonly chosen: readonly string[];
  toggle(seriesId: string): void;
}
