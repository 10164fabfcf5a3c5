/** The file operations that a journal needs. Tests replace them by operations that fail or stop midway. */
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

/** Messages may be private. */
const OWNER_ONLY = 0o600;

/** Each operation throws the system's error, with its `code`, if it was not completed. */
export interface FileLayer {
  /** `r+` opens an existing file, `w+` creates an empty one. */
  open(path: string, flags: "r+" | "w+"): number;
  close(descriptor: number): void;
  sizeBytes(descriptor: number): number;
  /** Reads bytes from `place`, fewer than `lengthBytes` at the file's end. */
  read(descriptor: number, place: number, lengthBytes: number): Buffer;
  /** Writes all of the bytes. After an error the content there is unknown. */
  write(descriptor: number, bytes: Uint8Array, place: number): void;
  truncate(descriptor: number, sizeBytes: number): void;
  /** Flushes the file to the disk, as far as the system can tell. */
  sync(descriptor: number): void;
  /** The same in the background. The descriptor has to stay open until `done` is called. */
  syncLater(descriptor: number, done: (error: Error | null) => void): void;
  rename(from: string, to: string): void;
  /** Removes a file; a missing file is no error. */
  remove(path: string): void;
  /** Flushes the names in the folder to the disk. */
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
    // Windows cannot flush folders.
    if (process.platform === "win32") return;
    const descriptor = openSync(folder, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  },
};
