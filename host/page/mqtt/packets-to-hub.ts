/**
 * The packets that the page's client sends, as MQTT 3.1.1 has them.
 *
 *     fixed header      type and flags (1 byte), remaining length (1 to 4 bytes, 7 bits each, low end first)
 *     variable header   by the packet; a text is its length (2 bytes, high end first) and its UTF-8
 *     payload
 */
import type { Qos } from "../model/message.ts";

export interface ConnectFields {
  readonly clientId: string;
  readonly userName?: string;
  readonly password?: string;
  readonly cleanSession: boolean;
  readonly keepAliveSeconds: number;
}

export interface PublishFields {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** For QoS 1 and 2. */
  readonly packetIdentifier?: number;
}

const CONNECT_FLAG = { cleanSession: 0x02, password: 0x40, userName: 0x80 } as const;
const DUP = 0x08;
/** PUBREL, SUBSCRIBE and UNSUBSCRIBE have it, and no other flag [MQTT-2.2.2-2]. */
const FLAG_OF_REQUESTS = 0x02;

export const PINGREQ: Uint8Array<ArrayBuffer> = Uint8Array.of(0xc0, 0);
export const DISCONNECT: Uint8Array<ArrayBuffer> = Uint8Array.of(0xe0, 0);

/** [3.1] */
export function encodeConnect(fields: ConnectFields): Uint8Array<ArrayBuffer> {
  const { clientId, userName, password, cleanSession, keepAliveSeconds } = fields;
  const flags =
    (cleanSession ? CONNECT_FLAG.cleanSession : 0) |
    (userName === undefined ? 0 : CONNECT_FLAG.userName) |
    (password === undefined ? 0 : CONNECT_FLAG.password);
  return encode(0x10, [
    text("MQTT"),
    Uint8Array.of(4, flags),
    number(keepAliveSeconds),
    text(clientId),
    ...(userName === undefined ? [] : [text(userName)]),
    ...(password === undefined ? [] : [text(password)]),
  ]);
}

/** [3.3] */
export function encodePublish(fields: PublishFields): Uint8Array<ArrayBuffer> {
  const { topic, payload, qos, retain, packetIdentifier } = fields;
  const identifier = packetIdentifier === undefined ? [] : [number(packetIdentifier)];
  return encode(0x30 | (qos << 1) | (retain ? 1 : 0), [text(topic), ...identifier, payload]);
}

/** The same, as it is sent again [MQTT-3.3.1-1]. */
export function asDuplicate(publish: Uint8Array): Uint8Array<ArrayBuffer> {
  const again = Uint8Array.from(publish);
  again[0] = (again[0] ?? 0) | DUP;
  return again;
}

export type AcknowledgementKind = "puback" | "pubrec" | "pubrel" | "pubcomp";

const ACKNOWLEDGEMENT: Readonly<Record<AcknowledgementKind, number>> = {
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x60 | FLAG_OF_REQUESTS,
  pubcomp: 0x70,
};

/** [3.4 to 3.7] */
export function encodeAcknowledgement(
  kind: AcknowledgementKind,
  packetIdentifier: number,
): Uint8Array<ArrayBuffer> {
  return encode(ACKNOWLEDGEMENT[kind], [number(packetIdentifier)]);
}

/** [3.8] */
export function encodeSubscribe(
  packetIdentifier: number,
  topicFilter: string,
  qos: Qos,
): Uint8Array<ArrayBuffer> {
  return encode(0x80 | FLAG_OF_REQUESTS, [number(packetIdentifier), text(topicFilter), Uint8Array.of(qos)]);
}

/** [3.10] */
export function encodeUnsubscribe(packetIdentifier: number, topicFilter: string): Uint8Array<ArrayBuffer> {
  return encode(0xa0 | FLAG_OF_REQUESTS, [number(packetIdentifier), text(topicFilter)]);
}

const encoder = new TextEncoder();

/** Its length was judged before: 65,535 bytes at most. */
function text(value: string): Uint8Array {
  const bytes = encoder.encode(value);
  return joined([number(bytes.length), bytes]);
}

function number(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function encode(firstByte: number, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return joined([Uint8Array.from([firstByte, ...remainingLength(length)]), ...parts]);
}

/** [2.2.3] */
function remainingLength(length: number): number[] {
  const low = length % 128;
  return length < 128 ? [low] : [low | 0x80, ...remainingLength(Math.floor(length / 128))];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
