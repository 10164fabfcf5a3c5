/** The operations on files that a journal needs; tests give it others, which fail or end in between. */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";

/** Messages may be nobody else's business. */
const OWNER_ONLY = 0o600;

/** Each throws the system's error, with its `code`, where it did not do all that it says. */
export interface FileLayer {
  /** `r+` opens what is there, `w+` makes it new and empty. */
  open(path: string, flags: "r+" | "w+"): number;
  close(descriptor: number): void;
  sizeBytes(descriptor: number): number;
  /** The bytes from `place` on, fewer than `lengthBytes` at the file's end. */
  read(descriptor: number, place: number, lengthBytes: number): Buffer;
  /** All of the bytes. What stands there after an error is not known. */
  write(descriptor: number, bytes: Uint8Array, place: number): void;
  truncate(descriptor: number, sizeBytes: number): void;
  /** Onto the medium, as far as the system can tell. */
  sync(descriptor: number): void;
  /** The same beside the event loop. The descriptor stays open until `done` is called. */
  syncLater(descriptor: number, done: (error: Error | null) => void): void;
  rename(from: string, to: string): void;
  /** Nothing where there is no such file. */
  remove(path: string): void;
  /** Names in the folder, onto the medium. */
  syncFolder(folder: string): void;
}

export const nodeFiles: FileLayer = {
  open: (path, flags) => openSync(path, flags, OWNER_ONLY),
  close: closeSync,
  sizeBytes: (descriptor) => fstatSync(descriptor).size,
  read(descriptor, place, lengthBytes) {
    const bytes = Buffer.allocUnsafe(lengthBytes);
    let length = 0;
    while (length < lengthBytes) {
      const count = readSync(descriptor, bytes, length, lengthBytes - length, place + length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  },
  write(descriptor, bytes, place) {
    let length = 0;
    while (length < bytes.length) {
      length += writeSync(descriptor, bytes, length, bytes.length - length, place + length);
    }
  },
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  syncLater: fdatasync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncFolder(folder) {
    // Windows has no such thing.
    if (process.platform === "win32") return;
    const descriptor = openSync(folder, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  },
};
