/**
 * `require("Storage")` in memory, as measured on Espruino 2v29: names are cut at 28 characters, a file is never empty,
 * writing into a file can only clear bits. It outlives a reboot of the board, and does not model the flash below:
 * the room of a file that was replaced is free again at once, and a write is never torn.
 */
import type { Interpreter } from "./interpreter.ts";

export const STORAGE_NAME_LENGTH_MAX = 28;
const FILE_HEADER_BYTES = 32;
const ERASED = "\xff";

/** The files of one board: byte strings by name. Kept over reboots. */
export class StorageFiles {
  readonly #files = new Map<string, string>();
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  static fileName(name: string): string {
    return name.substring(0, STORAGE_NAME_LENGTH_MAX);
  }

  read(name: string): string | undefined {
    return this.#files.get(StorageFiles.fileName(name));
  }

  /** The message of the error that Espruino throws, or undefined where it was written. */
  write(name: string, data: string, offset = 0, size = 0): string | undefined {
    const length = size || data.length;
    if (offset === 0) {
      if (length === 0) return "Can't create zero length file";
      if (data.length > length) return "Too much data for file size";
      return this.#create(StorageFiles.fileName(name), data.padEnd(length, ERASED));
    }
    const file = this.read(name);
    if (file === undefined || offset + data.length > file.length) return "Too much data for file size";
    for (let index = 0; index < data.length; index++) {
      const wanted = data.charCodeAt(index);
      if ((file.charCodeAt(offset + index) & wanted) !== wanted) {
        return "File already written with different data";
      }
    }
    const after = file.substring(offset + data.length);
    this.#files.set(StorageFiles.fileName(name), file.substring(0, offset) + data + after);
    return undefined;
  }

  #create(name: string, content: string): string | undefined {
    const room = this.freeBytes() + occupiedBytes(this.#files.get(name));
    if (occupiedBytes(content) > room) return "Unable to find or create file";
    this.#files.delete(name);
    this.#files.set(name, content);
    return undefined;
  }

  erase(name: string): void {
    this.#files.delete(StorageFiles.fileName(name));
  }

  eraseAll(): void {
    this.#files.clear();
  }

  names(): string[] {
    return [...this.#files.keys()];
  }

  freeBytes(): number {
    let used = 0;
    for (const content of this.#files.values()) used += occupiedBytes(content);
    return this.sizeBytes - used;
  }
}

function occupiedBytes(content: string | undefined): number {
  if (content === undefined) return 0;
  return FILE_HEADER_BYTES + Math.ceil(content.length / 4) * 4;
}

export function createStorageModule(interpreter: Interpreter, files: StorageFiles): object {
  const write = (name: unknown, data: unknown, offset?: unknown, size?: unknown): boolean => {
    const bytes = contentOf(interpreter, data);
    const problem = files.write(String(name), bytes, Number(offset ?? 0), Number(size ?? 0));
    if (problem !== undefined) throw interpreter.error(problem);
    return true;
  };
  const read = (name: unknown, offset?: unknown, length?: unknown): string | undefined => {
    const content = files.read(String(name));
    if (content === undefined || (offset === undefined && length === undefined)) return content;
    return content.substr(Number(offset ?? 0), length === undefined ? undefined : Number(length));
  };
  return interpreter.object({
    read,
    write,
    erase: (name: unknown) => files.erase(String(name)),
    eraseAll: () => files.eraseAll(),
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
    getStats: () =>
      interpreter.object({
        totalBytes: files.sizeBytes,
        freeBytes: files.freeBytes(),
        fileBytes: files.sizeBytes - files.freeBytes(),
        fileCount: files.names().length,
        trashBytes: 0,
        trashCount: 0,
      }),
    compact: () => undefined,
  });
}

function contentOf(interpreter: Interpreter, data: unknown): string {
  if (typeof data === "string") return data;
  if (typeof data === "object" && data !== null && !Array.isArray(data) && !ArrayBuffer.isView(data)) {
    return interpreter.stringifyJson(data);
  }
  return interpreter.byteStringOf(data);
}
