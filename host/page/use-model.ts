import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Observable } from "./observable.ts";

/** Messages may come by the thousand; the eye follows ten pictures a second. */
const REFRESH_MS = 100;
/** A press that lasts longer is none of a row: a window may also have been left with the button down. */
const PRESS_MS_MAX = 3_000;

/** When a pointer was pressed that has not been let go of, by the clock of events. */
let pressedMs: number | undefined;
if (typeof document !== "undefined") {
  document.addEventListener("pointerdown", ({ timeStamp }) => (pressedMs = timeStamp), true);
  for (const end of ["pointerup", "pointercancel"] as const) {
    document.addEventListener(end, () => (pressedMs = undefined), true);
  }
}

/** Between press and release nothing moves: a click is of the row that is under both. */
function isPressed(): boolean {
  return pressedMs !== undefined && performance.now() - pressedMs < PRESS_MS_MAX;
}

/** Renders the component again with each change of a model that changes seldom, by what the user does: at once. */
export function useChanges(model: Observable): void {
  const [, setTick] = useState(0);
  // Before the picture is drawn: no change falls between it and the listener.
  useLayoutEffect(() => model.onChange(() => setTick((tick) => tick + 1)), [model]);
}

/** Renders the component again after the model changed, at a bounded rate and not at all in a hidden tab. */
export function useModelChanges(model: Observable): void {
  const [, setTick] = useState(0);
  useLayoutEffect(() => {
    let scheduled = false;
    const schedule = (): void => void setTimeout(() => requestAnimationFrame(refresh), REFRESH_MS);
    const refresh = (): void => {
      scheduled = isPressed();
      if (scheduled) schedule();
      else setTick((tick) => tick + 1);
    };
    return model.onChange(() => {
      if (scheduled) return;
      scheduled = true;
      schedule();
    });
  }, [model]);
}

/** The time of day, told anew each second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
