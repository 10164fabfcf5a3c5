/**
 * Espruino's strings are bytes: on the host a byte string is a JavaScript string whose characters are 0 to 255.
 * A character beyond keeps its low byte, as on the boards, whose builds know no Unicode.
 */

export function toBytes(byteString: string): Buffer {
  return Buffer.from(byteString, "latin1");
}

export function toByteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** What a person reads: the bytes are UTF-8. */
export function toReadable(byteString: string): string {
  return toBytes(byteString).toString("utf8");
}
