/**
 * What MQTT 3.1 and 3.1.1 ask of the packets that a client sends: the rules that can be told from a packet alone. They are
 * asked of its head: all of it, but for the payload of PUBLISH.
 */
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

export const RETURN_CODE_UNACCEPTABLE_PROTOCOL = 1;
export const RETURN_CODE_IDENTIFIER_REJECTED = 2;

export type Fault =
  /** To be answered by CONNACK with this return code, then closed. */
  | { readonly kind: "refuse"; readonly returnCode: number; readonly reason: string }
  /** To be closed without an answer. */
  | { readonly kind: "close"; readonly reason: string };

/** Protocol names that were ever given out, with the level that this hub speaks under that name. */
const PROTOCOL_LEVELS: ReadonlyMap<string, number> = new Map([
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
const WILL_QOS_3 = 0x18;
const QOS_MAX = 2;

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
export function faultOfType(type: number, flags: number): Fault | undefined {
  if (type === PACKET.publish) {
    const qos = (flags >> 1) & 3;
    // [MQTT-3.3.1-4]
    if (qos > QOS_MAX) return close("a PUBLISH of QoS 3");
    // [MQTT-3.3.1-2]
    return qos === 0 && flags & 8 ? close("a PUBLISH of QoS 0 that says it is a repetition") : undefined;
  }
  const wanted = FLAGS.get(type);
  if (wanted === undefined) return close(`a packet of type ${type}, which no client sends`);
  // [MQTT-2.2.2-2]
  return flags === wanted ? undefined : close(`a packet of type ${type} with the flags ${flags}`);
}

/** Of the remaining length. */
export function faultOfLength(type: number, lengthBytes: number): Fault | undefined {
  const wanted = LENGTHS.get(type);
  if (wanted === undefined || wanted === lengthBytes) return undefined;
  return close(`a packet of type ${type} with ${lengthBytes} bytes, where it has ${wanted}`);
}

/** How long the head of a PUBLISH is, by its topic's length and its QoS. */
export function publishHeadBytes(topicBytes: number, flags: number): number {
  return 2 + topicBytes + (flags & 6 ? 2 : 0);
}

/** Of a whole head. */
export function faultOfHead(type: number, flags: number, head: Uint8Array): Fault | undefined {
  const reader = new HeadReader(head);
  try {
    JUDGES.get(type)?.(reader, flags);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}

type Judge = (head: HeadReader, flags: number) => void;

const JUDGES: ReadonlyMap<number, Judge> = new Map<number, Judge>([
  [PACKET.connect, judgeConnect],
  [PACKET.publish, judgePublish],
  [PACKET.puback, (head) => head.packetIdentifier()],
  [PACKET.pubrec, (head) => head.packetIdentifier()],
  [PACKET.pubrel, (head) => head.packetIdentifier()],
  [PACKET.pubcomp, (head) => head.packetIdentifier()],
  [PACKET.subscribe, judgeSubscribe],
  [PACKET.unsubscribe, judgeUnsubscribe],
]);

function judgeConnect(head: HeadReader): void {
  const name = head.bytesOfString("CONNECT");
  const expectedLevel = PROTOCOL_LEVELS.get(String.fromCharCode(...name.subarray(0, 8)));
  // [MQTT-3.1.2-1]
  if (expectedLevel === undefined) head.close("a protocol that is not MQTT");
  const level = head.byte("CONNECT");
  // [MQTT-3.1.2-2]
  if (level !== expectedLevel) {
    const what = `${String.fromCharCode(...name)} of level ${level}`;
    head.refuse(
      RETURN_CODE_UNACCEPTABLE_PROTOCOL,
      level === 5 ? "MQTT 5, where this hub speaks MQTT 3.1.1" : what,
    );
  }
  const flags = head.byte("CONNECT");
  judgeConnectFlags(head, flags);
  head.uint16("CONNECT");
  const clientId = head.text("a client identifier");
  // [MQTT-3.1.3-8]
  if (clientId.length === 0 && !(flags & CONNECT_FLAG.cleanSession)) {
    head.refuse(RETURN_CODE_IDENTIFIER_REJECTED, "no client identifier, for a session that is to be kept");
  }
  if (flags & CONNECT_FLAG.will) {
    head.topicName("a will");
    head.bytesOfString("CONNECT");
  }
  if (flags & CONNECT_FLAG.userName) head.text("a user name");
  if (flags & CONNECT_FLAG.password) head.bytesOfString("CONNECT");
  head.end("CONNECT");
}

function judgeConnectFlags(head: HeadReader, flags: number): void {
  // [MQTT-3.1.2-3]
  if (flags & CONNECT_FLAG.reserved) head.close("a CONNECT whose reserved flag is set");
  const willFlags = flags & (CONNECT_FLAG.willQos | CONNECT_FLAG.willRetain);
  // [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-15]
  if (!(flags & CONNECT_FLAG.will) && willFlags) head.close("a CONNECT with the flags of a will, and none");
  // [MQTT-3.1.2-14]
  if ((flags & CONNECT_FLAG.willQos) === WILL_QOS_3) head.close("a will of QoS 3");
  // [MQTT-3.1.2-22]
  if (!(flags & CONNECT_FLAG.userName) && flags & CONNECT_FLAG.password) {
    head.close("a password without a user name");
  }
}

function judgePublish(head: HeadReader, flags: number): void {
  head.topicName("a PUBLISH");
  if (flags & 6) head.packetIdentifier();
}

function judgeSubscribe(head: HeadReader): void {
  head.packetIdentifier();
  // [MQTT-3.8.3-3]
  if (head.isAtEnd) head.close("a SUBSCRIBE without a topic filter");
  while (!head.isAtEnd) {
    head.topicFilter();
    // [MQTT-3.8.3-4]
    if (head.byte("SUBSCRIBE") > QOS_MAX) head.close("a subscription of a QoS above 2");
  }
}

function judgeUnsubscribe(head: HeadReader): void {
  head.packetIdentifier();
  // [MQTT-3.10.3-2]
  if (head.isAtEnd) head.close("an UNSUBSCRIBE without a topic filter");
  while (!head.isAtEnd) head.topicFilter();
}

class Refusal extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/**
 * U+0000 [MQTT-1.5.3-2]; and the control and non-characters that a receiver may close the connection for (1.5.3), as
 * Mosquitto does.
 */
function isForbidden(codePoint: number): boolean {
  const isControl = codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
  const isNonCharacter = (codePoint >= 0xfdd0 && codePoint < 0xfdf0) || (codePoint & 0xfffe) === 0xfffe;
  return isControl || isNonCharacter;
}

/** A character of ASCII that is neither control nor delete: the common case, told without decoding. */
function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

const PLUS = 0x2b;
const HASH = 0x23;
const SLASH = 0x2f;

/** Reads a packet's fields in turn; what is not there, or not right, ends the reading. */
class HeadReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  close(reason: string): never {
    throw new Refusal(close(reason));
  }

  refuse(returnCode: number, reason: string): never {
    throw new Refusal({ kind: "refuse", returnCode, reason });
  }

  byte(packet: string): number {
    const value = this.#bytes[this.#offset++];
    return value ?? this.close(`a ${packet} that is cut off`);
  }

  uint16(packet: string): number {
    return this.byte(packet) * 256 + this.byte(packet);
  }

  /** With its length before it. */
  bytesOfString(packet: string): Uint8Array {
    const start = this.#offset + 2;
    const end = start + this.uint16(packet);
    if (end > this.#bytes.length) this.close(`a ${packet} that is cut off`);
    this.#offset = end;
    return this.#bytes.subarray(start, end);
  }

  /** The bytes of a text that may be in a packet. */
  text(what: string): Uint8Array {
    const bytes = this.bytesOfString("packet");
    if (!bytes.every(isPlain)) this.#judgeText(bytes, what);
    return bytes;
  }

  #judgeText(bytes: Uint8Array, what: string): void {
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      // [MQTT-1.5.3-1]
      this.close(`${what} that is not UTF-8`);
    }
    for (const character of text) {
      if (isForbidden(character.codePointAt(0) as number)) this.close(`${what} with control characters`);
    }
  }

  topicName(what: string): void {
    const topic = this.text(what);
    // [MQTT-4.7.3-1]
    if (topic.length === 0) this.close(`${what} without a topic`);
    // [MQTT-3.3.2-2]
    if (topic.includes(PLUS) || topic.includes(HASH)) this.close(`${what} whose topic has wildcards`);
  }

  topicFilter(): void {
    const filter = this.text("a topic filter");
    // [MQTT-4.7.3-1]
    if (filter.length === 0) this.close("an empty topic filter");
    for (const [index, byte] of filter.entries()) {
      if (byte !== PLUS && byte !== HASH) continue;
      const isAlone = (filter[index - 1] ?? SLASH) === SLASH && (filter[index + 1] ?? SLASH) === SLASH;
      // [MQTT-4.7.1-2], [MQTT-4.7.1-3]
      if (!isAlone || (byte === HASH && index < filter.length - 1)) this.close("a topic filter that is none");
    }
  }

  /** [MQTT-2.3.1-1] */
  packetIdentifier(): void {
    if (this.uint16("packet") === 0) this.close("a packet identifier of 0");
  }

  end(packet: string): void {
    if (!this.isAtEnd) this.close(`a ${packet} with more than belongs to it`);
  }
}

function close(reason: string): Fault {
  return { kind: "close", reason };
}
