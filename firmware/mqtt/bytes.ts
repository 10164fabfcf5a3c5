/**
 * Byte strings: one character a byte, codes 0 to 255, which is what Espruino's strings are. MQTT's integers are
 * big-endian [MQTT 3.1.1, 1.5.2] and its strings carry their length in two bytes [1.5.3].
 */

/** The byte string of these codes. */
export const toBytes = String.fromCharCode;

export function encodeUint16(value: number): string {
  return toBytes(value >> 8, value & 255);
}

/** A byte string behind its length. At most 65,535 bytes. */
export function encodeString(bytes: string): string {
  return encodeUint16(bytes.length) + bytes;
}
