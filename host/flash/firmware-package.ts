/**
 * A build of the interpreter for one chip, as the Espruino project packs it: a bootloader, a partition table and the app,
 * each at its offset in flash, which the board files know.
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

/** How much flash it takes for the board to start, and to have its files. */
export interface FlashNeed {
  readonly bytes: number;
  /** What asks for so much, to be put behind a colon. */
  readonly why: string;
}

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
  return { board, images, need: needOf(images, board) };
}

/** For the board's files alone. */
export function needOfFiles({ storage }: Board): FlashNeed {
  return { bytes: storage.addressBytes + storage.sizeBytes, why: "the board's files reach so far" };
}

/** What of it asks for most. */
function needOf(images: readonly FlashImage[], board: Board): FlashNeed {
  const needs = [needOfFiles(board)];
  for (const { file, offsetBytes, bytes } of images) {
    if (offsetBytes === PARTITION_TABLE_OFFSET)
      needs.push({ bytes: endOfPartitions(bytes), why: `the partitions of ${file} reach so far` });
    else if (offsetBytes < PARTITION_TABLE_OFFSET)
      needs.push({ bytes: flashSizeOfImage(bytes), why: `${file} is made for so much` });
  }
  return needs.reduce((most, one) => (one.bytes > most.bytes ? one : most));
}

function refuseWrongImage({ bytes, file, offsetBytes }: FlashImage, { chip }: Board): void {
  if (bytes.length === 0) throw wrongImage(file, "is empty");
  const problem =
    offsetBytes === PARTITION_TABLE_OFFSET ? partitionTableProblem(bytes) : chipImageProblem(bytes, chip);
  if (problem !== undefined) throw wrongImage(file, problem);
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
