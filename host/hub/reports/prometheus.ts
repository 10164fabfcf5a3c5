/** Formats a hub's metrics in Prometheus' text format 0.0.4, for `GET /metrics`. */
import type { ClientMetrics, HubMetrics } from "../../control/hub-metrics.ts";

export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const PREFIX = "motekit_hub_";

type Kind = "counter" | "gauge";

const OF_HUB: readonly (readonly [
  name: string,
  kind: Kind,
  help: string,
  value: (hub: HubMetrics) => number,
])[] = [
  ["uptime_seconds", "gauge", "Seconds since the hub started.", (hub) => hub.uptimeSeconds],
  ["connections", "gauge", "Clients that are connected.", (hub) => hub.connections],
  ["sessions", "gauge", "Sessions, including those of disconnected clients.", (hub) => hub.sessions],
  ["retained_messages", "gauge", "Retained messages.", (hub) => hub.retained.messages],
  ["retained_bytes", "gauge", "Bytes of retained messages.", (hub) => hub.retained.bytes],
  ["queued_messages", "gauge", "Messages that clients have not acknowledged.", (hub) => hub.queued.messages],
  [
    "queued_bytes",
    "gauge",
    "Bytes of messages that clients have not acknowledged.",
    (hub) => hub.queued.bytes,
  ],
  ["connects_total", "counter", "CONNECTs that were accepted.", (hub) => hub.connects],
  ["refusals_total", "counter", "Connections that were refused.", (hub) => hub.refusals],
  ["denials_total", "counter", "Messages and subscriptions that a policy denied.", (hub) => hub.denials],
  [
    "overflows_total",
    "counter",
    "Number of times that a client was too slow and messages to it were dropped.",
    (hub) => hub.overflows,
  ],
  ["messages_received_total", "counter", "PUBLISH packets from clients.", (hub) => hub.messagesIn],
  ["messages_sent_total", "counter", "PUBLISH packets to clients.", (hub) => hub.messagesOut],
  ["bytes_received_total", "counter", "Bytes from clients.", (hub) => hub.bytesIn],
  ["bytes_sent_total", "counter", "Bytes to clients.", (hub) => hub.bytesOut],
];

const OF_CLIENT: readonly (readonly [
  name: string,
  kind: Kind,
  help: string,
  value: (client: ClientMetrics) => number,
])[] = [
  ["client_connected", "gauge", "Whether the client is connected.", (client) => (client.isConnected ? 1 : 0)],
  [
    "client_connects_total",
    "counter",
    "CONNECTs of the client that were accepted.",
    (client) => client.connects,
  ],
  [
    "client_refusals_total",
    "counter",
    "CONNECTs of the client that were refused.",
    (client) => client.refusals,
  ],
  [
    "client_denials_total",
    "counter",
    "Messages and subscriptions of the client that a policy denied.",
    (client) => client.denials,
  ],
  [
    "client_messages_received_total",
    "counter",
    "PUBLISH packets from the client.",
    (client) => client.messagesIn,
  ],
  ["client_messages_sent_total", "counter", "PUBLISH packets to the client.", (client) => client.messagesOut],
  ["client_bytes_received_total", "counter", "Bytes from the client.", (client) => client.bytesIn],
  ["client_bytes_sent_total", "counter", "Bytes to the client.", (client) => client.bytesOut],
];

export function formatPrometheus(hub: HubMetrics): string {
  const lines: string[] = [];
  const begin = (name: string, kind: Kind, help: string) =>
    lines.push(`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} ${kind}`);
  for (const [name, kind, help, value] of OF_HUB) {
    begin(name, kind, help);
    lines.push(`${PREFIX}${name} ${value(hub)}`);
  }
  for (const [name, kind, help, value] of OF_CLIENT) {
    begin(name, kind, help);
    for (const client of hub.clients) {
      lines.push(`${PREFIX}${name}{client="${escapeLabel(client.clientId)}"} ${value(client)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
