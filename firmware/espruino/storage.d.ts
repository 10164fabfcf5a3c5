/** Files in flash. Names have at most 28 characters; a longer name is cut, in silence. */

interface StorageStats {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly fileBytes: number;
  readonly fileCount: number;
  readonly trashBytes: number;
  readonly trashCount: number;
}

/** A file that grows, kept as a file of Storage for each chunk. Only its own `erase` erases it. */
interface StorageFile {
  erase(): void;
  getLength(): number;
  pipe(destination: WritableSink, options?: PipeOptions): void;
  /** `undefined` at the end of the file. */
  read(lengthBytes: number): string | undefined;
  /** Reads a line with its line feed; `undefined` at the end of the file. */
  readLine(): string | undefined;
  write(data: string): void;
}

interface StorageFileConstructor {
  new (): StorageFile;
}

declare var StorageFile: StorageFileConstructor;

interface StorageModule {
  /**
   * Moves all files together, to win back the space of erased ones. Power that fails during it can lose every file.
   */
  compact(showMessage?: boolean): void;
  /** Erases a file that `write` made. No error when there is none. */
  erase(name: string): void;
  eraseAll(): void;
  getFree(checkInternalFlash?: boolean): number;
  getStats(checkInternalFlash?: boolean): StorageStats;
  /** A number that changes with the files. */
  hash(pattern?: RegExp): number;
  /**
   * Names, without a filter also those of the chunks of files that grow, with a last byte that counts them.
   * `sf` chooses files that grow (by their own name) or those of `write`.
   */
  list(pattern?: RegExp, filter?: { sf?: boolean }): string[];
  open(name: string, mode: "r" | "w" | "a"): StorageFile;
  optimise(): void;
  /** A string that stays in flash; `undefined` when there is no such file. */
  read(name: string, offsetBytes?: number, lengthBytes?: number): string | undefined;
  readArrayBuffer(name: string): ArrayBuffer | undefined;
  /** `undefined` when there is no such file. Throws on text that is not JSON, unless told otherwise. */
  readJSON(name: string, noExceptions?: boolean): any;
  /**
   * A write at an offset fills in a file whose size was given when it was made; bytes of flash can only be written once.
   * Throws on empty data, and when there is no space, after a compaction of its own. A power cut can leave the file missing or corrupt.
   */
  write(
    name: string,
    data: string | ArrayBuffer | ArrayBufferView | readonly number[],
    offsetBytes?: number,
    sizeBytes?: number,
  ): boolean;
  writeJSON(name: string, value: any): boolean;
}
