/**
 * A build of the interpreter for one chip, as the Espruino project packs it: a bootloader, a partition table and the app,
 * each at its offset in flash, which the board files know.
 *
 * An image begins with a header (Espressif, "Firmware Image Format"): E9, number of segments, flash mode, size and
 * frequency, entry point; from byte 12 the chip's ID; in byte 23 whether a SHA-256 follows. Then segments, each with its
 * address and length; a checksum that ends a block of 16 bytes; the SHA-256.
 */
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";

export interface FlashImage {
  readonly file: string;
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

export interface FirmwarePackage {
  readonly board: Board;
  readonly images: readonly FlashImage[];
}

const IMAGE_MAGIC = 0xe9;
const IMAGE_HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const CHECKSUM_BLOCK_BYTES = 16;
const SHA256_BYTES = 32;
const CHIP_ID_AT = 12;
const HAS_SHA256_AT = 23;
/** Of `esp_chip_id_t` (ESP-IDF, esp_app_format.h). */
const CHIP_IDS: Readonly<Record<string, number>> = { esp32: 0, esp32c3: 5, esp32s3: 9 };
const PARTITION_TABLE_MAGIC = 0x50aa;
const PARTITION_TABLE_OFFSET = 0x8000;

/**
 * Finds out which chip the files are for, and holds each image to what it must be. `files` are by their names, whatever
 * folder they lie in; `source` is what the user gave.
 *
 * @throws MK1902 not a package for one of the boards, MK1903 an image that cannot be right.
 */
export function firmwarePackage(
  files: ReadonlyMap<string, Uint8Array>,
  boards: readonly Board[],
  source: string,
): FirmwarePackage {
  const flashable = boards.filter(({ flash }) => flash);
  const board = flashable.find(({ flash }) => flash?.images.every(({ file }) => files.has(file)));
  if (!board) throw notPackage(files, flashable, source);
  const images = (board.flash?.images ?? []).map(({ file, offsetBytes }) => ({
    file,
    offsetBytes,
    bytes: files.get(file) as Uint8Array,
  }));
  for (const [index, image] of images.entries()) {
    refuseWrongImage(image, board);
    const end = images[index + 1]?.offsetBytes ?? board.storage.addressBytes;
    if (image.offsetBytes + image.bytes.length > end) throw tooLong(image, end);
  }
  return { board, images };
}

function refuseWrongImage(image: FlashImage, board: Board): void {
  const { bytes, file } = image;
  if (bytes.length === 0) throw wrongImage(file, "is empty");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (image.offsetBytes === PARTITION_TABLE_OFFSET) {
    if (bytes.length < 2 || view.getUint16(0, true) !== PARTITION_TABLE_MAGIC) {
      throw wrongImage(file, "is no partition table (it does not begin with AA 50)");
    }
    return;
  }
  if (bytes[0] !== IMAGE_MAGIC)
    throw wrongImage(file, "is no image for a chip of Espressif's (no E9 at its start)");
  if (bytes.length < IMAGE_HEADER_BYTES)
    throw wrongImage(file, `ends within its header, after ${bytes.length} bytes`);
  const chipId = view.getUint16(CHIP_ID_AT, true);
  if (chipId !== CHIP_IDS[board.chip]) {
    const other = Object.keys(CHIP_IDS).find((chip) => CHIP_IDS[chip] === chipId) ?? `chip ID ${chipId}`;
    throw wrongImage(file, `is for ${other}, and the other files are for ${board.chip}`);
  }
  const wanted = imageBytes(view);
  if (wanted > bytes.length) throw wrongImage(file, `is cut off: ${bytes.length} bytes of ${wanted}`);
}

/** What the header and the segments ask for; more than there is where it is cut off. */
function imageBytes(view: DataView): number {
  let end = IMAGE_HEADER_BYTES;
  for (let segment = 0; segment < view.getUint8(1); segment++) {
    if (end + SEGMENT_HEADER_BYTES > view.byteLength) return end + SEGMENT_HEADER_BYTES;
    end += SEGMENT_HEADER_BYTES + view.getUint32(end + 4, true);
  }
  const withChecksum = (Math.floor(end / CHECKSUM_BLOCK_BYTES) + 1) * CHECKSUM_BLOCK_BYTES;
  return withChecksum + (view.getUint8(HAS_SHA256_AT) === 1 ? SHA256_BYTES : 0);
}

function notPackage(
  files: ReadonlyMap<string, Uint8Array>,
  boards: readonly Board[],
  source: string,
): MotekitError {
  const missing = boards.map(({ id, flash }) => {
    const names = (flash?.images ?? []).map(({ file }) => file).filter((file) => !files.has(file));
    return `${id} (without ${names.join(", ")})`;
  });
  return new MotekitError({
    code: "MK1902",
    message: `${source} is no package of the interpreter for ${missing.join(", nor for ")}.`,
    remedy:
      "Give the folder or archive as the Espruino project publishes it (espruino.com/Download), with all its files.",
  });
}

function wrongImage(file: string, what: string): MotekitError {
  return new MotekitError({
    code: "MK1903",
    message: `${file} ${what}.`,
    remedy: "Get the package again, whole. Nothing was written to the board.",
  });
}

function tooLong({ file, offsetBytes, bytes }: FlashImage, end: number): MotekitError {
  return wrongImage(
    file,
    `has ${bytes.length} bytes and reaches from ${hex(offsetBytes)} beyond ${hex(end)}, where the next thing lies`,
  );
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
