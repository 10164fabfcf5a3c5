/** PUBACK [MQTT 3.1.1, 3.4]: acknowledges a PUBLISH of QoS 1, either way. Decoded by `decodePacketIdentifier`. */
import { encodeUint16 } from "./bytes.ts";
import { encodePacket } from "./packet.ts";

export function encodePuback(packetIdentifier: number): string {
  return encodePacket(0x40, encodeUint16(packetIdentifier));
}
