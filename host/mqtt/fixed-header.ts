/**
 * Reads the fixed header of a control packet byte by byte.
 *
 *     fixed header      type and flags (1 byte), remaining length (1 to 4 bytes, 7 bits each, low bits first) [2.2]
 */

const LENGTH_BYTES_MAX = 4;
const FIXED_HEADER_BYTES_MAX = 1 + LENGTH_BYTES_MAX;

/** The progress of a fixed header. "malformed": the fourth byte of the length announces a fifth [2.2.3]. */
export type HeaderProgress = "begun" | "whole" | "malformed";

export class FixedHeader {
  firstByte = 0;
  remainingLength = 0;
  /** The number of its bytes that have come; 0 between packets. */
  sizeBytes = 0;
  /** The bytes of the remaining length as they came, the last one lowest, because a length can be written in several ways. */
  #lengthField = 0;

  /** Adds a byte. After "whole" or "malformed", call `reset` first. */
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

  /** Writes the header's bytes as they came. */
  writeTo(bytes: Uint8Array): void {
    if (this.sizeBytes > 0) bytes[0] = this.firstByte;
    for (let index = 1; index < this.sizeBytes; index++) {
      bytes[index] = (this.#lengthField >> (8 * (this.sizeBytes - 1 - index))) & 0xff;
    }
  }
}

/** Reads the fixed header at the start of `bytes`. "cut off": it is incomplete. */
export function readFixedHeader(bytes: Uint8Array): FixedHeader | "cut off" | "malformed" {
  const header = new FixedHeader();
  for (const byte of bytes.subarray(0, FIXED_HEADER_BYTES_MAX)) {
    const progress = header.push(byte);
    if (progress === "whole") return header;
    if (progress === "malformed") return progress;
  }
  return "cut off";
}

/** The number of bytes of the remaining length field [2.2.3]. */
export function lengthFieldBytes(remainingLength: number): number {
  if (remainingLength < 128) return 1;
  if (remainingLength < 128 ** 2) return 2;
  return remainingLength < 128 ** 3 ? 3 : 4;
}

/** Writes a fixed header, and returns the offset after it. */
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
