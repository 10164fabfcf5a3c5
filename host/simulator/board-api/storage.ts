/**
 * `require("Storage")` on simulated flash, with the layout of Espruino 2v29: files follow one another, each with a header of
 * 32 bytes (three bytes of size, one of flags, 28 of name) and its content, aligned to words. An erased or replaced file has
 * zeros at the start of its name, and keeps its space until a compaction (`compact`). Bytes inside a file can be written as
 * long as they are erased. The content survives a reboot of the board, unless it is damaged when power comes on (`powerOn`).
 *
 * Files that grow (`StorageFile`), compressed files and a power cut within `compact` are not modelled.
 */
import { toByteString, toBytes } from "../interpreter/byte-strings.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { Flash } from "../world/flash.ts";

export const STORAGE_NAME_LENGTH_MAX = 28;
const HEADER_BYTES = 32;
const NAME_OFFSET = 4;
/** The number of bytes of the name that erasing a file overwrites. */
const NAME_START_BYTES = 4;
const SIZE_MASK = 0xffffff;
const FLAGS_BIT = 24;
const UNWRITTEN = 0xffffffff;
const WORD_BYTES = 4;
const PAGE_BYTES = 4096;

interface FileHeader {
  /** The address of the header. The content follows it. */
  readonly address: number;
  readonly sizeBytes: number;
  /** The name with its padding. For an erased file, the rest of the name. */
  readonly name: string;
  readonly isErased: boolean;
  /** True if it has the flags of a file. Others are not listed, and a compaction removes them. */
  readonly isFile: boolean;
}

function align(address: number): number {
  return Math.ceil(address / WORD_BYTES) * WORD_BYTES;
}

function padded(name: string): string {
  return StorageFiles.fileName(name).padEnd(STORAGE_NAME_LENGTH_MAX, "\0");
}

function isLive({ isErased, isFile }: FileHeader): boolean {
  return isFile && !isErased;
}

/** The files of one board, as byte strings by name. They survive reboots. */
export class StorageFiles {
  readonly flash: Flash;
  readonly #view: DataView;

  constructor(sizeBytes: number, pageBytes = PAGE_BYTES) {
    this.flash = new Flash(sizeBytes, pageBytes);
    this.#view = new DataView(this.flash.bytes.buffer);
  }

  get sizeBytes(): number {
    return this.flash.bytes.length;
  }

  static fileName(name: string): string {
    return name.substring(0, STORAGE_NAME_LENGTH_MAX);
  }

  read(name: string): string | undefined {
    const file = this.#find(name);
    return file && toByteString(this.#content(file));
  }

  /** Returns the message of the error that Espruino throws, or undefined if the file was written. Throws PowerFailure. */
  write(name: string, data: string, offset = 0, size = 0): string | undefined {
    const bytes = toBytes(data);
    const sizeBytes = size || bytes.length;
    if (sizeBytes === 0) return "Can't create zero length file";
    let file = this.#find(name);
    if (offset === 0 && !(file && file.sizeBytes === sizeBytes && this.#isBlank(file))) {
      if (file && this.#isEqual(file, bytes, sizeBytes)) return undefined;
      if (file) this.#erase(file);
      file = this.#create(name, sizeBytes);
    }
    if (!file) return "Unable to find or create file";
    if (offset + bytes.length > file.sizeBytes) return "Too much data for file size";
    const address = file.address + HEADER_BYTES + offset;
    if (!this.flash.isErased(address, bytes.length)) return "File already written with different data";
    this.writeFlash(address, bytes);
    return undefined;
  }

  /** A write by the host, during which power does not fail. Returns the same as `write`. */
  provision(name: string, data: string): string | undefined {
    const { failPower } = this.flash;
    this.flash.failPower = undefined;
    const problem = this.write(name, data);
    this.flash.failPower = failPower;
    return problem;
  }

  erase(name: string): void {
    const file = this.#find(name);
    if (file) this.#erase(file);
  }

  eraseAll(): void {
    this.flash.eraseAll();
  }

  /** Erases everything if the end of the files is damaged, as Espruino does at its first boot. Returns true if it was intact. */
  powerOn(): boolean {
    this.flash.powerOn();
    if (this.#isValid()) return false;
    this.flash.eraseAll();
    return true;
  }

  names(): string[] {
    return [...this.#headers()].filter(isLive).map(({ name }) => name.replace(/\0.*$/s, ""));
  }

  freeBytes(): number {
    return this.stats().freeBytes;
  }

  /** The result of `getStats` of Espruino's Storage. */
  stats() {
    const stats = { fileBytes: 0, fileCount: 0, trashBytes: 0, trashCount: 0 };
    let end = 0;
    for (const { address, sizeBytes, isErased } of this.#headers()) {
      const occupiedBytes = HEADER_BYTES + align(sizeBytes);
      end = address + occupiedBytes;
      stats[isErased ? "trashBytes" : "fileBytes"] += occupiedBytes;
      stats[isErased ? "trashCount" : "fileCount"]++;
    }
    return { totalBytes: this.sizeBytes, freeBytes: this.sizeBytes - end, ...stats };
  }

  /** Returns false if there was no space to free. */
  compact(): boolean {
    if (this.stats().trashBytes === 0) return false;
    const files = [...this.#headers()]
      .filter(isLive)
      .map(({ address, sizeBytes }) => this.flash.bytes.slice(address, address + HEADER_BYTES + sizeBytes));
    this.flash.eraseAll();
    let address = 0;
    for (const file of files) {
      this.flash.bytes.set(file, address);
      address = align(address + file.length);
    }
    return true;
  }

  #headerAt(address: number): FileHeader | undefined {
    if (address + HEADER_BYTES > this.sizeBytes) return undefined;
    const word = this.#view.getUint32(address, true);
    const sizeBytes = word & SIZE_MASK;
    if (word === UNWRITTEN || word === 0 || address + HEADER_BYTES + sizeBytes > this.sizeBytes)
      return undefined;
    const name = this.flash.bytes.subarray(address + NAME_OFFSET, address + HEADER_BYTES);
    const isErased = this.#view.getUint32(address + NAME_OFFSET, true) === 0;
    const isFile = word >>> FLAGS_BIT === 0;
    return { address, sizeBytes, name: toByteString(name), isErased, isFile };
  }

  /** Returns whether the bytes after the last file, or at the next page, are an erased header, or have no space for one. */
  #isValid(): boolean {
    let end = 0;
    for (const { address, sizeBytes } of this.#headers()) end = align(address + HEADER_BYTES + sizeBytes);
    if (end === 0) return this.flash.isErased(0, this.sizeBytes);
    if (end + HEADER_BYTES > this.sizeBytes) return true;
    const nextPage = this.#nextPage(end);
    return this.flash.isErased(nextPage < this.sizeBytes ? nextPage : end, HEADER_BYTES);
  }

  #nextPage(address: number): number {
    const { pageBytes } = this.flash;
    return (Math.floor(address / pageBytes) + 1) * pageBytes;
  }

  /** Headers in order. After a gap, files may continue at the next page. */
  *#headers(): Generator<FileHeader> {
    let header = this.#headerAt(0);
    while (header) {
      yield header;
      const next = align(header.address + HEADER_BYTES + header.sizeBytes);
      header = this.#headerAt(next) ?? this.#headerAt(this.#nextPage(next));
    }
  }

  #find(name: string): FileHeader | undefined {
    const wanted = padded(name);
    for (const header of this.#headers()) if (!header.isErased && header.name === wanted) return header;
    return undefined;
  }

  #content({ address, sizeBytes }: FileHeader): Uint8Array {
    return this.flash.bytes.subarray(address + HEADER_BYTES, address + HEADER_BYTES + sizeBytes);
  }

  #isBlank({ address, sizeBytes }: FileHeader): boolean {
    return this.flash.isErased(address + HEADER_BYTES, sizeBytes);
  }

  #isEqual(file: FileHeader, bytes: Uint8Array, sizeBytes: number): boolean {
    return (
      file.sizeBytes === sizeBytes &&
      bytes.length === sizeBytes &&
      Buffer.compare(this.#content(file), bytes) === 0
    );
  }

  #erase({ address }: FileHeader): void {
    this.flash.write(address + NAME_OFFSET, new Uint8Array(NAME_START_BYTES));
  }

  #create(name: string, sizeBytes: number): FileHeader | undefined {
    const neededBytes = HEADER_BYTES + align(sizeBytes);
    let address = this.#findRoom(neededBytes);
    if (address === undefined) {
      const { freeBytes, trashBytes } = this.stats();
      if (neededBytes >= freeBytes + trashBytes || !this.compact()) return undefined;
      address = this.#findRoom(neededBytes);
      if (address === undefined) return undefined;
    }
    const header = new Uint8Array(HEADER_BYTES);
    new DataView(header.buffer).setUint32(0, sizeBytes, true);
    header.set(toBytes(padded(name)), NAME_OFFSET);
    this.flash.write(address, header);
    return { address, sizeBytes, name: padded(name), isErased: false, isFile: true };
  }

  /** The end of the first sequence of files that is followed by enough free space. */
  #findRoom(neededBytes: number): number | undefined {
    for (let start = 0; start < this.sizeBytes; ) {
      let end = start;
      for (let header = this.#headerAt(end); header; header = this.#headerAt(end)) {
        end = align(header.address + HEADER_BYTES + header.sizeBytes);
      }
      const nextPage = this.#nextPage(end);
      const limit = this.#headerAt(nextPage) ? nextPage : this.sizeBytes;
      if (limit - end >= neededBytes) return end;
      start = nextPage;
    }
    return undefined;
  }

  /** Writes whole words, filled at both ends with the existing bytes. Throws PowerFailure. */
  writeFlash(address: number, bytes: Uint8Array): void {
    const start = Math.floor(address / WORD_BYTES) * WORD_BYTES;
    const headBytes = Math.min(start === address ? 0 : start + WORD_BYTES - address, bytes.length);
    const tailBytes = (bytes.length - headBytes) % WORD_BYTES;
    const bodyEnd = bytes.length - tailBytes;
    if (headBytes > 0) this.#writeWord(start, address - start, bytes.subarray(0, headBytes));
    if (bodyEnd > headBytes) this.flash.write(address + headBytes, bytes.subarray(headBytes, bodyEnd));
    if (tailBytes > 0) this.#writeWord(address + bodyEnd, 0, bytes.subarray(bodyEnd));
  }

  #writeWord(address: number, offset: number, bytes: Uint8Array): void {
    const word = this.flash.bytes.slice(address, address + WORD_BYTES);
    word.set(bytes, offset);
    this.flash.write(address, word);
  }
}

/** `require("Flash")` on the area of Storage, which begins at `startBytes`. There is no other flash. */
export function createFlashModule(interpreter: Interpreter, files: StorageFiles, startBytes: number): object {
  const offsetOf = (address: unknown, lengthBytes: number): number => {
    const offset = Number(address) - startBytes;
    if (offset >= 0 && offset + lengthBytes <= files.sizeBytes) return offset;
    throw interpreter.error(`No flash is simulated at ${address}`);
  };
  return interpreter.object({
    read(length: unknown, address: unknown) {
      const offset = offsetOf(address, Number(length));
      return interpreter.uint8Array(
        toByteString(files.flash.bytes.subarray(offset, offset + Number(length))),
      );
    },
    write(data: unknown, address: unknown) {
      interpreter.requireRunning();
      const bytes = toBytes(interpreter.byteStringOf(data));
      files.writeFlash(offsetOf(address, bytes.length), bytes);
    },
  });
}

export function createStorageModule(interpreter: Interpreter, files: StorageFiles): object {
  const write = (name: unknown, data: unknown, offset?: unknown, size?: unknown): boolean => {
    interpreter.requireRunning();
    const bytes = contentOf(interpreter, data);
    const problem = files.write(String(name), bytes, Number(offset ?? 0), Number(size ?? 0));
    if (problem !== undefined) throw interpreter.error(problem);
    return true;
  };
  const read = (name: unknown, offset?: unknown, length?: unknown): string | undefined => {
    const content = files.read(String(name));
    if (content === undefined || (offset === undefined && length === undefined)) return content;
    const start = Math.max(Number(offset ?? 0), 0);
    const lengthBytes = Number(length ?? 0);
    return content.substring(start, lengthBytes > 0 ? start + lengthBytes : content.length);
  };
  return interpreter.object({
    read,
    write,
    erase(name: unknown) {
      interpreter.requireRunning();
      files.erase(String(name));
    },
    eraseAll() {
      interpreter.requireRunning();
      files.eraseAll();
    },
    list: (pattern?: { test(name: string): boolean }) =>
      interpreter.array(files.names().filter((name) => pattern === undefined || pattern.test(name))),
    readJSON(name: unknown, noExceptions?: unknown) {
      const content = files.read(String(name));
      if (content === undefined) return undefined;
      try {
        return interpreter.parseJson(content);
      } catch (error) {
        if (noExceptions) return undefined;
        throw error;
      }
    },
    writeJSON: (name: unknown, value: unknown) => write(name, interpreter.stringifyJson(value)),
    readArrayBuffer(name: unknown) {
      const content = files.read(String(name));
      return content === undefined ? undefined : interpreter.uint8Array(content).buffer;
    },
    getFree: () => files.freeBytes(),
    getStats: () => interpreter.object(files.stats()),
    compact() {
      interpreter.requireRunning();
      files.compact();
    },
  });
}

function contentOf(interpreter: Interpreter, data: unknown): string {
  if (typeof data === "string") return data;
  if (typeof data === "object" && data !== null && !Array.isArray(data) && !ArrayBuffer.isView(data)) {
    return interpreter.stringifyJson(data);
  }
  return interpreter.byteStringOf(data);
}
