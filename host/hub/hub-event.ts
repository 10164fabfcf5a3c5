import type { ConnectionKind } from "./connection.ts";

/** What happens at the hub, as it tells whoever runs it. */
export type HubEvent =
  | {
      readonly kind: "connected";
      readonly clientId: string;
      readonly connection: ConnectionKind;
      readonly peer: string;
    }
  | { readonly kind: "disconnected"; readonly clientId: string }
  /** Turned away before it reached the broker. */
  | {
      readonly kind: "refused";
      readonly connection: ConnectionKind;
      readonly peer: string;
      readonly reason: string;
    }
  | HubMessage;

export interface HubMessage {
  readonly kind: "message";
  /** Who published it; wills carry the client whose they were. */
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

const PAYLOAD_CHARACTERS_MAX = 160;

/** One line for a person. Control characters are shown, not sent: a device must not steer the terminal. */
export function formatHubEvent(event: HubEvent): string {
  switch (event.kind) {
    case "connected":
      return `+ ${visible(event.clientId)} connected over ${formatKind(event.connection)} from ${event.peer}`;
    case "disconnected":
      return `- ${visible(event.clientId)} disconnected`;
    case "refused":
      return `! ${event.peer} refused (${formatKind(event.connection)}): ${visible(event.reason)}`;
    case "message":
      return `${visible(event.topic)}  ${formatMarks(event)}  ${formatPayload(event.payload)}`;
  }
}

/** The same for machines: `payload` is text, or null where the bytes are no UTF-8 and `payloadBase64` has them. */
export function hubEventRecord(event: HubEvent): Record<string, unknown> {
  const { kind, ...rest } = event;
  if (event.kind !== "message") return { event: kind, ...rest };
  const text = decodeUtf8(event.payload);
  const base64 = text === undefined ? { payloadBase64: Buffer.from(event.payload).toString("base64") } : {};
  return { event: kind, ...rest, payload: text ?? null, ...base64 };
}

function formatKind(kind: ConnectionKind): string {
  return kind === "tcp" ? "TCP" : "WebSocket";
}

function formatMarks(message: HubMessage): string {
  return message.retain ? `QoS ${message.qos}, retained` : `QoS ${message.qos}`;
}

function formatPayload(payload: Uint8Array): string {
  if (payload.length === 0) return "(empty)";
  const text = decodeUtf8(payload.subarray(0, PAYLOAD_CHARACTERS_MAX * 4));
  const shown = text === undefined ? `0x${Buffer.from(payload).toString("hex", 0, 80)}` : visible(text);
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
