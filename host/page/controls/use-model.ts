import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Observable } from "../model/observable.ts";
import { Pace } from "./pace.ts";
import { afterPress } from "./press.ts";

/** One pace for all components, because they render together. */
const pace = new Pace();

/** Renders the component immediately at each change of the model. For models that only the user changes. */
export function useChanges(model: Observable): void {
  const [, setTick] = useState(0);
  // A layout effect, so that no change happens between the render and the listener.
  useLayoutEffect(() => model.onChange(() => setTick((tick) => tick + 1)), [model]);
}

/** Renders the component after changes of the model, at a limited rate and not in a hidden tab. */
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
        // The browser has painted when it runs the next task.
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

/** The current time, updated each second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => afterPress(() => setNowMs(Date.now())), 1_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
