/**
 * Reads a journal frame by frame. An incomplete commit at the end, which a killed process left, is not damage. It is damage if
 * a valid frame follows it.
 */
import { crc32 } from "node:zlib";
import type { Change } from "../../broker/change.ts";
import { ByteReader, MalformedRecord } from "./byte-fields.ts";
import { ChangeDecoder } from "./change-codec.ts";
import type { FileLayer } from "./file-layer.ts";
import {
  decodeFileHeader,
  decodeFrameHeader,
  FILE_HEADER_BYTES,
  FORMAT_VERSION,
  FRAME_HEADER_BYTES,
  FRAME_MARK,
  type FrameHeader,
} from "./frame.ts";
import { journalDamaged, journalOfOtherRelease } from "./journal-errors.ts";

/** The size of the pieces in which a valid frame is searched after an incomplete one. */
const SEARCH_BYTES = 1024 * 1024;

interface Frame {
  readonly header: FrameHeader;
  readonly body: Buffer;
  /** The offset of the next frame. */
  readonly end: number;
}

/** The valid part of a journal. */
export interface Extent {
  /** The end of the snapshot with which the file was made. */
  readonly snapshotEnd: number;
  /** The end of the last complete commit. */
  readonly end: number;
}

export class JournalReader {
  readonly salt: number;
  readonly #files: FileLayer;
  readonly #path: string;
  readonly #descriptor: number;

  /** `path` is for messages. Throws MK1432 if the file is not a journal, MK1434 if another release wrote it. */
  constructor(files: FileLayer, path: string, descriptor: number) {
    this.#files = files;
    this.#path = path;
    this.#descriptor = descriptor;
    const header = decodeFileHeader(files.read(descriptor, 0, FILE_HEADER_BYTES));
    if (!header) throw journalDamaged(path, 0, 0);
    if (header.version !== FORMAT_VERSION) throw journalOfOtherRelease(path, header.version, FORMAT_VERSION);
    this.salt = header.salt;
  }

  /** Checks every frame. Throws MK1432 if anything except the tail is damaged. */
  survey(): Extent {
    const sizeBytes = this.#files.sizeBytes(this.#descriptor);
    let place = FILE_HEADER_BYTES;
    let end = 0;
    let snapshotEnd = 0;
    for (let frame = this.#frameAt(place); frame; frame = this.#frameAt(place)) {
      place = frame.end;
      if (!frame.header.endsCommit) continue;
      end = place;
      if (snapshotEnd === 0) snapshotEnd = end;
    }
    if (end === 0 || (place < sizeBytes && this.#hasFrameBehind(place, sizeBytes))) {
      throw journalDamaged(this.#path, place, end);
    }
    return { snapshotEnd, end };
  }

  /** The changes before `end`, which `survey` found. Throws MK1432 if they are not valid. */
  *changes(end: number): Generator<Change> {
    let decoder = new ChangeDecoder();
    let place = FILE_HEADER_BYTES;
    while (place < end) {
      const frame = this.#frameAt(place);
      if (!frame) throw journalDamaged(this.#path, place, 0);
      yield* this.#decode(decoder, frame.body, place);
      if (frame.header.endsCommit) decoder = new ChangeDecoder();
      place = frame.end;
    }
  }

  *#decode(decoder: ChangeDecoder, body: Buffer, place: number): Generator<Change> {
    try {
      yield* decoder.decode(new ByteReader(body));
    } catch (error) {
      if (!(error instanceof MalformedRecord)) throw error;
      throw journalDamaged(this.#path, place, 0);
    }
  }

  /** Returns undefined if there is no complete frame. */
  #frameAt(place: number): Frame | undefined {
    const header = this.#headerAt(place);
    if (!header) return undefined;
    const body = this.#files.read(this.#descriptor, place + FRAME_HEADER_BYTES, header.bodyBytes);
    if (body.length < header.bodyBytes || crc32(body) !== header.bodySum) return undefined;
    return { header, body, end: place + FRAME_HEADER_BYTES + header.bodyBytes };
  }

  #headerAt(place: number): FrameHeader | undefined {
    const bytes = this.#files.read(this.#descriptor, place, FRAME_HEADER_BYTES);
    return decodeFrameHeader(bytes, place, this.salt);
  }

  #hasFrameBehind(torn: number, sizeBytes: number): boolean {
    let place = torn + 1;
    while (place < sizeBytes) {
      // A header that begins in this piece may end after it.
      const bytes = this.#files.read(this.#descriptor, place, SEARCH_BYTES + FRAME_HEADER_BYTES - 1);
      for (let at = bytes.indexOf(FRAME_MARK); at >= 0; at = bytes.indexOf(FRAME_MARK, at + 1)) {
        const header = bytes.subarray(at, at + FRAME_HEADER_BYTES);
        if (decodeFrameHeader(header, place + at, this.salt)) return true;
      }
      place += SEARCH_BYTES;
    }
    return false;
  }
}
