/**
 * A package of the interpreter for one chip, as the Espruino project publishes it: a bootloader, a partition table and the app,
 * each with its offset in flash from the board file.
 */
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import { chipImageProblem, flashSizeOfImage } from "./chip-image.ts";
import { endOfPartitions, partitionTableProblem } from "./partition-table.ts";

export interface FlashImage {
  readonly file: string;
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

export interface FirmwarePackage {
  readonly board: Board;
  readonly images: readonly FlashImage[];
  readonly need: FlashNeed;
}

/** The flash size that the board needs to start and to have its Storage. */
export interface FlashNeed {
  readonly bytes: number;
  /** The reason, as a text that follows a colon. */
  readonly why: string;
}

const PARTITION_TABLE_OFFSET = 0x8000;

/**
 * Finds the board for which the files are, and checks each image. `files` are by name, without folders; `source` is the
 * package's name for messages.
 *
 * @throws MK1902 not a package for one of the boards, MK1903 an image is not valid.
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
    refuseInvalidImage(image, board);
    const end = images[index + 1]?.offsetBytes ?? board.storage.addressBytes;
    if (image.offsetBytes + image.bytes.length > end) throw tooLong(image, end);
  }
  return { board, images, need: needOf(images, board) };
}

/** The flash size that the board's Storage needs. */
export function needOfFiles({ storage }: Board): FlashNeed {
  return { bytes: storage.addressBytes + storage.sizeBytes, why: "the board's Storage ends there" };
}

/** The largest need of a package. */
function needOf(images: readonly FlashImage[], board: Board): FlashNeed {
  const needs = [needOfFiles(board)];
  for (const { file, offsetBytes, bytes } of images) {
    if (offsetBytes === PARTITION_TABLE_OFFSET)
      needs.push({ bytes: endOfPartitions(bytes), why: `the partitions of ${file} end there` });
    else if (offsetBytes < PARTITION_TABLE_OFFSET)
      needs.push({ bytes: flashSizeOfImage(bytes), why: `${file} was made for that size` });
  }
  return needs.reduce((most, one) => (one.bytes > most.bytes ? one : most));
}

function refuseInvalidImage({ bytes, file, offsetBytes }: FlashImage, { chip }: Board): void {
  if (bytes.length === 0) throw invalidImage(file, "is empty");
  const problem =
    offsetBytes === PARTITION_TABLE_OFFSET ? partitionTableProblem(bytes) : chipImageProblem(bytes, chip);
  if (problem !== undefined) throw invalidImage(file, problem);
}

function notPackage(
  files: ReadonlyMap<string, Uint8Array>,
  boards: readonly Board[],
  source: string,
): MotekitError {
  const missing = boards.map(({ id, flash }) => {
    const names = (flash?.images ?? []).map(({ file }) => file).filter((file) => !files.has(file));
    return `${id}: ${names.join(", ")}`;
  });
  return new MotekitError({
    code: "MK1902",
    message: `${source} is not a complete Espruino package. A package is for one chip. Missing files by board: ${missing.join("; ")}.`,
    remedy:
      "Use the folder or archive as the Espruino project publishes it (espruino.com/Download), with all its files.",
  });
}

function invalidImage(file: string, what: string): MotekitError {
  return new MotekitError({
    code: "MK1903",
    message: `${file} ${what}.`,
    remedy: "Download the package again. Nothing was written to the board.",
  });
}

function tooLong({ file, offsetBytes, bytes }: FlashImage, end: number): MotekitError {
  return invalidImage(
    file,
    `has ${bytes.length} bytes from ${hex(offsetBytes)}, which is beyond ${hex(end)}, where the next part begins`,
  );
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
