/**
 * Checks a partition table (ESP-IDF, "Partition Tables"): rows of 32 bytes that begin with AA 50 and have offset and size from
 * byte 4; optionally a row that begins with EB EB and ends with the MD5 of the preceding rows; then erased flash.
 */
import { md5 } from "@noble/hashes/legacy.js";

const ROW_BYTES = 32;
const OFFSET_AT = 4;
const SIZE_AT = 8;
const MD5_BYTES = 16;
const PARTITION = 0x50aa;
const CHECKSUM = 0xebeb;
const ERASED = 0xff;

/** The problem of a partition table, as a text that follows the file's name; undefined if the table is valid. */
export function partitionTableProblem(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = 0;
  while (isRow(view, end, PARTITION)) end += ROW_BYTES;
  if (end === 0) return "is not a partition table (it does not begin with AA 50)";
  const hasMd5 = isRow(view, end, CHECKSUM);
  const rest = bytes.subarray(end + (hasMd5 ? ROW_BYTES : 0));
  if (rest.some((byte) => byte !== ERASED)) return "is damaged: its partition table has no end";
  if (!hasMd5) return undefined;
  const actual = md5(bytes.subarray(0, end));
  const filler = bytes.subarray(end + 2, end + ROW_BYTES - MD5_BYTES);
  const expected = bytes.subarray(end + ROW_BYTES - MD5_BYTES, end + ROW_BYTES);
  const isRight =
    filler.every((byte) => byte === ERASED) && actual.every((byte, index) => byte === expected[index]);
  return isRight ? undefined : "is damaged: MD5 mismatch in its partition table";
}

/** The end of the last partition of a valid table, in bytes. */
export function endOfPartitions(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = 0;
  for (let at = 0; isRow(view, at, PARTITION); at += ROW_BYTES) {
    end = Math.max(end, view.getUint32(at + OFFSET_AT, true) + view.getUint32(at + SIZE_AT, true));
  }
  return end;
}

function isRow(view: DataView, at: number, magic: number): boolean {
  return at + ROW_BYTES <= view.byteLength && view.getUint16(at, true) === magic;
}
