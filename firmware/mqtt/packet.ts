/**
 * The frame of every control packet [MQTT 3.1.1, 2]: a byte of type and flags, the remaining length in one to four
 * bytes of 7 bits each (least significant first, the top bit says that more follow), then the rest.
 */
import { decodeUint16 } from "./bytes.ts";

export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBACK = 9;
export const UNSUBACK = 11;
export const PINGRESP = 13;

/** First bytes of the packets without a body [3.12, 3.14]. */
export const PINGREQ_BYTE = 0xc0;
export const DISCONNECT_BYTE = 0xe0;

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
