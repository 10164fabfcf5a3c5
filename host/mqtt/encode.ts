/**
 * Encodes packets.
 *
 *     fixed header      type and flags, remaining length
 *     variable header   depends on the packet; a text is its length (2 bytes, high byte first) and its UTF-8
 *     payload
 */
import { lengthFieldBytes, writeFixedHeader } from "./fixed-header.ts";
import { CONNECT_FLAG, PACKET_TYPES, type PacketType, PUBLISH_FLAG, WILL_QOS_SHIFT } from "./packet-types.ts";
import type { ConnectPacket, Packet, PublishPacket } from "./packets.ts";

const encoder = new TextEncoder();

/** The first byte of each packet type, with the flags that are the same in all packets of the type. */
const FIRST_BYTE = Object.fromEntries(
  PACKET_TYPES.map(({ type, number, flags = 0 }) => [type, (number << 4) | flags]),
) as Readonly<Record<PacketType, number>>;

/** Allocates bytes, which need not be zeroed. */
export type Allocate<Bytes extends Uint8Array> = (sizeBytes: number) => Bytes;

function allocatePlain(sizeBytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(sizeBytes);
}

/** Encodes a packet. It does not check texts and numbers: callers have checked what comes from people and peers. */
export function encodePacket(packet: Packet): Uint8Array<ArrayBuffer>;
export function encodePacket<Bytes extends Uint8Array>(packet: Packet, allocate: Allocate<Bytes>): Bytes;
export function encodePacket(packet: Packet, allocate: Allocate<Uint8Array> = allocatePlain): Uint8Array {
  switch (packet.type) {
    case "publish":
      return encodePublish(packet, allocate);
    case "connect":
      return encodeConnect(packet, allocate);
    case "connack":
      return encodeBytes("connack", [packet.sessionPresent ? 1 : 0, packet.returnCode], allocate);
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
    case "unsuback":
      return encodeIdentifier(FIRST_BYTE[packet.type], packet.packetIdentifier, allocate);
    case "suback":
      return encodeBytes("suback", [...uint16(packet.packetIdentifier), ...packet.returnCodes], allocate);
    case "subscribe":
      return encodeBytes(
        "subscribe",
        [
          ...uint16(packet.packetIdentifier),
          ...packet.subscriptions.flatMap(({ topicFilter, qos }) => [...text(topicFilter), qos]),
        ],
        allocate,
      );
    case "unsubscribe":
      return encodeBytes(
        "unsubscribe",
        [...uint16(packet.packetIdentifier), ...packet.topicFilters.flatMap((each) => [...text(each)])],
        allocate,
      );
    case "pingreq":
    case "pingresp":
    case "disconnect":
      return encodeBytes(packet.type, [], allocate);
  }
}

function encodePublish(packet: PublishPacket, allocate: Allocate<Uint8Array>): Uint8Array {
  const { topicName, payload, qos, dup, retain, packetIdentifier } = packet;
  const topicBytes = textBytes(topicName);
  const remainingLength = 2 + topicBytes + (qos > 0 ? 2 : 0) + payload.length;
  const flags = (dup ? PUBLISH_FLAG.dup : 0) | (qos << 1) | (retain ? PUBLISH_FLAG.retain : 0);
  const bytes = allocate(1 + lengthFieldBytes(remainingLength) + remainingLength);
  let offset = writeFixedHeader(bytes, FIRST_BYTE.publish | flags, remainingLength);
  bytes[offset++] = topicBytes >> 8;
  bytes[offset++] = topicBytes & 0xff;
  writeText(bytes, offset, topicName, topicBytes);
  offset += topicBytes;
  if (qos > 0) {
    bytes[offset++] = packetIdentifier >> 8;
    bytes[offset++] = packetIdentifier & 0xff;
  }
  bytes.set(payload, offset);
  return bytes;
}

function encodeIdentifier(
  firstByte: number,
  packetIdentifier: number,
  allocate: Allocate<Uint8Array>,
): Uint8Array {
  const bytes = allocate(4);
  bytes[0] = firstByte;
  bytes[1] = 2;
  bytes[2] = packetIdentifier >> 8;
  bytes[3] = packetIdentifier & 0xff;
  return bytes;
}

/** Returns a copy of a PUBLISH packet with the DUP flag [MQTT-3.3.1-1]. */
export function asDuplicate(publish: Uint8Array): Uint8Array<ArrayBuffer> {
  const again = Uint8Array.from(publish);
  again[0] = (again[0] as number) | PUBLISH_FLAG.dup;
  return again;
}

function encodeConnect(packet: ConnectPacket, allocate: Allocate<Uint8Array>): Uint8Array {
  const { protocolLevel, cleanSession, keepAliveSeconds, clientIdentifier, will, userName, password } =
    packet;
  const flags =
    (cleanSession ? CONNECT_FLAG.cleanSession : 0) |
    (will ? CONNECT_FLAG.will | (will.qos << WILL_QOS_SHIFT) : 0) |
    (will?.retain ? CONNECT_FLAG.willRetain : 0) |
    (userName === undefined ? 0 : CONNECT_FLAG.userName) |
    (password === undefined ? 0 : CONNECT_FLAG.password);
  const body = [
    ...text(protocolLevel === 3 ? "MQIsdp" : "MQTT"),
    protocolLevel,
    flags,
    ...uint16(keepAliveSeconds),
    ...text(clientIdentifier),
    ...(will ? [...text(will.topicName), ...binary(will.payload)] : []),
    ...(userName === undefined ? [] : text(userName)),
    ...(password === undefined ? [] : binary(password)),
  ];
  return encodeBytes("connect", body, allocate);
}

function encodeBytes(type: PacketType, body: readonly number[], allocate: Allocate<Uint8Array>): Uint8Array {
  const bytes = allocate(1 + lengthFieldBytes(body.length) + body.length);
  bytes.set(body, writeFixedHeader(bytes, FIRST_BYTE[type], body.length));
  return bytes;
}

function uint16(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}

function text(value: string): readonly number[] {
  return binary(encoder.encode(value));
}

function binary(bytes: Uint8Array): readonly number[] {
  return [...uint16(bytes.length), ...bytes];
}

/** The length of a text in UTF-8, in bytes. */
function textBytes(value: string): number {
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 0x7f) return encoder.encode(value).length;
  }
  return value.length;
}

/** Writes a text. A loop is faster than an encoder if each character is a byte, as in nearly all topics. */
function writeText(bytes: Uint8Array, offset: number, value: string, sizeBytes: number): void {
  if (sizeBytes > value.length) {
    encoder.encodeInto(value, bytes.subarray(offset));
    return;
  }
  for (let index = 0; index < value.length; index++) bytes[offset + index] = value.charCodeAt(index);
}
