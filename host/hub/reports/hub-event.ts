/** What happens at the hub, for a person and for a program to read. */
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

/** One line for a person. Control characters are shown, not sent: a device must not steer the terminal. */
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
      return `! ${visible(event.client.id)} is too slow: messages to it are lost`;
  }
}

const ENDINGS = {
  disconnected: "disconnected",
  lost: "disconnected: the connection broke",
  "keep alive": "disconnected: it said nothing for 1.5 keep alive periods",
  "taken over": "disconnected: a new connection of the same client identifier took its place",
  violation: "disconnected: it broke MQTT",
  evicted: "disconnected by the hub",
  "hub closed": "disconnected: the hub ends",
} as const;

const PACKETS = {
  publish: "publish to",
  will: "leave a will on",
  subscribe: "subscribe to",
} as const;

/** The same for machines: `payload` is text, or null where the bytes are no UTF-8 and `payloadBase64` has them. */
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

/** Undefined where the bytes are not UTF-8. A character cut off at the end is left out. */
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
