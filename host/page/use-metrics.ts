import { useEffect, useState } from "preact/hooks";
import type { HubMetrics } from "../control/hub-metrics.ts";
import type { ControlClient } from "./control-client.ts";

const PERIOD_MS = 2_000;

/** What the hub counts, asked for again and again; undefined without the hub's token, and while it does not answer. */
export function useMetrics(control: ControlClient): HubMetrics | undefined {
  const [metrics, setMetrics] = useState<HubMetrics>();
  useEffect(() => {
    if (!control.hasToken) return undefined;
    const ask = (): void => {
      if (!document.hidden) control.metrics().then(setMetrics, () => setMetrics(undefined));
    };
    ask();
    const clock = setInterval(ask, PERIOD_MS);
    return () => clearInterval(clock);
  }, [control]);
  return metrics;
}
