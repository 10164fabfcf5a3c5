import { useEffect, useState } from "preact/hooks";
import type { HubMetrics } from "../../control/hub-metrics.ts";
import type { MotekitError } from "../../errors.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { afterPress } from "./press.ts";

const PERIOD_MS_MIN = 2_000;
/** The answer tells of each client: a hub that has 10,000 is asked for these 3 MB every 10 s. */
const PERIOD_MS_PER_CLIENT = 1;

/** What the hub counts, asked for again and again; undefined without the hub's token, and while it does not answer. */
export function useMetrics(control: ControlClient): HubMetrics | undefined {
  const [metrics, setMetrics] = useState<HubMetrics>();
  useEffect(() => {
    if (!control.hasToken) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isEnded = false;
    const askIn = (ms: number): void => {
      if (!isEnded) timer = setTimeout(ask, ms);
    };
    // One way for both, so that an answer that waited for a release never takes the place of a later one.
    const show = (told: HubMetrics | undefined): void =>
      afterPress(() => {
        if (!isEnded) setMetrics(told);
      });
    const ask = (): void => {
      if (document.hidden) {
        askIn(PERIOD_MS_MIN);
        return;
      }
      control.metrics().then(
        (told) => {
          show(told);
          askIn(Math.max(PERIOD_MS_MIN, PERIOD_MS_PER_CLIENT * told.clients.length));
        },
        (error: MotekitError) => {
          show(undefined);
          // Another hub answers: asking again does not help.
          if (error.code !== "MK1403") askIn(PERIOD_MS_MIN);
        },
      );
    };
    ask();
    return () => {
      isEnded = true;
      clearTimeout(timer);
    };
  }, [control]);
  return metrics;
}
