/**
 * The beginning of every control packet, read byte by byte.
 *
 *     fixed header      type and flags (1 byte), remaining length (1 to 4 bytes, 7 bits each, low end first) [2.2]
 */

const LENGTH_BYTES_MAX = 4;
const FIXED_HEADER_BYTES_MAX = 1 + LENGTH_BYTES_MAX;

/** "malformed": its fourth byte of length says that a fifth follows [2.2.3]. */
export type HeaderProgress = "begun" | "whole" | "malformed";

export class FixedHeader {
  firstByte = 0;
  remainingLength = 0;
  /** How many of its bytes have come; 0 between packets. */
  sizeBytes = 0;
  /** The bytes of the remaining length as they came, the last one lowest: there is more than one way to write a length. */
  #lengthField = 0;

  /** Not to be called again after "whole" or "malformed", but after `reset`. */
  push(byte: number): HeaderProgress {
    const index = this.sizeBytes++;
    if (index === 0) {
      this.firstByte = byte;
      return "begun";
    }
    this.#lengthField = (this.#lengthField << 8) | byte;
    this.remainingLength += (byte & 0x7f) * 128 ** (index - 1);
    if ((byte & 0x80) === 0) return "whole";
    return index === LENGTH_BYTES_MAX ? "malformed" : "begun";
  }

  reset(): void {
    this.remainingLength = 0;
    this.sizeBytes = 0;
    this.#lengthField = 0;
  }

  /** Writes its bytes as they came. */
  writeTo(bytes: Uint8Array): void {
    if (this.sizeBytes > 0) bytes[0] = this.firstByte;
    for (let index = 1; index < this.sizeBytes; index++) {
      bytes[index] = (this.#lengthField >> (8 * (this.sizeBytes - 1 - index))) & 0xff;
    }
  }
}

/** Of a frame that is there from its first byte. "cut off": the fixed header has not wholly come. */
export function readFixedHeader(bytes: Uint8Array): FixedHeader | "cut off" | "malformed" {
  const header = new FixedHeader();
  for (const byte of bytes.subarray(0, FIXED_HEADER_BYTES_MAX)) {
    const progress = header.push(byte);
    if (progress === "whole") return header;
    if (progress === "malformed") return progress;
  }
  return "cut off";
}

/** [2.2.3] */
export function lengthFieldBytes(remainingLength: number): number {
  if (remainingLength < 128) return 1;
  if (remainingLength < 128 ** 2) return 2;
  return remainingLength < 128 ** 3 ? 3 : 4;
}

/** Gives the offset behind it. */
export function writeFixedHeader(bytes: Uint8Array, firstByte: number, remainingLength: number): number {
  bytes[0] = firstByte;
  let offset = 1;
  let rest = remainingLength;
  while (rest >= 128) {
    bytes[offset++] = (rest & 0x7f) | 0x80;
    rest >>= 7;
  }
  bytes[offset++] = rest;
  return offset;
}
