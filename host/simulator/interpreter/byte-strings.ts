/**
 * Espruino's strings are bytes. On the host a byte string is a JavaScript string with characters from 0 to 255. Of any other
 * character only the low byte is kept, as on boards, whose builds do not support Unicode.
 */

export function toBytes(byteString: string): Buffer {
  return Buffer.from(byteString, "latin1");
}

export function toByteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Decodes a byte string of UTF-8 to readable text. */
export function toReadable(byteString: string): string {
  return toBytes(byteString).toString("utf8");
}
