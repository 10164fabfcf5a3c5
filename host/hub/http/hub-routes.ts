/** The routes beside the page: metrics and, if enabled, the REST network. */
import type { Broker } from "../../broker/broker.ts";
import type { Metrics } from "../reports/metrics.ts";
import { formatPrometheus, PROMETHEUS_TYPE } from "../reports/prometheus.ts";
import type { ControlChannel } from "./control-channel.ts";
import type { Routes } from "./page-server.ts";
import { REST_PATH, RestNetwork } from "./rest-network.ts";

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

export interface HubRoutesOptions {
  /** The address that the hub listens on. */
  readonly host: string;
  readonly restSecret?: string | undefined;
  readonly broker: Broker;
  readonly metrics: Metrics;
  readonly control: ControlChannel | undefined;
}

export function hubRoutes({ host, restSecret, broker, metrics, control }: HubRoutesOptions): Routes {
  const rest =
    restSecret === undefined
      ? undefined
      : new RestNetwork(restSecret, (message) => broker.publish(message, performance.now()));
  return {
    "/metrics": (request) => {
      // A hub that listens only on this machine shows its metrics to every program on it.
      if (!LOOPBACK_NAMES.has(host) && !control?.isAllowed(request)) {
        return {
          status: 401,
          text: "Metrics require the hub's token. Send the header Authorization: Bearer TOKEN.",
        };
      }
      return { status: 200, text: formatPrometheus(metrics.read()), type: PROMETHEUS_TYPE };
    },
    ...(rest && { [REST_PATH]: (request) => rest.answer(request) }),
  };
}
