/** PUBLISH [MQTT 3.1.1, 3.3]: a message, either way. */
import { decodeUint16, encodeString, encodeUint16 } from "./bytes.ts";
import { encodePacket } from "./packet.ts";

export interface Publish {
  readonly topicName: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 at QoS 0, which has none [MQTT-2.3.1-5]. */
  readonly packetIdentifier: number;
}

export function encodePublish(
  topicName: string,
  payload: string,
  qos: number,
  retain: boolean,
  packetIdentifier: number,
): string {
  return encodePacket(
    0x30 | (qos << 1) | (retain ? 1 : 0),
    encodeString(topicName) + (qos ? encodeUint16(packetIdentifier) : "") + payload,
  );
}

/** The same packet with the DUP flag set, for redelivery [MQTT-3.3.1-1]. */
export function markDuplicate(packet: string): string {
  return String.fromCharCode(packet.charCodeAt(0) | 8) + packet.substring(1);
}

export function decodePublish(firstByte: number, body: string): Publish {
  const qos = (firstByte >> 1) & 3;
  const topicEnd = 2 + decodeUint16(body, 0);
  return {
    topicName: body.substring(2, topicEnd),
    payload: body.substring(qos ? topicEnd + 2 : topicEnd),
    qos,
    retain: (firstByte & 1) === 1,
    dup: (firstByte & 8) === 8,
    packetIdentifier: qos ? decodeUint16(body, topicEnd) : 0,
  };
}
