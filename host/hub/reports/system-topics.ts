/** What a hub says under topics of its own: its metrics, as Mosquitto does, and its events, as Scaleway IoT Hub does. */
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Message } from "../../broker/message.ts";
import type { ClientMetrics, HubMetrics } from "../../control/hub-metrics.ts";

/** Under `$SYS/broker/`: of the hub, by Mosquitto's names where it has the same (mosquitto(8)), and of each client as JSON. */
export function systemMessages(hub: HubMetrics): Message[] {
  const values: readonly (readonly [topic: string, value: number | string])[] = [
    ["uptime", `${Math.round(hub.uptimeSeconds)} seconds`],
    ["clients/connected", hub.connections],
    ["clients/total", hub.sessions],
    ["publish/messages/received", hub.messagesIn],
    ["publish/messages/sent", hub.messagesOut],
    ["bytes/received", hub.bytesIn],
    ["bytes/sent", hub.bytesOut],
    ["retained messages/count", hub.retained.messages],
    ["store/messages/count", hub.owed.messages],
    ["store/messages/bytes", hub.owed.bytes],
  ];
  const clients = hub.clients.filter(({ isOwner }) => !isOwner);
  return [
    ...values.map(([topic, value]) => messageOf(`$SYS/broker/${topic}`, String(value))),
    ...clients.map((client) =>
      messageOf(`$SYS/broker/client/${levelOf(client.clientId)}`, JSON.stringify(clientRecord(client))),
    ),
  ];
}

function clientRecord(client: ClientMetrics): Record<string, unknown> {
  return {
    clientId: client.clientId,
    connected: client.isConnected,
    connects: client.connects,
    refusals: client.refusals,
    denials: client.denials,
    messagesReceived: client.messagesIn,
    messagesSent: client.messagesOut,
    bytesReceived: client.bytesIn,
    bytesSent: client.bytesOut,
  };
}

/** One level of a topic for each identifier: its own slashes, wildcards and percent signs as in a URL; `%` for an empty one. */
function levelOf(clientId: string): string {
  return clientId.replace(/[/+#%]/g, encodeURIComponent) || "%";
}

type Severity = "info" | "warning" | "error";

/**
 * `$SCW/events/device/<client identifier>/<severity>`, with what happened as JSON. Undefined for what is no event there,
 * or where nobody hears it.
 * `timeMs` is as `Date.now`.
 */
export function eventMessage(
  event: BrokerEvent,
  timeMs: number,
  isHeard: (topicName: string) => boolean,
): Message | undefined {
  const told = tell(event);
  if (!told) return undefined;
  const { clientId, severity, msg, packet } = told;
  const topic = `$SCW/events/device/${levelOf(clientId)}/${severity}`;
  if (!isHeard(topic)) return undefined;
  // Only now: most of what happens is told to nobody.
  const time = new Date(timeMs).toISOString();
  const record = { time, severity, "object-type": "device", "object-id": clientId, msg, packet };
  return messageOf(topic, JSON.stringify(record));
}

interface Told {
  readonly clientId: string;
  readonly severity: Severity;
  readonly msg: string;
  readonly packet?: string;
}

function tell(event: BrokerEvent): Told | undefined {
  switch (event.kind) {
    case "connected":
      return { clientId: event.client.id, severity: "info", msg: "connected", packet: "connect" };
    case "ended": {
      const severity = SEVERITIES[event.cause];
      const msg = event.reason === undefined ? event.cause : `${event.cause}: ${event.reason}`;
      return { clientId: event.client.id, severity, msg };
    }
    case "turned away": {
      const { clientId, refusal } = event;
      return clientId === undefined
        ? undefined
        : { clientId, severity: "error", msg: refusal.rule, packet: "connect" };
    }
    case "denied": {
      const msg = `${event.topic}: ${event.refusal.rule}`;
      return { clientId: event.client.id, severity: "warning", msg, packet: event.packet };
    }
    case "warned":
      return { clientId: event.clientId, severity: "warning", msg: event.refusal.rule };
    case "overflowed":
      return {
        clientId: event.client.id,
        severity: "warning",
        msg: "messages are lost: the client is too slow",
      };
    case "published":
      return undefined;
  }
}

const SEVERITIES = {
  disconnected: "info",
  lost: "info",
  "keep alive": "warning",
  "taken over": "warning",
  violation: "error",
  evicted: "warning",
  "hub closed": "info",
} as const satisfies Record<string, Severity>;

function messageOf(topic: string, payload: string): Message {
  return { topic, payload: Buffer.from(payload), qos: 0, retain: false };
}
