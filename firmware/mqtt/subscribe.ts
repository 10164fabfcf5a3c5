/** SUBSCRIBE [MQTT 3.1.1, 3.8], and UNSUBSCRIBE [3.10], which has topic filters without QoS. */
import { encodeString, encodeUint16 } from "./bytes.ts";
import { encodePacket } from "./packet.ts";

export function encodeSubscribe(packetIdentifier: number, topicFilter: string, qos: number): string {
  return encodePacket(
    0x82,
    encodeUint16(packetIdentifier) + encodeString(topicFilter) + String.fromCharCode(qos),
  );
}

export function encodeUnsubscribe(packetIdentifier: number, topicFilter: string): string {
  return encodePacket(0xa2, encodeUint16(packetIdentifier) + encodeString(topicFilter));
}
