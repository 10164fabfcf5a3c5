import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Observable } from "../model/observable.ts";
import { Pace } from "./pace.ts";
import { afterPress } from "./press.ts";

/** All that changes by itself is one picture. */
const pace = new Pace();

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
    let drawnAtMs = Number.NEGATIVE_INFINITY;
    const refresh = (): void =>
      afterPress(() => {
        scheduled = false;
        setTick((tick) => tick + 1);
        drawnAtMs = performance.now();
        // The browser has drawn when it comes to the next task.
        setTimeout(() => pace.drew(performance.now() - drawnAtMs));
      });
    return model.onChange(() => {
      if (scheduled) return;
      scheduled = true;
      const waitMs = Math.max(0, drawnAtMs + pace.periodMs - performance.now());
      setTimeout(() => requestAnimationFrame(refresh), waitMs);
    });
  }, [model]);
}

/** The time of day, told anew each second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => afterPress(() => setNowMs(Date.now())), 1_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
