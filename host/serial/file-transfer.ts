/**
 * Transfers files into a board's Storage and out of it, over its console.
 *
 * In: with packets if the interpreter has them, one after another, because the board receives nothing while it writes to
 * flash. An ESP32 reads its UART in blocks of 256 bytes and waits 50 ms for the rest of one, so packets have 16 blocks. If the
 * console has measured such waits, NUL bytes, which a prompt ignores, fill the last block. Releases before 2v25 get statements
 * of 1 KiB. The board acknowledges a packet before it has written it, so the file is verified afterwards by length and CRC-32.
 *
 * Out: with expressions whose value is base64. (A packet FILE_RECV would turn LF into CR LF without counting it.)
 *
 * A file that is replaced is erased first, and is incomplete until `sendFile` has resolved.
 */
import { MotekitError } from "../errors.ts";
import { bytesOf, crc32Of } from "./bytes.ts";
import { ANSWER_MS_MAX, type BoardConsole, findAcknowledgement } from "./console.ts";
import { compressPiece } from "./heatshrink.ts";
import { byteLiteral } from "./literal.ts";
import { ACK, encodePacket, PACKET_HEADER_BYTES, READ_BLOCK_BYTES, safeLength } from "./packet.ts";

/** The data of a packet, which with its header has 16 blocks of an ESP32. */
export const DATA_BYTES = 16 * READ_BLOCK_BYTES - PACKET_HEADER_BYTES;
const STATEMENT_DATA_BYTES = 1024;
/** The bytes that are read at once; their base64 is shorter than the longest packet. */
const READ_BYTES = 3072;
/** The limit on attempts. After a lost byte a file is sent again from its start. */
const ATTEMPTS_MAX = 3;
/** Erasing 896 KiB takes 10 s at an assumed 45 ms for each page of 4 KiB, and writing takes as long. */
const COMPACT_MS_MAX = 60_000;
/** The board's time-out of a packet, after which it is at its prompt again. */
const PACKET_TIMEOUT_MS = 5_500;
/** The name of a file until it is complete. */
const UNFINISHED_FILE = "mk.put";
/** The bytes that the board copies at once, which have to fit in its memory. */
const COPY_BYTES = 512;
const COPY_MS_MAX = 60_000;
/** The room that a file takes in addition to its bytes, which are padded to a multiple of 4. */
const FILE_HEADER_BYTES = 32;
const FILE_ALIGNMENT_BYTES = 4;
/**
 * The last page, which stays free: if power fails while a header is written to it, Espruino erases Storage at its next start,
 * before any code could repair it (measured on 2v29.277).
 */
const LAST_PAGE_BYTES = 4096;
/** The limit of Espruino, which truncates longer names silently. */
export const FILE_NAME_BYTES_MAX = 28;

export interface SendOptions {
  /** Called after each packet with the bytes of the file that the board has received. */
  readonly onProgress?: (sentBytes: number) => void;
  /** The caller has checked the space (`refuseWithoutRoom`). */
  readonly roomIsKnown?: true;
  /** Only for a board that unpacks rightly (`chooseCompression`). After a failed verification the file is sent uncompressed. */
  readonly isCompressed?: boolean;
}

export interface StoredFile {
  readonly lengthBytes: number;
  readonly crc: number;
}

/**
 * Writes and verifies a file. `name` has at most FILE_NAME_BYTES_MAX bytes, `bytes` at least one. Without enough space nothing is
 * written, because Storage would compact, and a power failure during that can destroy every file.
 *
 * @throws MK1622 no space, MK1620 the board did not write it, MK1621 the line loses bytes, MK1604 and MK1605.
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
 * Writes a file so that a broken line leaves the previous one: first under another name, from where the board copies it. This
 * takes the space twice. A power failure while the board copies destroys the file.
 *
 * Throws like `sendFile`, and MK1614.
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

/** Sends a file without verifying it. Resolves to false if a packet was lost; the console is at its prompt then. */
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
    // A full flash is reported after the ACK.
    if (console.hasUncaught) return false;
    onProgress?.(endOffset);
    offset = endOffset;
  }
  return true;
}

/** The data of a packet, and the offset in the file at which it ends. */
interface PacketData {
  readonly data: Uint8Array;
  readonly endOffset: number;
}

/** The data of the next packet. A length that is not safe is split into two packets. */
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

/** Pads a packet with NULs to the end of a board's last block. */
function filledUp(packet: Uint8Array): Uint8Array {
  const filled = new Uint8Array(Math.ceil(packet.length / READ_BLOCK_BYTES) * READ_BLOCK_BYTES);
  filled.set(packet);
  return filled;
}

async function exchange(console: BoardConsole, packet: Uint8Array): Promise<boolean> {
  const answer = await console.ask(packet, findAcknowledgement, wireMs(console, packet) + ANSWER_MS_MAX);
  if (answer === ACK) return true;
  // After lost bytes the board waits for the rest of the packet. NULs complete it, and a prompt ignores them.
  if (answer === undefined) {
    await console.ask(new Uint8Array(packet.length), findAcknowledgement, PACKET_TIMEOUT_MS);
  }
  return false;
}

/** The time to send bytes, with ten bits for each byte. */
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

/** Resolves to undefined if there is no such file. Throws like `evaluate`. */
export async function statFile(console: BoardConsole, name: string): Promise<StoredFile | undefined> {
  const read = `require("Storage").read(${byteLiteral(bytesOf(name))})`;
  const [lengthBytes, crc] = await console.evaluateJson<[number, number]>(
    `(s=>s===undefined?[-1,0]:[s.length,E.CRC32(s)])(${read})`,
  );
  return lengthBytes < 0 ? undefined : { lengthBytes, crc };
}

/**
 * Reads and verifies a file. Resolves to undefined if there is no such file.
 *
 * Throws MK1621 if the line loses bytes, and like `evaluate`.
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
  /** The bytes that were not written since the last compaction. */
  readonly freeBytes: number;
  /** The bytes of replaced files, which only a compaction frees. */
  readonly trashBytes: number;
}

export function storageRoom(console: BoardConsole): Promise<StorageRoom> {
  return console.evaluateJson<StorageRoom>(
    '(s=>({totalBytes:s.totalBytes,freeBytes:s.freeBytes,trashBytes:s.trashBytes}))(require("Storage").getStats())',
  );
}

/** Resolves to the names in the order of Storage, as byte strings. */
export function listFiles(console: BoardConsole): Promise<string[]> {
  return console.evaluateJson<string[]>('require("Storage").list()');
}

/** The room that a file of a length takes, in bytes. */
export function occupiedBytes(lengthBytes: number): number {
  return FILE_HEADER_BYTES + Math.ceil(lengthBytes / FILE_ALIGNMENT_BYTES) * FILE_ALIGNMENT_BYTES;
}

/**
 * Compacts Storage. A power failure meanwhile can destroy every file.
 *
 * Throws like `run`.
 */
export function compactStorage(console: BoardConsole): Promise<void> {
  return console.run('require("Storage").compact()', COMPACT_MS_MAX);
}

/** The part of the free space that commands use. */
export function usableRoom(freeBytes: number): number {
  return Math.max(0, freeBytes - LAST_PAGE_BYTES);
}

/** @throws MK1622 if the copies of a file can be written only after a compaction, or not at all. */
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
      `There is not enough space for ${JSON.stringify(name)} in the Storage on ${console.line.name}: it needs ${neededBytes} ` +
      `bytes, but ${usableBytes} are available. Replaced files occupy another ${trashBytes} bytes.`,
    remedy:
      neededBytes <= usableBytes + trashBytes
        ? "Free them with `motekit files compact`. The power must not fail meanwhile, or every file may be lost."
        : "Remove files with `motekit files rm NAME`, and then run `motekit files compact`.",
  });
}

function notWritten(console: BoardConsole, name: string, reason: string): MotekitError {
  return new MotekitError({
    code: "MK1620",
    message: `The board on ${console.line.name} did not write ${JSON.stringify(name)}: ${reason}`,
    remedy: "Check the files in its Storage and the free space with `motekit files ls`.",
  });
}

function lossy(console: BoardConsole, name: string): MotekitError {
  return new MotekitError({
    code: "MK1621",
    message: `${JSON.stringify(name)} could not be transferred over ${console.line.name} without errors in ${ATTEMPTS_MAX} attempts.`,
    remedy: "The line loses bytes. Try a lower --baud, another cable, or another USB port.",
  });
}

/** Whether a name is valid for a file in Storage. */
export function isFileName(name: string): boolean {
  const bytes = new TextEncoder().encode(name);
  return bytes.length > 0 && bytes.length <= FILE_NAME_BYTES_MAX && !bytes.includes(0);
}
