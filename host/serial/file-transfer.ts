/**
 * Files into a board's Storage and out of it, over its console.
 *
 * In: by packets where the interpreter has them, one after the other, since the board takes in nothing while it writes to
 * flash. An ESP32 reads its UART in blocks of 256 bytes and waits 50 ms for the rest of one, so packets are of 16 blocks,
 * and where the console has measured such waits NUL bytes, which a prompt ignores, fill the last block. Releases before 2v25 get
 * statements of 1 KiB. The board says that it took a packet before it has written it; so the file is proved afterwards,
 * by length and CRC-32.
 *
 * Out: by expressions whose value is base64. (A packet FILE_RECV would turn LF into CR LF and not count it.)
 *
 * A file that is replaced is erased first, and is not whole until `sendFile` has resolved.
 */
import { MotekitError } from "../errors.ts";
import { bytesOf, crc32Of } from "./bytes.ts";
import { ANSWER_MS_MAX, type BoardConsole, findAcknowledgement } from "./console.ts";
import { compressPiece } from "./heatshrink.ts";
import { byteLiteral } from "./literal.ts";
import { ACK, encodePacket, PACKET_HEADER_BYTES, READ_BLOCK_BYTES, safeLength } from "./packet.ts";

/** With its header 16 blocks of an ESP32's reading, and a whole page of its flash but for the header. */
export const DATA_BYTES = 16 * READ_BLOCK_BYTES - PACKET_HEADER_BYTES;
const STATEMENT_DATA_BYTES = 1024;
/** Base64 of it stays below the longest packet. */
const READ_BYTES = 3072;
/** After a lost byte a file is sent again, from its start. */
const ATTEMPTS_MAX = 3;
/** 896 KiB at an assumed 45 ms for each page of 4 KiB take 10 s, and as long again to write. */
const COMPACT_MS_MAX = 60_000;
/** The board's own time-out of a packet, after which it is at its prompt again. */
const PACKET_TIMEOUT_MS = 5_500;
/** What a file is called until it is whole. */
const UNFINISHED_FILE = "mk.put";
/** Read and written on the board in one piece, which has to fit in its memory. */
const COPY_BYTES = 512;
const COPY_MS_MAX = 60_000;
/** What a file takes beside its bytes, which are filled up to a multiple of 4. */
const FILE_HEADER_BYTES = 32;
const FILE_ALIGNMENT_BYTES = 4;
/**
 * Stays free: power that fails while a header is written to the last page of Storage makes Espruino erase it at its next
 * start, before any code could mend that (measured on 2v29.277).
 */
const LAST_PAGE_BYTES = 4096;
/** Espruino's own; a longer name would be cut in silence. */
export const FILE_NAME_BYTES_MAX = 28;

export interface SendOptions {
  /** After each packet, with the bytes of the file that the board has taken. */
  readonly onProgress?: (sentBytes: number) => void;
  /** The caller has made sure of the room (`refuseWithoutRoom`). */
  readonly roomIsKnown?: true;
  /** For a board that was seen to unpack rightly (`unpacksRightly`). What is not proved goes again as it is. */
  readonly isCompressed?: boolean;
}

export interface StoredFile {
  readonly lengthBytes: number;
  readonly crc: number;
}

/**
 * Writes a file, and proves it. `name` has at most FILE_NAME_BYTES_MAX bytes, `bytes` at least one. Where the room is
 * used up nothing is written: Storage would compact, and power that fails then can cost every file.
 *
 * @throws MK1622 no room, MK1620 the board did not write it, MK1621 the line loses bytes, MK1604 and MK1605.
 */
export async function sendFile(
  console: BoardConsole,
  name: string,
  bytes: Uint8Array,
  options: SendOptions = {},
): Promise<void> {
  const expected: StoredFile = { lengthBytes: bytes.length, crc: crc32Of(bytes) };
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    if (attempt > 1 || !options.roomIsKnown) {
      refuseWithoutRoom(console, name, bytes.length, await storageRoom(console));
    }
    console.takeUncaught();
    const isCompressed = attempt === 1 && options.isCompressed === true;
    const sent = console.interpreter.hasPackets
      ? await sendByPackets(console, name, bytes, { ...options, isCompressed })
      : await sendByStatements(console, name, bytes, options);
    const uncaught = console.takeUncaught();
    if (uncaught !== undefined && !isCompressed) throw notWritten(console, name, uncaught);
    if (!sent || uncaught !== undefined) continue;
    const stored = await statFile(console, name);
    if (stored?.lengthBytes === expected.lengthBytes && stored.crc === expected.crc) return;
  }
  throw lossy(console, name);
}

/**
 * Writes a file so that a line that breaks leaves the one of before: first under another name, from where the board copies
 * it. Takes its room twice. Power that fails while the board copies costs the file.
 *
 * @throws as `sendFile`, and MK1614.
 */
export async function replaceFile(console: BoardConsole, name: string, bytes: Uint8Array): Promise<void> {
  refuseWithoutRoom(console, name, bytes.length, await storageRoom(console), 2);
  await sendFile(console, UNFINISHED_FILE, bytes, { roomIsKnown: true });
  const file = byteLiteral(bytesOf(name));
  await console.run(
    `(function(s,f,t,o){s.erase(t);for(o=0;o<${bytes.length};o+=${COPY_BYTES})` +
      `s.write(t,s.read(f,o,${COPY_BYTES}),o,${bytes.length});s.erase(f)})` +
      `(require("Storage"),"${UNFINISHED_FILE}",${file})`,
    COPY_MS_MAX,
  );
  const stored = await statFile(console, name);
  if (stored?.lengthBytes !== bytes.length || stored.crc !== crc32Of(bytes)) throw lossy(console, name);
}

/** False where a packet was lost; the console is at its prompt then. Proves nothing. */
export async function sendByPackets(
  console: BoardConsole,
  name: string,
  bytes: Uint8Array,
  { onProgress, isCompressed = false }: SendOptions,
): Promise<boolean> {
  const mode = isCompressed ? ',"c":1' : "";
  const head = console.filledUp(`{"fn":${byteLiteral(bytesOf(name))},"s":${bytes.length}${mode}}`);
  if (!(await exchange(console, encodePacket("fileSend", bytesOf(head))))) return false;
  for (let offset = 0; offset < bytes.length; ) {
    const { data, endOffset } = isCompressed ? compressedData(bytes, offset) : plainData(bytes, offset);
    const packet = encodePacket("data", data);
    if (!(await exchange(console, console.readsInBlocks ? filledUp(packet) : packet))) return false;
    // A full flash is told of after the ACK.
    if (console.hasUncaught) return false;
    onProgress?.(endOffset);
    offset = endOffset;
  }
  return true;
}

/** Of the next packet, and where what it holds of the file ends. */
interface PacketData {
  readonly data: Uint8Array;
  readonly endOffset: number;
}

/** As much as a packet holds, but for a length that is not safe, which goes in two. */
function plainData(bytes: Uint8Array, offset: number): PacketData {
  const length = Math.min(bytes.length - offset, DATA_BYTES);
  const endOffset = offset + (safeLength(length) === length ? length : length - 2);
  return { data: bytes.subarray(offset, endOffset), endOffset };
}

function compressedData(bytes: Uint8Array, offset: number): PacketData {
  let piece = compressPiece(bytes, offset, DATA_BYTES);
  while (safeLength(piece.compressed.length) !== piece.compressed.length) {
    piece = compressPiece(bytes, offset, piece.compressed.length - 1);
  }
  return { data: piece.compressed, endOffset: piece.endOffset };
}

/** A packet and the NULs that complete a board's last block. */
function filledUp(packet: Uint8Array): Uint8Array {
  const filled = new Uint8Array(Math.ceil(packet.length / READ_BLOCK_BYTES) * READ_BLOCK_BYTES);
  filled.set(packet);
  return filled;
}

async function exchange(console: BoardConsole, packet: Uint8Array): Promise<boolean> {
  const answer = await console.ask(packet, findAcknowledgement, wireMs(console, packet) + ANSWER_MS_MAX);
  if (answer === ACK) return true;
  // A packet that lost bytes waits for them: NULs complete it, and are ignored at a prompt.
  if (answer === undefined) {
    await console.ask(new Uint8Array(packet.length), findAcknowledgement, PACKET_TIMEOUT_MS);
  }
  return false;
}

/** Ten bits a byte: start, eight, stop. */
function wireMs(console: BoardConsole, bytes: Uint8Array): number {
  return (bytes.length * 10_000) / console.line.baudRate;
}

async function sendByStatements(
  console: BoardConsole,
  name: string,
  bytes: Uint8Array,
  { onProgress }: SendOptions,
): Promise<boolean> {
  const file = byteLiteral(bytesOf(name));
  for (let offset = 0; offset < bytes.length; offset += STATEMENT_DATA_BYTES) {
    const piece = byteLiteral(bytes.subarray(offset, offset + STATEMENT_DATA_BYTES));
    try {
      await console.run(`require("Storage").write(${file},${piece},${offset},${bytes.length})`);
    } catch (error) {
      if (error instanceof MotekitError && error.code === "MK1613") {
        throw notWritten(console, name, error.message);
      }
      throw error;
    }
    onProgress?.(Math.min(offset + STATEMENT_DATA_BYTES, bytes.length));
  }
  return true;
}

/** Undefined where there is no such file. @throws as `evaluate`. */
export async function statFile(console: BoardConsole, name: string): Promise<StoredFile | undefined> {
  const read = `require("Storage").read(${byteLiteral(bytesOf(name))})`;
  const [lengthBytes, crc] = await console.evaluateJson<[number, number]>(
    `(s=>s===undefined?[-1,0]:[s.length,E.CRC32(s)])(${read})`,
  );
  return lengthBytes < 0 ? undefined : { lengthBytes, crc };
}

/**
 * Reads a file, and proves it. Undefined where there is none.
 *
 * @throws MK1621 the line loses bytes, and as `evaluate`.
 */
export async function readFile(
  console: BoardConsole,
  name: string,
  onProgress?: (readBytes: number, totalBytes: number) => void,
): Promise<Uint8Array | undefined> {
  const stored = await statFile(console, name);
  if (!stored) return undefined;
  const literal = byteLiteral(bytesOf(name));
  const bytes = new Uint8Array(stored.lengthBytes);
  for (let offset = 0; offset < bytes.length; offset += READ_BYTES) {
    const length = Math.min(READ_BYTES, bytes.length - offset);
    const base64 = await console.evaluateJson<string>(
      `btoa(require("Storage").read(${literal},${offset},${length}))`,
    );
    bytes.set(bytesOf(atob(base64)).subarray(0, length), offset);
    onProgress?.(offset + length, bytes.length);
  }
  if (crc32Of(bytes) !== stored.crc) throw lossy(console, name);
  return bytes;
}

export interface StorageRoom {
  readonly totalBytes: number;
  /** Never written since the last compaction. */
  readonly freeBytes: number;
  /** Of replaced files, to be won back by a compaction only. */
  readonly trashBytes: number;
}

export function storageRoom(console: BoardConsole): Promise<StorageRoom> {
  return console.evaluateJson<StorageRoom>(
    '(s=>({totalBytes:s.totalBytes,freeBytes:s.freeBytes,trashBytes:s.trashBytes}))(require("Storage").getStats())',
  );
}

/** Names in the order of Storage, as byte strings. */
export function listFiles(console: BoardConsole): Promise<string[]> {
  return console.evaluateJson<string[]>('require("Storage").list()');
}

/** What a file of that length takes of the free room. */
export function occupiedBytes(lengthBytes: number): number {
  return FILE_HEADER_BYTES + Math.ceil(lengthBytes / FILE_ALIGNMENT_BYTES) * FILE_ALIGNMENT_BYTES;
}

/**
 * Moves all files together. Power that fails now can cost every file.
 *
 * @throws as `run`.
 */
export function compactStorage(console: BoardConsole): Promise<void> {
  return console.run('require("Storage").compact()', COMPACT_MS_MAX);
}

/** What of the free room commands write to. */
export function usableRoom(freeBytes: number): number {
  return Math.max(0, freeBytes - LAST_PAGE_BYTES);
}

/** @throws MK1622 where so many files of that length could be written only after a compaction, or not at all. */
export function refuseWithoutRoom(
  console: BoardConsole,
  name: string,
  lengthBytes: number,
  { freeBytes, trashBytes }: StorageRoom,
  copies = 1,
): void {
  const neededBytes = copies * occupiedBytes(lengthBytes);
  const usableBytes = usableRoom(freeBytes);
  if (neededBytes <= usableBytes) return;
  throw new MotekitError({
    code: "MK1622",
    message:
      `${JSON.stringify(name)} takes ${neededBytes} bytes of the Storage on ${console.line.name}, of which ` +
      `${usableBytes} can be used; ${trashBytes} more hold files that were replaced.`,
    remedy:
      neededBytes <= usableBytes + trashBytes
        ? "Win these back by `motekit files compact`; the power must not fail meanwhile, or every file may be lost."
        : "Remove files by `motekit files rm NAME`, then `motekit files compact`.",
  });
}

function notWritten(console: BoardConsole, name: string, reason: string): MotekitError {
  return new MotekitError({
    code: "MK1620",
    message: `The board on ${console.line.name} did not write ${JSON.stringify(name)}: ${reason}`,
    remedy: "`motekit files ls` says what is in its Storage, and how much room is left.",
  });
}

function lossy(console: BoardConsole, name: string): MotekitError {
  return new MotekitError({
    code: "MK1621",
    message: `${JSON.stringify(name)} was not the same on both sides of ${console.line.name}, in ${ATTEMPTS_MAX} attempts.`,
    remedy: "The line loses bytes: try a lower --baud, another cable, or another USB port.",
  });
}

/** Whether a name of the user's can be a file's in Storage. */
export function isFileName(name: string): boolean {
  const bytes = new TextEncoder().encode(name);
  return bytes.length > 0 && bytes.length <= FILE_NAME_BYTES_MAX && !bytes.includes(0);
}
