/**
 * A journal's file. It begins with a header of 16 bytes:
 *
 *     0  7 bytes  "motekit"
 *     7  uint8    version of the format
 *     8  uint32   salt, a random number for each file
 *    12  uint32   CRC-32 of the preceding 12 bytes
 *
 * Frames follow, each with a header of 17 bytes and records (change-codec.ts) as its body:
 *
 *     0  uint32   mark, "MKJF"
 *     4  uint8    1: the frame ends a commit; 0: the commit continues in the next frame
 *     5  uint32   length of the body in bytes
 *     9  uint32   CRC-32 of the body
 *    13  uint32   CRC-32 of the frame's offset in the file and the preceding 13 bytes, starting from the salt
 *
 * Numbers have their most significant byte first. Because the checksum includes salt and offset, a payload cannot contain a
 * valid frame: a valid header proves that a frame was written there.
 *
 * The first commit is the snapshot with which the file was made, and is complete before the file gets its name. Each further
 * commit is valid only as a whole.
 */
import { crc32 } from "node:zlib";

export const FORMAT_VERSION = 1;
export const FILE_HEADER_BYTES = 16;
export const FRAME_HEADER_BYTES = 17;

const NAME = Buffer.from("motekit");
const VERSION_PLACE = NAME.length;
const SALT_PLACE = 8;
const FILE_SUM_PLACE = 12;

export const FRAME_MARK = Buffer.from("MKJF");
const FLAGS_PLACE = 4;
const LENGTH_PLACE = 5;
const BODY_SUM_PLACE = 9;
const FRAME_SUM_PLACE = 13;

export interface FrameHeader {
  readonly endsCommit: boolean;
  readonly bodyBytes: number;
  readonly bodySum: number;
}

export function encodeFileHeader(salt: number, version = FORMAT_VERSION): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  NAME.copy(bytes);
  bytes.writeUInt8(version, VERSION_PLACE);
  bytes.writeUInt32BE(salt, SALT_PLACE);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, FILE_SUM_PLACE)), FILE_SUM_PLACE);
  return bytes;
}

/** Returns undefined if the bytes are not the header of a journal of any version. */
export function decodeFileHeader(
  bytes: Buffer,
): { readonly version: number; readonly salt: number } | undefined {
  if (bytes.length < FILE_HEADER_BYTES || !bytes.subarray(0, NAME.length).equals(NAME)) return undefined;
  if (bytes.readUInt32BE(FILE_SUM_PLACE) !== crc32(bytes.subarray(0, FILE_SUM_PLACE))) return undefined;
  return { version: bytes.readUInt8(VERSION_PLACE), salt: bytes.readUInt32BE(SALT_PLACE) };
}

export function encodeFrameHeader(body: Buffer, endsCommit: boolean, place: number, salt: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  FRAME_MARK.copy(bytes);
  bytes.writeUInt8(endsCommit ? 1 : 0, FLAGS_PLACE);
  bytes.writeUInt32BE(body.length, LENGTH_PLACE);
  bytes.writeUInt32BE(crc32(body), BODY_SUM_PLACE);
  bytes.writeUInt32BE(headerSum(bytes, place, salt), FRAME_SUM_PLACE);
  return bytes;
}

/** Returns undefined if no frame was written at that offset of the file. */
export function decodeFrameHeader(bytes: Buffer, place: number, salt: number): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES) return undefined;
  if (bytes.readUInt32BE(FRAME_SUM_PLACE) !== headerSum(bytes, place, salt)) return undefined;
  return {
    endsCommit: bytes.readUInt8(FLAGS_PLACE) === 1,
    bodyBytes: bytes.readUInt32BE(LENGTH_PLACE),
    bodySum: bytes.readUInt32BE(BODY_SUM_PLACE),
  };
}

function headerSum(bytes: Buffer, place: number, salt: number): number {
  const placeBytes = Buffer.allocUnsafe(6);
  placeBytes.writeUIntBE(place, 0, 6);
  return crc32(bytes.subarray(0, FRAME_SUM_PLACE), crc32(placeBytes, salt));
}
