/** The control packets of MQTT 3.1.1, by their number [2.2.1]. */
import type { FrameDirection } from "../control/wire-events.ts";

export interface PacketType {
  readonly name: string;
  /** Section of the specification. */
  readonly section: string;
  /** The way that it may go; left out: both. */
  readonly direction?: FrameDirection;
  /** The flags that it must have [2.2.2]; left out: they say something. */
  readonly flags?: number;
}

export const PACKET_TYPES: ReadonlyMap<number, PacketType> = new Map([
  [1, { name: "CONNECT", section: "3.1", direction: "in", flags: 0 }],
  [2, { name: "CONNACK", section: "3.2", direction: "out", flags: 0 }],
  [3, { name: "PUBLISH", section: "3.3" }],
  [4, { name: "PUBACK", section: "3.4", flags: 0 }],
  [5, { name: "PUBREC", section: "3.5", flags: 0 }],
  [6, { name: "PUBREL", section: "3.6", flags: 2 }],
  [7, { name: "PUBCOMP", section: "3.7", flags: 0 }],
  [8, { name: "SUBSCRIBE", section: "3.8", direction: "in", flags: 2 }],
  [9, { name: "SUBACK", section: "3.9", direction: "out", flags: 0 }],
  [10, { name: "UNSUBSCRIBE", section: "3.10", direction: "in", flags: 2 }],
  [11, { name: "UNSUBACK", section: "3.11", direction: "out", flags: 0 }],
  [12, { name: "PINGREQ", section: "3.12", direction: "in", flags: 0 }],
  [13, { name: "PINGRESP", section: "3.13", direction: "out", flags: 0 }],
  [14, { name: "DISCONNECT", section: "3.14", direction: "in", flags: 0 }],
]);

const QOS_WORDS = ["at most once", "at least once", "exactly once"] as const;

export function qosWords(qos: number): string {
  const words = QOS_WORDS[qos];
  return words === undefined ? String(qos) : `${qos}: ${words}`;
}

export const RETURN_CODES = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
] as const;
