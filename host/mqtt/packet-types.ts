/**
 * The control packet types of MQTT 3.1.1, and the constants in packets: flags, QoS and return codes. All code of the host uses
 * these. The firmware has its own (`firmware/mqtt`), for size.
 */

/** `in` is from a client to a hub, `out` from a hub to a client. */
export type Direction = "in" | "out";

export type PacketType =
  | "connect"
  | "connack"
  | "publish"
  | "puback"
  | "pubrec"
  | "pubrel"
  | "pubcomp"
  | "subscribe"
  | "suback"
  | "unsubscribe"
  | "unsuback"
  | "pingreq"
  | "pingresp"
  | "disconnect";

export interface PacketTypeFacts {
  /** The upper four bits of the first byte [2.2.1]. */
  readonly number: number;
  readonly type: PacketType;
  /** The name in the specification. */
  readonly name: string;
  /** The section of the specification. */
  readonly section: string;
  /** The only direction in which it may be sent; undefined for both. */
  readonly direction?: Direction;
  /** The flags that it must have [2.2.2]; undefined if they have a meaning. */
  readonly flags?: number;
  /** The only remaining length that it may have, in bytes; undefined if it depends on the fields. */
  readonly lengthBytes?: number;
}

export const PACKET_TYPES: readonly PacketTypeFacts[] = [
  { number: 1, type: "connect", name: "CONNECT", section: "3.1", direction: "in", flags: 0 },
  { number: 2, type: "connack", name: "CONNACK", section: "3.2", direction: "out", flags: 0, lengthBytes: 2 },
  { number: 3, type: "publish", name: "PUBLISH", section: "3.3" },
  { number: 4, type: "puback", name: "PUBACK", section: "3.4", flags: 0, lengthBytes: 2 },
  { number: 5, type: "pubrec", name: "PUBREC", section: "3.5", flags: 0, lengthBytes: 2 },
  { number: 6, type: "pubrel", name: "PUBREL", section: "3.6", flags: 2, lengthBytes: 2 },
  { number: 7, type: "pubcomp", name: "PUBCOMP", section: "3.7", flags: 0, lengthBytes: 2 },
  { number: 8, type: "subscribe", name: "SUBSCRIBE", section: "3.8", direction: "in", flags: 2 },
  { number: 9, type: "suback", name: "SUBACK", section: "3.9", direction: "out", flags: 0 },
  { number: 10, type: "unsubscribe", name: "UNSUBSCRIBE", section: "3.10", direction: "in", flags: 2 },
  {
    number: 11,
    type: "unsuback",
    name: "UNSUBACK",
    section: "3.11",
    direction: "out",
    flags: 0,
    lengthBytes: 2,
  },
  {
    number: 12,
    type: "pingreq",
    name: "PINGREQ",
    section: "3.12",
    direction: "in",
    flags: 0,
    lengthBytes: 0,
  },
  {
    number: 13,
    type: "pingresp",
    name: "PINGRESP",
    section: "3.13",
    direction: "out",
    flags: 0,
    lengthBytes: 0,
  },
  {
    number: 14,
    type: "disconnect",
    name: "DISCONNECT",
    section: "3.14",
    direction: "in",
    flags: 0,
    lengthBytes: 0,
  },
];

const BY_NUMBER: readonly (PacketTypeFacts | undefined)[] = Array.from({ length: 16 }, (_none, number) =>
  PACKET_TYPES.find((each) => each.number === number),
);

/** The packet type in a first byte (type and flags); undefined for the reserved numbers 0 and 15. */
export function packetTypeOf(firstByte: number): PacketTypeFacts | undefined {
  return BY_NUMBER[firstByte >> 4];
}

/** The packet types that may be sent in a direction. */
export function packetTypesGoing(direction: Direction): readonly PacketTypeFacts[] {
  return PACKET_TYPES.filter((each) => each.direction === undefined || each.direction === direction);
}

/** The flags of PUBLISH [3.3.1]. */
export const PUBLISH_FLAG = { retain: 0x01, qos: 0x06, dup: 0x08 } as const;

/** The flags of CONNECT [3.1.2.3]. */
export const CONNECT_FLAG = {
  reserved: 0x01,
  cleanSession: 0x02,
  will: 0x04,
  willQos: 0x18,
  willRetain: 0x20,
  password: 0x40,
  userName: 0x80,
} as const;
export const WILL_QOS_SHIFT = 3;

/** The protocol names, each with its protocol level and version [3.1.2.1, 3.1.2.2]. */
export const PROTOCOLS: ReadonlyMap<string, { readonly level: 3 | 4; readonly version: string }> = new Map([
  ["MQTT", { level: 4, version: "MQTT 3.1.1" }],
  ["MQIsdp", { level: 3, version: "MQTT 3.1" }],
]);

export type Qos = 0 | 1 | 2;
export const QOS_MAX = 2;

const QOS_WORDS = ["at most once", "at least once", "exactly once"] as const;

export function qosText(qos: number): string {
  const words = QOS_WORDS[qos];
  return words === undefined ? String(qos) : `${qos}: ${words}`;
}

/** The return codes of CONNACK [3.2.2.3]. */
export const RETURN_CODE = {
  accepted: 0,
  unacceptableProtocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;

/** The descriptions of the return codes of CONNACK, by return code. */
export const RETURN_CODE_WORDS = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
] as const;

/** The return code of SUBACK for a refused topic filter [MQTT-3.9.3-2]. Other return codes are the granted QoS. */
export const SUBACK_FAILURE = 0x80;

export const PACKET_IDENTIFIER_MAX = 65_535;
export const KEEP_ALIVE_SECONDS_MAX = 65_535;
/** The limit on a text or binary field, whose length has two bytes [1.5.3]. */
export const FIELD_BYTES_MAX = 65_535;
