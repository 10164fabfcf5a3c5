/** Byte strings (characters 0 to 255) and bytes, without Node's Buffer. */

export function bytesOf(byteString: string): Uint8Array {
  const bytes = new Uint8Array(byteString.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = byteString.charCodeAt(index);
  return bytes;
}

/** The limit on the arguments of one call. */
const PIECE_BYTES = 8192;

export function byteStringOf(bytes: Uint8Array): string {
  let text = "";
  for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + PIECE_BYTES));
  }
  return text;
}

const CRC32_POLYNOMIAL = 0xedb88320;

const crc32Table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CRC32_POLYNOMIAL : value >>> 1;
  return value;
});

/** The CRC-32 of `E.CRC32` and zip. */
export function crc32Of(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crc32Table[(crc ^ byte) & 255] as number);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The UTF-8 of a text as a byte string. */
export function utf8Of(text: string): string {
  return byteStringOf(new TextEncoder().encode(text));
}

/** Decodes a byte string as UTF-8 or, if it is not valid, as Latin-1. */
export function textOf(byteString: string): string {
  const bytes = bytesOf(byteString);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return byteString;
  }
}
