/**
 * The frame of every control packet [MQTT 3.1.1, 2]: a byte of type and flags, the remaining length in one to four
 * bytes of 7 bits each (least significant first, the top bit says that more follow), then the rest.
 */
import { decodeUint16 } from "./bytes.ts";

export function encodePacket(firstByte: number, body: string): string {
  let header = String.fromCharCode(firstByte);
  let length = body.length;
  while (length > 127) {
    header += String.fromCharCode((length & 127) | 128);
    length >>= 7;
  }
  return header + String.fromCharCode(length) + body;
}

/** PUBACK, and all others whose body is a packet identifier alone [3.4, 3.11]. */
export function decodePacketIdentifier(body: string): number {
  return decodeUint16(body, 0);
}
