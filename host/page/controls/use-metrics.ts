import { useEffect, useState } from "preact/hooks";
import type { HubMetrics } from "../../control/hub-metrics.ts";
import type { MotekitError } from "../../errors.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { afterPress } from "./press.ts";

const PERIOD_MS_MIN = 2_000;
/** The answer grows with the number of clients. With 10,000 clients it has 3 MB and is requested every 10 s. */
const PERIOD_MS_PER_CLIENT = 1;

/** The hub's metrics, requested periodically. Undefined without the hub's token, and while the hub does not answer. */
export function useMetrics(control: ControlClient): HubMetrics | undefined {
  const [metrics, setMetrics] = useState<HubMetrics>();
  useEffect(() => {
    if (!control.hasToken) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isEnded = false;
    const askIn = (ms: number): void => {
      if (!isEnded) timer = setTimeout(ask, ms);
    };
    // Both outcomes use this function, so that an answer that waits for a release never replaces a later one.
    const show = (shown: HubMetrics | undefined): void =>
      afterPress(() => {
        if (!isEnded) setMetrics(shown);
      });
    const ask = (): void => {
      if (document.hidden) {
        askIn(PERIOD_MS_MIN);
        return;
      }
      control.metrics().then(
        (received) => {
          show(received);
          askIn(Math.max(PERIOD_MS_MIN, PERIOD_MS_PER_CLIENT * received.clients.length));
        },
        (error: MotekitError) => {
          show(undefined);
          // The address belongs to another hub now, so a retry does not help.
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
