/** The time range of the plots: live, which ends now, or fixed. */

export type TimeWindow =
  | { readonly kind: "live"; readonly spanSeconds: number }
  | { readonly kind: "fixed"; readonly fromSeconds: number; readonly toSeconds: number };

export interface TimeRange {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** Shorter than the interval of messages. */
const SPAN_SECONDS_MIN = 0.05;
const SPAN_SECONDS_MAX = 24 * 3600;
const STEP = 2;
/** The share of the window that an arrow key moves it. */
const SHARE_MOVED = 0.25;

export function timeRangeOf(window: TimeWindow, nowSeconds: number): TimeRange {
  if (window.kind === "fixed") return window;
  return { fromSeconds: nowSeconds - window.spanSeconds, toSeconds: nowSeconds };
}

export function zoomed(window: TimeWindow, direction: "in" | "out", nowSeconds: number): TimeWindow {
  const { fromSeconds, toSeconds } = timeRangeOf(window, nowSeconds);
  const factor = direction === "in" ? 1 / STEP : STEP;
  const spanSeconds = clamp((toSeconds - fromSeconds) * factor);
  if (window.kind === "live") return { kind: "live", spanSeconds };
  const middle = (fromSeconds + toSeconds) / 2;
  return { kind: "fixed", fromSeconds: middle - spanSeconds / 2, toSeconds: middle + spanSeconds / 2 };
}

export function moved(window: TimeWindow, direction: "back" | "forward", nowSeconds: number): TimeWindow {
  const { fromSeconds, toSeconds } = timeRangeOf(window, nowSeconds);
  const step = (toSeconds - fromSeconds) * SHARE_MOVED * (direction === "back" ? -1 : 1);
  return { kind: "fixed", fromSeconds: fromSeconds + step, toSeconds: toSeconds + step };
}

/** The window between two times in either order. Undefined if it is too short. */
export function selected(oneSeconds: number, otherSeconds: number): TimeWindow | undefined {
  const fromSeconds = Math.min(oneSeconds, otherSeconds);
  const toSeconds = Math.max(oneSeconds, otherSeconds);
  return toSeconds - fromSeconds < SPAN_SECONDS_MIN ? undefined : { kind: "fixed", fromSeconds, toSeconds };
}

function clamp(spanSeconds: number): number {
  return Math.min(Math.max(spanSeconds, SPAN_SECONDS_MIN), SPAN_SECONDS_MAX);
}
