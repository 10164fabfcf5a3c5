/**
 * Checks an image for a chip (ESP-IDF, "App Image Format" and esp_image_format.h): a header with E9, the number of segments, flash
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
/** The offset of the byte with the flash size (upper four bits: power of two of 1 MiB) and frequency (lower four bits). */
const FLASH_SIZE_AT = 3;
const FLASH_BYTES_MIN = 1024 * 1024;
const CHIP_ID_AT = 12;
const HAS_SHA256_AT = 23;
const ERASED = 0xff;
/** The values of `esp_chip_id_t` (ESP-IDF, esp_app_format.h). */
const CHIP_IDS: Readonly<Record<string, number>> = { esp32: 0, esp32c3: 5, esp32s3: 9 };

/** The flash size for which the image was made, in bytes. A bootloader does not start an app on a chip with less. */
export function flashSizeOfImage(bytes: Uint8Array): number {
  return FLASH_BYTES_MIN * 2 ** ((bytes[FLASH_SIZE_AT] as number) >> 4);
}

/** The problem of an image for a chip, as a text that follows the file's name; undefined if the image is valid. */
export function chipImageProblem(bytes: Uint8Array, chip: string): string | undefined {
  if (bytes[0] !== IMAGE_MAGIC) return "is not an image for an Espressif chip (it does not begin with E9)";
  if (bytes.length < HEADER_BYTES) return `is incomplete: its header ends after ${bytes.length} bytes`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chipId = view.getUint16(CHIP_ID_AT, true);
  if (chipId !== CHIP_IDS[chip]) {
    const other = Object.keys(CHIP_IDS).find((one) => CHIP_IDS[one] === chipId) ?? `chip ID ${chipId}`;
    return `is for ${other}, but the other files are for ${chip}`;
  }
  const hasSha256 = view.getUint8(HAS_SHA256_AT);
  if (hasSha256 > 1) return `has an invalid value (${hasSha256}) in the field for the appended SHA-256`;
  const { checksum, endBytes } = checksumOfSegments(view);
  const wholeBytes = endBytes + hasSha256 * SHA256_BYTES;
  if (wholeBytes > bytes.length) return `is incomplete: it has ${bytes.length} of ${wholeBytes} bytes`;
  if (checksum !== view.getUint8(endBytes - 1)) return "is damaged: checksum mismatch in its segments";
  if (hasSha256 && !isSame(sha256(bytes.subarray(0, endBytes)), bytes.subarray(endBytes, wholeBytes)))
    return "is damaged: SHA-256 mismatch";
  if (bytes.subarray(wholeBytes).some((byte) => byte !== ERASED))
    return `has ${bytes.length - wholeBytes} bytes more than its header declares`;
  return undefined;
}

/** The XOR of all data, and the end of the block whose last byte it must equal, which is beyond incomplete bytes. */
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
