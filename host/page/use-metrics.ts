import { useEffect, useState } from "preact/hooks";
import type { HubMetrics } from "../control/hub-metrics.ts";
import type { MotekitError } from "../errors.ts";
import type { ControlClient } from "./control-client.ts";
import { afterPress } from "./press.ts";

const PERIOD_MS = 2_000;

/** What the hub counts, asked for again and again; undefined without the hub's token, and while it does not answer. */
export function useMetrics(control: ControlClient): HubMetrics | undefined {
  const [metrics, setMetrics] = useState<HubMetrics>();
  useEffect(() => {
    if (!control.hasToken) return undefined;
    const ask = (): void => {
      if (document.hidden) return;
      control.metrics().then(
        (told) => afterPress(() => setMetrics(told)),
        (error: MotekitError) => {
          setMetrics(undefined);
          // Another hub answers: asking again does not help.
          if (error.code === "MK1403") clearInterval(clock);
        },
      );
    };
    const clock = setInterval(ask, PERIOD_MS);
    ask();
    return () => clearInterval(clock);
  }, [control]);
  return metrics;
}
