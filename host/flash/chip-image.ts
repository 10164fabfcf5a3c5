/**
 * An image for a chip (ESP-IDF, "App Image Format" and esp_image_format.h): a header with E9, the number of segments, flash
 * mode, size and frequency, and the entry point; from byte 12 the chip's ID; in byte 23 whether a SHA-256 is appended. Then the
 * segments, each with its address and length; a checksum of their data, which ends a block of 16 bytes; and the SHA-256 of
 * all of that.
 */
import { sha256 } from "@noble/hashes/sha2.js";

const IMAGE_MAGIC = 0xe9;
const HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const CHECKSUM_BLOCK_BYTES = 16;
const CHECKSUM_SEED = 0xef;
const SHA256_BYTES = 32;
/** In its upper four bits the power of two, above 1 MiB; in the lower ones the frequency. */
const FLASH_SIZE_AT = 3;
const FLASH_BYTES_MIN = 1024 * 1024;
const CHIP_ID_AT = 12;
const HAS_SHA256_AT = 23;
const ERASED = 0xff;
/** Of `esp_chip_id_t` (ESP-IDF, esp_app_format.h). */
const CHIP_IDS: Readonly<Record<string, number>> = { esp32: 0, esp32c3: 5, esp32s3: 9 };

/** How much flash the image is made for. A bootloader does not start an app where the chip has less. */
export function flashSizeOfImage(bytes: Uint8Array): number {
  return FLASH_BYTES_MIN * 2 ** ((bytes[FLASH_SIZE_AT] as number) >> 4);
}

/** Why these bytes are no whole image for the chip, to be put behind the file's name; undefined where they are one. */
export function chipImageProblem(bytes: Uint8Array, chip: string): string | undefined {
  if (bytes[0] !== IMAGE_MAGIC) return "is no image for a chip of Espressif's (no E9 at its start)";
  if (bytes.length < HEADER_BYTES) return `ends within its header, after ${bytes.length} bytes`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chipId = view.getUint16(CHIP_ID_AT, true);
  if (chipId !== CHIP_IDS[chip]) {
    const other = Object.keys(CHIP_IDS).find((one) => CHIP_IDS[one] === chipId) ?? `chip ID ${chipId}`;
    return `is for ${other}, and the other files are for ${chip}`;
  }
  const hasSha256 = view.getUint8(HAS_SHA256_AT);
  if (hasSha256 > 1) return `does not say whether it has a SHA-256 (${hasSha256})`;
  const { checksum, endBytes } = checksumOfSegments(view);
  const wholeBytes = endBytes + hasSha256 * SHA256_BYTES;
  if (wholeBytes > bytes.length) return `is cut off: ${bytes.length} bytes of ${wholeBytes}`;
  if (checksum !== view.getUint8(endBytes - 1)) return "is damaged: the checksum of its segments is another";
  if (hasSha256 && !isSame(sha256(bytes.subarray(0, endBytes)), bytes.subarray(endBytes, wholeBytes)))
    return "is damaged: its SHA-256 is another";
  if (bytes.subarray(wholeBytes).some((byte) => byte !== ERASED))
    return `has ${bytes.length - wholeBytes} bytes more than its header says`;
  return undefined;
}

/** The XOR of all data, and where the block ends whose last byte it should be; beyond the bytes where they are cut off. */
function checksumOfSegments(view: DataView): { readonly checksum: number; readonly endBytes: number } {
  let checksum = CHECKSUM_SEED;
  let end = HEADER_BYTES;
  for (let segment = 0; segment < view.getUint8(1); segment++) {
    const start = end + SEGMENT_HEADER_BYTES;
    if (start > view.byteLength) return { checksum, endBytes: start };
    end = start + view.getUint32(start - 4, true);
    if (end > view.byteLength) return { checksum, endBytes: end };
    for (let at = start; at < end; at++) checksum ^= view.getUint8(at);
  }
  const endBytes = (Math.floor(end / CHECKSUM_BLOCK_BYTES) + 1) * CHECKSUM_BLOCK_BYTES;
  return { checksum, endBytes };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
