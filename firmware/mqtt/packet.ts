/**
 * The frame of every control packet [MQTT 3.1.1, 2]: a byte of type and flags, the remaining length in one to four
 * bytes of 7 bits each (least significant first, the top bit says that more follow), then the rest.
 */
import { toBytes } from "./bytes.ts";

export function encodePacket(firstByte: number, body: string): string {
  let length = body.length;
  if (length < 128) return toBytes(firstByte, length) + body;
  let header = toBytes(firstByte);
  for (; length > 127; length >>= 7) header += toBytes((length & 127) | 128);
  return header + toBytes(length) + body;
}
