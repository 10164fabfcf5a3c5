/** The time that the plots show: the last seconds, which go on, or a stretch that stands still. */

export type TimeWindow =
  | { readonly kind: "live"; readonly spanSeconds: number }
  | { readonly kind: "fixed"; readonly fromSeconds: number; readonly toSeconds: number };

export interface TimeRange {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** Finer than messages come. */
const SPAN_SECONDS_MIN = 0.05;
const SPAN_SECONDS_MAX = 24 * 3600;
const STEP = 2;
/** Of the window, for each arrow key. */
const SHARE_MOVED = 0.25;

export function timeRangeOf(window: TimeWindow, nowSeconds: number): TimeRange {
  if (window.kind === "fixed") return window;
  return { fromSeconds: nowSeconds - window.spanSeconds, toSeconds: nowSeconds };
}

export function zoomed(window: TimeWindow, way: "in" | "out", nowSeconds: number): TimeWindow {
  const { fromSeconds, toSeconds } = timeRangeOf(window, nowSeconds);
  const factor = way === "in" ? 1 / STEP : STEP;
  const spanSeconds = clamp((toSeconds - fromSeconds) * factor);
  if (window.kind === "live") return { kind: "live", spanSeconds };
  const middle = (fromSeconds + toSeconds) / 2;
  return { kind: "fixed", fromSeconds: middle - spanSeconds / 2, toSeconds: middle + spanSeconds / 2 };
}

export function moved(window: TimeWindow, way: "back" | "forth", nowSeconds: number): TimeWindow {
  const { fromSeconds, toSeconds } = timeRangeOf(window, nowSeconds);
  const step = (toSeconds - fromSeconds) * SHARE_MOVED * (way === "back" ? -1 : 1);
  return { kind: "fixed", fromSeconds: fromSeconds + step, toSeconds: toSeconds + step };
}

/** In either order. A stretch of no length is none. */
export function selected(oneSeconds: number, otherSeconds: number): TimeWindow | undefined {
  const fromSeconds = Math.min(oneSeconds, otherSeconds);
  const toSeconds = Math.max(oneSeconds, otherSeconds);
  return toSeconds - fromSeconds < SPAN_SECONDS_MIN ? undefined : { kind: "fixed", fromSeconds, toSeconds };
}

function clamp(spanSeconds: number): number {
  return Math.min(Math.max(spanSeconds, SPAN_SECONDS_MIN), SPAN_SECONDS_MAX);
}
