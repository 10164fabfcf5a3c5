/** Formats the events of a hub for persons and for programs. */
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Message } from "../../broker/message.ts";
import type { Link, LinkKind, Refusal } from "../../broker/policy.ts";

const PAYLOAD_CHARACTERS_MAX = 160;

const LINK_NAMES: Readonly<Record<LinkKind, string>> = {
  tcp: "TCP",
  tls: "TLS",
  websocket: "WebSocket",
  "secure websocket": "secure WebSocket",
};

/** Formats an event as a line for a person. Control characters are escaped, so that devices cannot control the terminal. */
export function formatHubEvent(event: BrokerEvent): string {
  switch (event.kind) {
    case "connected": {
      const { client, link } = event;
      return `+ ${visible(client.id)} connected over ${LINK_NAMES[link.kind]} from ${peerOf(link)}`;
    }
    case "ended": {
      const why = ENDINGS[event.cause] + (event.reason === undefined ? "" : `: ${visible(event.reason)}`);
      return `- ${visible(event.client.id)} ${why}`;
    }
    case "turned away": {
      const who = event.clientId ? `${visible(event.clientId)} at ${peerOf(event.link)}` : peerOf(event.link);
      return `! ${who} refused (${LINK_NAMES[event.link.kind]}): ${formatRefusal(event.refusal)}`;
    }
    case "warned":
      return `! ${visible(event.clientId)} at ${peerOf(event.link)}: ${formatRefusal(event.refusal)}`;
    case "published": {
      const { message } = event;
      return `${visible(message.topic)}  ${formatMarks(message)}  ${formatPayload(message.payload)}`;
    }
    case "denied": {
      const { client, packet, topic, refusal } = event;
      return `! ${visible(client.id)} may not ${PACKETS[packet]} ${visible(topic)}: ${formatRefusal(refusal)}`;
    }
    case "overflowed":
      return `! ${visible(event.client.id)} is too slow: messages to it are dropped`;
  }
}

const ENDINGS = {
  disconnected: "disconnected",
  lost: "disconnected: the connection broke",
  "keep alive": "disconnected: it sent no packet for 1.5 keep alive periods",
  "taken over": "disconnected: a new connection with the same client identifier took over",
  violation: "disconnected: it violated MQTT",
  evicted: "disconnected by the hub",
  "hub closed": "disconnected: the hub stops",
} as const;

const PACKETS = {
  publish: "publish to",
  will: "leave a will on",
  subscribe: "subscribe to",
} as const;

/** Converts an event for programs. `payload` is text, or null if the bytes are not UTF-8; then `payloadBase64` has them. */
export function hubEventRecord(event: BrokerEvent): Record<string, unknown> {
  switch (event.kind) {
    case "connected": {
      const { client, link, sessionPresent } = event;
      return { event: "connected", clientId: client.id, ...linkRecord(link), sessionPresent };
    }
    case "ended":
      return { event: "disconnected", clientId: event.client.id, cause: event.cause, reason: event.reason };
    case "turned away": {
      const { clientId, link, refusal } = event;
      return { event: "refused", clientId, ...linkRecord(link), ...refusal };
    }
    case "warned": {
      const { clientId, link, refusal } = event;
      return { event: "warned", clientId, ...linkRecord(link), ...refusal };
    }
    case "published": {
      const { client, message, isWill } = event;
      return { event: "message", clientId: client.id, ...messageRecord(message), isWill };
    }
    case "denied": {
      const { client, packet, topic, refusal } = event;
      return { event: "denied", clientId: client.id, packet, topic, ...refusal };
    }
    case "overflowed":
      return { event: "overflowed", clientId: event.client.id };
  }
}

function linkRecord(link: Link): Record<string, unknown> {
  return { connection: link.kind, peer: peerOf(link) };
}

function messageRecord({ topic, payload, qos, retain }: Message): Record<string, unknown> {
  const text = decodeUtf8(payload);
  const base64 = text === undefined ? { payloadBase64: payload.toString("base64") } : {};
  return { topic, payload: text ?? null, ...base64, qos, retain };
}

function peerOf({ address, port }: Link): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function formatRefusal({ rule, remedy }: Refusal): string {
  return `${visible(rule)}. ${visible(remedy)}`;
}

function formatMarks(message: Message): string {
  return message.retain ? `QoS ${message.qos}, retained` : `QoS ${message.qos}`;
}

function formatPayload(payload: Buffer): string {
  if (payload.length === 0) return "(empty)";
  const text = decodeUtf8(payload.subarray(0, PAYLOAD_CHARACTERS_MAX * 4));
  const shown = text === undefined ? `0x${payload.toString("hex", 0, 80)}` : visible(text);
  const cut = shown.length > PAYLOAD_CHARACTERS_MAX || payload.length > PAYLOAD_CHARACTERS_MAX * 4;
  return cut ? `${shown.slice(0, PAYLOAD_CHARACTERS_MAX)}… (${payload.length} bytes)` : shown;
}

/** Returns undefined if the bytes are not UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, "0")}`;
  });
}
