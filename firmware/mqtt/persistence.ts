/**
 * Keeps the session on flash, so that it outlives a restart and a power cut: messages of QoS 1 and 2 from `publish` to
 * their last acknowledgement, and the packet identifiers of QoS 2 from the hub until their PUBREL.
 *
 * A journal: a file of Storage that is laid out once at its full size and filled in place, because flash can be written only
 * once without an erase. Its header is a format byte, a sequence number of 4 bytes and the CRC-32 of both, written last.
 * Then come records:
 *
 *     state (2) | length (2) | packet (length) | CRC-32 of length and packet (4)
 *
 * The packet is the PUBLISH that the device has queued for the hub, or the PUBREC for an identifier that it has received. The
 * state is left erased, and each of its bytes is written after the event, so that a partly written byte is valid too.
 * First byte: PUBREC came, so that PUBREL is to be sent; or the received message was delivered. Second byte: over. A record
 * whose CRC is wrong was being written when power failed: `publish` had not returned.
 *
 * When the file is full, the unfinished records move to the other of the two files. Storage does not erase the previous
 * file but leaves it as trash until it is compacted, and a power failure during a compaction can destroy every file. So the
 * journal never lets Storage compact: if there is no space for another file, it refuses and reports that. Wear: a message
 * takes its packet and 8 bytes, and an acknowledgement nothing. A file of 8,192 bytes has room for 136 messages with packets
 * of 52 bytes; the 917,504 bytes of an ESP32's Storage for some 105 files, so 14,000 messages between two compactions, each
 * of which erases every page once.
 */
import { encodeUint16, toBytes } from "./bytes.ts";
import { STORAGE_RESERVE_BYTES, UNRELEASED_MAX } from "./limits.ts";
import { encodePacket } from "./packet.ts";
import { PUBREC, PUBREL } from "./packet-types.ts";
import { doubtful, earlier } from "./qos2.ts";
import { outboxBytes, replace, restore, setJournal } from "./session.ts";

const FILES = ["mk.journal0", "mk.journal1"];
const FORMAT = 1;
const HEADER_SIZE_BYTES = 9;
const STATE_SIZE_BYTES = 2;
/** The size of a record without its packet. */
const OVERHEAD_BYTES = 8;
/** The room that is reserved for identifiers from the hub: for each a record with PUBREC, of 4 bytes. */
const IDENTIFIERS_SIZE_BYTES = UNRELEASED_MAX * (OVERHEAD_BYTES + 4);
const ERASED = 255;
/** Written over an erased byte of the state. */
const WRITTEN = "\0";

/** The part of Espruino's `Storage` that is needed. */
export interface JournalStorage {
  read(name: string): string | undefined;
  /** Throws if there is no space, or if flash is written already. */
  write(name: string, data: string, offsetBytes?: number, sizeBytes?: number): unknown;
  getFree(): number;
}

export interface JournalCounters {
  /** Writes to flash. */
  writes: number;
  /** Files that were created, each of which takes its size of Storage's space. */
  files: number;
  /** Packets that were not stored because there was no space. */
  refused: number;
}

export const journalCounters: JournalCounters = { writes: 0, files: 0, refused: 0 };

let storage: JournalStorage;
let crc32: (bytes: string) => number;
let onProblem: (problem: string) => void;
/** The size of the next file. */
let sizeBytes: number;
/** The sequence number of the present file; its parity selects the name. */
let sequence = 0;
let endBytes = 0;
/** The offset of the next record. */
let at = 0;
/** The offsets of the records of unfinished packets, by the session's key. */
let places: { [key: string]: number } = {};
/** The bytes of the header and of those records. */
let liveBytes = HEADER_SIZE_BYTES;

function write(name: string | undefined, data: string, offsetBytes: number, fileSizeBytes?: number): void {
  journalCounters.writes++;
  storage.write(name as string, data, offsetBytes, fileSizeBytes);
}

/** The call stack of a C3 is short, and a handler may call `publish`, so there is no separate function for the four bytes. */
function seal(bytes: string): string {
  const crc = crc32(bytes);
  return bytes + toBytes((crc >> 24) & 255, (crc >> 16) & 255, (crc >> 8) & 255, crc & 255);
}

function encodeHeader(number: number): string {
  return seal(toBytes(FORMAT, (number >> 24) & 255, (number >> 16) & 255, (number >> 8) & 255, number & 255));
}

/** The end of the record that begins at `from`. */
function endOf(file: string, from: number): number {
  return from + OVERHEAD_BYTES + ((file.charCodeAt(from + 2) << 8) | file.charCodeAt(from + 3));
}

/** Begins the other file with all that is not over. The current file is valid until the header of the new one is written. */
function turn(): void {
  if (storage.getFree() < sizeBytes + STORAGE_RESERVE_BYTES) throw new Error("Storage is full");
  const file = storage.read(FILES[sequence & 1] as string) as string;
  const name = FILES[(sequence + 1) & 1];
  const header = encodeHeader(sequence + 1);
  const moved: { [key: string]: number } = {};
  let to = HEADER_SIZE_BYTES;
  write(name, toBytes(FORMAT), 0, sizeBytes);
  journalCounters.files++;
  for (const key in places) {
    const from = places[key] as number;
    const end = endOf(file, from);
    write(name, file.substring(from + STATE_SIZE_BYTES, end), to + STATE_SIZE_BYTES);
    if (file.charCodeAt(from) !== ERASED) write(name, WRITTEN, to);
    moved[key] = to;
    to += end - from;
  }
  write(name, header.substring(1), 1);
  // A cut while Storage made a file can have spoilt the space that it gives.
  if ((storage.read(name as string) as string).substring(0, HEADER_SIZE_BYTES) !== header) {
    throw new Error("Storage is damaged");
  }
  sequence++;
  places = moved;
  at = to;
  endBytes = sizeBytes;
}

/** The session's journal. */
function keep(key: string, packet: string): boolean {
  const neededBytes = OVERHEAD_BYTES + packet.length;
  let place = 0;
  const reserveBytes = packet.charCodeAt(0) === PUBREC ? 0 : IDENTIFIERS_SIZE_BYTES;
  try {
    if (liveBytes + neededBytes + reserveBytes > sizeBytes) throw new Error("the journal is full");
    if (at + neededBytes > endBytes) turn();
    place = at;
    // The bytes that a failed write left cannot be overwritten.
    at = endBytes;
    write(FILES[sequence & 1], seal(encodeUint16(packet.length) + packet), place + STATE_SIZE_BYTES);
  } catch (error) {
    journalCounters.refused++;
    onProblem("not-kept: " + (error as Error).message);
    return false;
  }
  places[key] = place;
  at = place + neededBytes;
  liveBytes += neededBytes;
  return true;
}

function mark(key: string, step: 0 | 1): void {
  const place = places[key];
  if (place === undefined) return;
  const name = FILES[sequence & 1] as string;
  try {
    if (step) {
      delete places[key];
      liveBytes -= endOf(storage.read(name) as string, place) - place;
    }
    write(name, WRITTEN, place + step);
  } catch (error) {
    onProblem("not-kept: " + (error as Error).message);
  }
}

/** A packet that the session has queued. */
function take(packet: string, isMarked: boolean): void {
  let key: string;
  if (packet.charCodeAt(0) === PUBREC) {
    // The key is a copy, and not a view of the file.
    key = "r" + packet.substring(2);
    (isMarked ? earlier : doubtful).push(key.substring(1));
  } else {
    key = restore(packet);
    if (isMarked) replace(key, encodePacket(PUBREL, key.substring(1)));
  }
  places[key] = at;
}

/** Takes up what the journal has. */
function load(file: string): void {
  at = HEADER_SIZE_BYTES;
  endBytes = file.length;
  let last = endBytes;
  while (at + OVERHEAD_BYTES < endBytes) {
    const end = endOf(file, at);
    const record = file.substring(at + STATE_SIZE_BYTES, end);
    if (end > endBytes || seal(record.substring(0, record.length - 4)) !== record) break;
    if (file.charCodeAt(at + 1) === ERASED) {
      take(record.substring(2, record.length - 4), file.charCodeAt(at) !== ERASED);
      liveBytes += end - at;
    }
    at = end;
  }
  // Behind the last record that is whole there may be a torn one, which cannot be written over.
  while (last > at && file.charCodeAt(last - 1) === ERASED) last--;
  if (last > at) at = endBytes;
}

/**
 * Takes up what an earlier run has left, and keeps the session from now on. `newOnProblem` is told what was not kept.
 * `newSizeBytes` (at most 65,535) is the size of each of two files: more than twice the outbox's bound.
 * @throws Error if the outbox is not empty: it comes before the first message.
 */
export function persistSession(
  newStorage: JournalStorage,
  newCrc32: (bytes: string) => number,
  newOnProblem: (problem: string) => void,
  newSizeBytes: number,
): void {
  if (outboxBytes) throw new Error("persistence comes before the first message");
  storage = newStorage;
  crc32 = newCrc32;
  onProblem = newOnProblem;
  sizeBytes = newSizeBytes;
  let newest: string | undefined;
  for (const name of FILES) {
    const file = storage.read(name);
    if (!file) continue;
    const number =
      (file.charCodeAt(1) << 24) |
      (file.charCodeAt(2) << 16) |
      (file.charCodeAt(3) << 8) |
      file.charCodeAt(4);
    if (number > sequence && file.substring(0, HEADER_SIZE_BYTES) === encodeHeader(number)) {
      sequence = number;
      newest = file;
    }
  }
  if (newest) load(newest);
  setJournal({ keep, mark });
}
