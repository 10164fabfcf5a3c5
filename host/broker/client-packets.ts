/**
 * The packets that a client sends, in MQTT 3.1 and 3.1.1, and what the specification asks of each: what breaks a rule is a
 * ProtocolFault, and never a packet. mqtt-packet's types, so that its reader can be the judge of this one.
 */
import type {
  IConnectPacket,
  IDisconnectPacket,
  IPingreqPacket,
  IPubackPacket,
  IPubcompPacket,
  IPublishPacket,
  IPubrecPacket,
  IPubrelPacket,
  ISubscribePacket,
  IUnsubscribePacket,
  QoS,
} from "mqtt-packet";
import { ProtocolFault, RETURN_CODE } from "./fault.ts";
import { FieldReader } from "./field-reader.ts";

export type Will = NonNullable<IConnectPacket["will"]> & { readonly payload: Buffer };
export type ConnectPacket = IConnectPacket & { readonly will?: Will };
export type PublishPacket = IPublishPacket & { readonly payload: Buffer };
export type Acknowledgement = (IPubackPacket | IPubrecPacket | IPubrelPacket | IPubcompPacket) & {
  readonly messageId: number;
};
export type SubscribePacket = ISubscribePacket & { readonly messageId: number };
export type UnsubscribePacket = IUnsubscribePacket & { readonly messageId: number };

export type ClientPacket =
  | ConnectPacket
  | PublishPacket
  | Acknowledgement
  | SubscribePacket
  | UnsubscribePacket
  | IPingreqPacket
  | IDisconnectPacket;

export const PACKET = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const;

/** Protocol names that were ever given out, with the level that this hub speaks under that name. */
const PROTOCOL_LEVELS: ReadonlyMap<string, 3 | 4> = new Map([
  ["MQTT", 4],
  ["MQIsdp", 3],
]);
const CONNECT_FLAG = {
  reserved: 0x01,
  cleanSession: 0x02,
  will: 0x04,
  willQos: 0x18,
  willRetain: 0x20,
  password: 0x40,
  userName: 0x80,
} as const;
const PUBLISH_FLAG = { retain: 1, qos: 6, dup: 8 } as const;
const QOS_MAX = 2;
/** The specification asks for 23 [MQTT-3.1.3-5]. A session's identifier is kept as long as the session. */
const CLIENT_IDENTIFIER_MAX = 1024;

/** The flags of the fixed header, where a type has but one way to set them [MQTT-2.2.2-1]. */
const FLAGS: ReadonlyMap<number, number> = new Map([
  [PACKET.connect, 0],
  [PACKET.puback, 0],
  [PACKET.pubrec, 0],
  [PACKET.pubrel, 2],
  [PACKET.pubcomp, 0],
  [PACKET.subscribe, 2],
  [PACKET.unsubscribe, 2],
  [PACKET.pingreq, 0],
  [PACKET.disconnect, 0],
]);

/** Bytes that follow the fixed header where a type has but one length. */
const LENGTHS: ReadonlyMap<number, number> = new Map([
  [PACKET.puback, 2],
  [PACKET.pubrec, 2],
  [PACKET.pubrel, 2],
  [PACKET.pubcomp, 2],
  [PACKET.pingreq, 0],
  [PACKET.disconnect, 0],
]);

/** Of the first byte of a packet. */
export function judgeType(type: number, flags: number): void {
  if (type === PACKET.publish) {
    const qos = (flags & PUBLISH_FLAG.qos) >> 1;
    // [MQTT-3.3.1-4]
    if (qos > QOS_MAX) throw new ProtocolFault("a PUBLISH of QoS 3");
    // [MQTT-3.3.1-2]
    if (qos === 0 && flags & PUBLISH_FLAG.dup) {
      throw new ProtocolFault("a PUBLISH of QoS 0 that says it is a repetition");
    }
    return;
  }
  const wanted = FLAGS.get(type);
  if (wanted === undefined) throw new ProtocolFault(`a packet of type ${type}, which no client sends`);
  // [MQTT-2.2.2-2]
  if (flags !== wanted) throw new ProtocolFault(`a packet of type ${type} with the flags ${flags}`);
}

/** Of the remaining length. */
export function judgeLength(type: number, lengthBytes: number): void {
  const wanted = LENGTHS.get(type);
  if (wanted === undefined || wanted === lengthBytes) return;
  throw new ProtocolFault(`a packet of type ${type} with ${lengthBytes} bytes, where it has ${wanted}`);
}

/**
 * How much of what follows the fixed header can break a rule: all of it, but for the payload of PUBLISH. As far as it is
 * known from what was `seen` of it: the length of a PUBLISH's topic comes first.
 */
export function headBytes(type: number, flags: number, seen: Buffer, lengthBytes: number): number {
  if (type !== PACKET.publish || seen.length < 2) return lengthBytes;
  const topicBytes = seen.readUInt16BE(0);
  return Math.min(2 + topicBytes + (flags & PUBLISH_FLAG.qos ? 2 : 0), lengthBytes);
}

/** A packet of what follows its fixed header. Its payload is a view of `body`. */
export function decodePacket(type: number, flags: number, body: Buffer): ClientPacket {
  switch (type) {
    case PACKET.connect:
      return decodeConnect(body);
    case PACKET.publish:
      return decodePublish(flags, body);
    case PACKET.puback:
      return { cmd: "puback", messageId: new FieldReader(body, "PUBACK").packetIdentifier() };
    case PACKET.pubrec:
      return { cmd: "pubrec", messageId: new FieldReader(body, "PUBREC").packetIdentifier() };
    case PACKET.pubrel:
      return { cmd: "pubrel", messageId: new FieldReader(body, "PUBREL").packetIdentifier() };
    case PACKET.pubcomp:
      return { cmd: "pubcomp", messageId: new FieldReader(body, "PUBCOMP").packetIdentifier() };
    case PACKET.subscribe:
      return decodeSubscribe(body);
    case PACKET.unsubscribe:
      return decodeUnsubscribe(body);
    case PACKET.pingreq:
      return { cmd: "pingreq" };
    default:
      return { cmd: "disconnect" };
  }
}

function decodeConnect(body: Buffer): ConnectPacket {
  const fields = new FieldReader(body, "CONNECT");
  const protocolVersion = readProtocol(fields);
  const flags = fields.byte();
  judgeConnectFlags(flags, protocolVersion);
  const packet: IConnectPacket = {
    cmd: "connect",
    protocolId: protocolVersion === 3 ? "MQIsdp" : "MQTT",
    protocolVersion,
    clean: (flags & CONNECT_FLAG.cleanSession) !== 0,
    keepalive: fields.uint16(),
    clientId: fields.text("a client identifier"),
  };
  if (packet.clientId.length > CLIENT_IDENTIFIER_MAX) {
    throw new ProtocolFault(
      `a client identifier of more than ${CLIENT_IDENTIFIER_MAX} characters`,
      RETURN_CODE.identifierRejected,
    );
  }
  // [MQTT-3.1.3-8]; MQTT 3.1 has no empty one at all.
  if (packet.clientId === "" && (!packet.clean || protocolVersion === 3)) {
    throw new ProtocolFault(
      "no client identifier, for a session that is to be kept or in MQTT 3.1",
      RETURN_CODE.identifierRejected,
    );
  }
  if (flags & CONNECT_FLAG.will) {
    packet.will = {
      topic: fields.topicName("a will"),
      // A copy: it outlives what it was read from.
      payload: Buffer.from(fields.binary()),
      qos: ((flags & CONNECT_FLAG.willQos) >> 3) as QoS,
      retain: (flags & CONNECT_FLAG.willRetain) !== 0,
    };
  }
  if (flags & CONNECT_FLAG.userName) packet.username = fields.text("a user name");
  if (flags & CONNECT_FLAG.password) packet.password = fields.binary();
  fields.end();
  return packet as ConnectPacket;
}

function readProtocol(fields: FieldReader): 3 | 4 {
  const name = fields.binary().toString("latin1");
  const expected = PROTOCOL_LEVELS.get(name);
  // [MQTT-3.1.2-1]
  if (expected === undefined) throw new ProtocolFault("a protocol that is not MQTT");
  const level = fields.byte();
  // [MQTT-3.1.2-2]
  if (level !== expected) {
    const what = level === 5 ? "MQTT 5, where this hub speaks MQTT 3.1.1" : `${name} of level ${level}`;
    throw new ProtocolFault(what, RETURN_CODE.unacceptableProtocol);
  }
  return expected;
}

function judgeConnectFlags(flags: number, protocolVersion: 3 | 4): void {
  // [MQTT-3.1.2-3]; MQTT 3.1 leaves the bit to whoever sends it.
  if (protocolVersion === 4 && flags & CONNECT_FLAG.reserved)
    throw new ProtocolFault("a CONNECT whose reserved flag is set");
  const willFlags = flags & (CONNECT_FLAG.willQos | CONNECT_FLAG.willRetain);
  // [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-15]
  if (!(flags & CONNECT_FLAG.will) && willFlags) {
    throw new ProtocolFault("a CONNECT with the flags of a will, and none");
  }
  // [MQTT-3.1.2-14]
  if ((flags & CONNECT_FLAG.willQos) >> 3 > QOS_MAX) throw new ProtocolFault("a will of QoS 3");
  // [MQTT-3.1.2-22]
  if (!(flags & CONNECT_FLAG.userName) && flags & CONNECT_FLAG.password) {
    throw new ProtocolFault("a password without a user name");
  }
}

function decodePublish(flags: number, body: Buffer): PublishPacket {
  const fields = new FieldReader(body, "PUBLISH");
  const topic = fields.topicName("a PUBLISH");
  const qos = ((flags & PUBLISH_FLAG.qos) >> 1) as QoS;
  const messageId = qos > 0 ? fields.packetIdentifier() : undefined;
  const packet: IPublishPacket = {
    cmd: "publish",
    topic,
    qos,
    dup: (flags & PUBLISH_FLAG.dup) !== 0,
    retain: (flags & PUBLISH_FLAG.retain) !== 0,
    payload: fields.rest(),
  };
  if (messageId !== undefined) packet.messageId = messageId;
  return packet as PublishPacket;
}

function decodeSubscribe(body: Buffer): SubscribePacket {
  const fields = new FieldReader(body, "SUBSCRIBE");
  const messageId = fields.packetIdentifier();
  // [MQTT-3.8.3-3]
  if (fields.isAtEnd) throw new ProtocolFault("a SUBSCRIBE without a topic filter");
  const subscriptions: { topic: string; qos: QoS }[] = [];
  while (!fields.isAtEnd) {
    const topic = fields.topicFilter();
    const qos = fields.byte();
    // [MQTT-3.8.3-4]
    if (qos > QOS_MAX) throw new ProtocolFault("a subscription of a QoS above 2");
    subscriptions.push({ topic, qos: qos as QoS });
  }
  return { cmd: "subscribe", messageId, subscriptions };
}

function decodeUnsubscribe(body: Buffer): UnsubscribePacket {
  const fields = new FieldReader(body, "UNSUBSCRIBE");
  const messageId = fields.packetIdentifier();
  // [MQTT-3.10.3-2]
  if (fields.isAtEnd) throw new ProtocolFault("an UNSUBSCRIBE without a topic filter");
  const unsubscriptions: string[] = [];
  while (!fields.isAtEnd) unsubscriptions.push(fields.topicFilter());
  return { cmd: "unsubscribe", messageId, unsubscriptions };
}
