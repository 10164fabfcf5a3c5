/** The messages under a hub's own topics: metrics, as Mosquitto has them, and events, as Scaleway IoT Hub has them. */
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Message } from "../../broker/message.ts";
import type { ClientMetrics, HubMetrics } from "../../control/hub-metrics.ts";

/** The metrics under `$SYS/broker/`: those of the hub by Mosquitto's names (mosquitto(8)), and of each client as JSON. */
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
    ["store/messages/count", hub.queued.messages],
    ["store/messages/bytes", hub.queued.bytes],
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

/** A client identifier as one topic level. Slashes, wildcards and percent signs are encoded as in a URL; empty is `%`. */
function levelOf(clientId: string): string {
  return clientId.replace(/[/+#%]/g, encodeURIComponent) || "%";
}

type Severity = "info" | "warning" | "error";

/**
 * The message `$SCW/events/device/<client identifier>/<severity>` with the event as JSON. Undefined if Scaleway has no such
 * event, or nobody has subscribed to it. `timeMs` is the time as of `Date.now`.
 */
export function eventMessage(
  event: BrokerEvent,
  timeMs: number,
  isHeard: (topicName: string) => boolean,
): Message | undefined {
  const deviceEvent = deviceEventOf(event);
  if (!deviceEvent) return undefined;
  const { clientId, severity, msg, packet } = deviceEvent;
  const topic = `$SCW/events/device/${levelOf(clientId)}/${severity}`;
  if (!isHeard(topic)) return undefined;
  // Formatted only now, because most events have no subscriber.
  const time = new Date(timeMs).toISOString();
  const record = { time, severity, "object-type": "device", "object-id": clientId, msg, packet };
  return messageOf(topic, JSON.stringify(record));
}

interface DeviceEvent {
  readonly clientId: string;
  readonly severity: Severity;
  readonly msg: string;
  readonly packet?: string;
}

function deviceEventOf(event: BrokerEvent): DeviceEvent | undefined {
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
        msg: "messages are dropped because the client is too slow",
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
