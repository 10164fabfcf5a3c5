import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Observable } from "./observable.ts";
import { afterPress } from "./press.ts";

/** Messages may come by the thousand; the eye follows ten pictures a second. */
const REFRESH_MS = 100;

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
    const refresh = (): void =>
      afterPress(() => {
        scheduled = false;
        setTick((tick) => tick + 1);
      });
    return model.onChange(() => {
      if (scheduled) return;
      scheduled = true;
      setTimeout(() => requestAnimationFrame(refresh), REFRESH_MS);
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
