/**
 * Decodes packets strictly: what MQTT 3.1.1 forbids is a ProtocolViolation and never a packet. Payloads are views of the bytes
 * that were read.
 */
import { decodeConnect } from "./decode-connect.ts";
import { FieldReader } from "./field-reader.ts";
import {
  type Direction,
  type PacketTypeFacts,
  PUBLISH_FLAG,
  packetTypeOf,
  QOS_MAX,
  type Qos,
  RETURN_CODE_WORDS,
  SUBACK_FAILURE,
} from "./packet-types.ts";
import type {
  AcknowledgementPacket,
  ClientPacket,
  ConnackPacket,
  HubPacket,
  PublishPacket,
  SubackPacket,
  SubscribePacket,
  SubscriptionRequest,
  UnsubscribePacket,
} from "./packets.ts";
import { ProtocolViolation } from "./protocol-violation.ts";
import { flagsRule, lengthRule, RULES } from "./rules.ts";

/**
 * Checks the type and the flags of a packet.
 * @throws ProtocolViolation
 */
export function judgeFirstByte(firstByte: number, direction: Direction): void {
  const facts = packetTypeOf(firstByte);
  if (!facts) throw new ProtocolViolation(`packet of type ${firstByte >> 4}`, RULES.noSuchPacket);
  if (facts.direction !== undefined && facts.direction !== direction) {
    const rule = facts.direction === "in" ? RULES.onlyClientSends : RULES.onlyHubSends;
    throw new ProtocolViolation(facts.name, rule);
  }
  const flags = firstByte & 0x0f;
  if (facts.flags === undefined) judgePublishFlags(flags, facts.name);
  else if (flags !== facts.flags) throw new ProtocolViolation(facts.name, flagsRule(facts.flags));
}

function judgePublishFlags(flags: number, name: string): void {
  const qos = (flags & PUBLISH_FLAG.qos) >> 1;
  if (qos > QOS_MAX) throw new ProtocolViolation(name, RULES.publishQos);
  if (qos === 0 && flags & PUBLISH_FLAG.dup) throw new ProtocolViolation(name, RULES.dupAtQos0);
}

/**
 * Checks the remaining length of a packet whose length is fixed.
 * @throws ProtocolViolation
 */
export function judgeLength(firstByte: number, remainingLength: number): void {
  const { lengthBytes, name } = packetTypeOf(firstByte) as PacketTypeFacts;
  if (lengthBytes === undefined || lengthBytes === remainingLength) return;
  throw new ProtocolViolation(name, lengthRule(lengthBytes, remainingLength));
}

/**
 * The number of bytes after the fixed header that can break a rule: all except the payload of PUBLISH. `part` is what has come
 * of them. Until it has the length of a PUBLISH's topic name, the result is `remainingLength`.
 */
export function headBytes(firstByte: number, part: Uint8Array, remainingLength: number): number {
  const [high, low] = part;
  if (packetTypeOf(firstByte)?.type !== "publish" || high === undefined || low === undefined) {
    return remainingLength;
  }
  const identifierBytes = firstByte & PUBLISH_FLAG.qos ? 2 : 0;
  return Math.min(2 + high * 256 + low + identifierBytes, remainingLength);
}

/**
 * Decodes a client's packet from the bytes after its fixed header, which was checked before.
 * @throws ProtocolViolation
 */
export function decodeClientPacket<Bytes extends Uint8Array>(
  firstByte: number,
  body: Bytes,
): ClientPacket<Bytes> {
  const { type, name } = packetTypeOf(firstByte) as PacketTypeFacts;
  const fields = new FieldReader(body, name);
  switch (type) {
    case "connect":
      return decodeConnect(fields);
    case "publish":
      return decodePublish(firstByte, fields, "in");
    case "subscribe":
      return decodeSubscribe(fields);
    case "unsubscribe":
      return decodeUnsubscribe(fields);
    case "pingreq":
    case "disconnect":
      return { type };
    default:
      return { type: type as AcknowledgementPacket["type"], packetIdentifier: fields.packetIdentifier() };
  }
}

/**
 * Decodes a hub's packet from the bytes after its fixed header, which was checked before.
 * @throws ProtocolViolation
 */
export function decodeHubPacket<Bytes extends Uint8Array>(firstByte: number, body: Bytes): HubPacket<Bytes> {
  const { type, name } = packetTypeOf(firstByte) as PacketTypeFacts;
  const fields = new FieldReader(body, name);
  switch (type) {
    case "connack":
      return decodeConnack(fields);
    case "publish":
      return decodePublish(firstByte, fields, "out");
    case "suback":
      return decodeSuback(fields);
    case "pingresp":
      return { type };
    case "unsuback":
      return { type, packetIdentifier: fields.packetIdentifier() };
    default:
      return { type: type as AcknowledgementPacket["type"], packetIdentifier: fields.packetIdentifier() };
  }
}

function decodeConnack(fields: FieldReader<Uint8Array>): ConnackPacket {
  const flags = fields.byte("the acknowledge flags");
  const returnCode = fields.byte("the return code");
  if (flags > 1) throw fields.violation(RULES.connackReserved);
  if (returnCode >= RETURN_CODE_WORDS.length) throw fields.violation(RULES.connackReturnCode);
  if (flags === 1 && returnCode !== 0) throw fields.violation(RULES.sessionWhereRefused);
  return { type: "connack", sessionPresent: flags === 1, returnCode };
}

function decodePublish<Bytes extends Uint8Array>(
  firstByte: number,
  fields: FieldReader<Bytes>,
  direction: Direction,
): PublishPacket<Bytes> {
  const qos = ((firstByte & PUBLISH_FLAG.qos) >> 1) as Qos;
  const topicName = fields.topicName("the topic name", direction);
  const packetIdentifier = qos > 0 ? fields.packetIdentifier() : 0;
  return {
    type: "publish",
    topicName,
    payload: fields.rest(),
    qos,
    dup: (firstByte & PUBLISH_FLAG.dup) !== 0,
    retain: (firstByte & PUBLISH_FLAG.retain) !== 0,
    packetIdentifier,
  };
}

function decodeSubscribe(fields: FieldReader<Uint8Array>): SubscribePacket {
  const packetIdentifier = fields.packetIdentifier();
  if (fields.isAtEnd) throw fields.violation(RULES.noFilterToSubscribe);
  const subscriptions: SubscriptionRequest[] = [];
  while (!fields.isAtEnd) {
    const topicFilter = fields.topicFilter();
    const qos = fields.byte("the requested QoS");
    if (qos > QOS_MAX) throw fields.violation(RULES.requestedQos);
    subscriptions.push({ topicFilter, qos: qos as Qos });
  }
  return { type: "subscribe", packetIdentifier, subscriptions };
}

function decodeSuback(fields: FieldReader<Uint8Array>): SubackPacket {
  const packetIdentifier = fields.packetIdentifier();
  const returnCodes = [...fields.rest()];
  if (returnCodes.length === 0) throw fields.violation(RULES.subackCount);
  if (returnCodes.some((code) => code > QOS_MAX && code !== SUBACK_FAILURE))
    throw fields.violation(RULES.subackReturnCode);
  return { type: "suback", packetIdentifier, returnCodes };
}

function decodeUnsubscribe(fields: FieldReader<Uint8Array>): UnsubscribePacket {
  const packetIdentifier = fields.packetIdentifier();
  if (fields.isAtEnd) throw fields.violation(RULES.noFilterToUnsubscribe);
  const topicFilters: string[] = [];
  while (!fields.isAtEnd) topicFilters.push(fields.topicFilter());
  return { type: "unsubscribe", packetIdentifier, topicFilters };
}
