/**
 * A journal's file while it is written. It only grows, and is flushed to the disk in the background.
 */

import type { Change } from "../../broker/change.ts";
import { CommitWriter } from "./commit-writer.ts";
import type { FileLayer } from "./file-layer.ts";

/** The longest time from a write to the start of its flush to the disk. Only a loss of power can lose data in between. */
export const SYNC_MS = 1_000;

export interface JournalFileOptions {
  readonly files: FileLayer;
  /** A descriptor open for writing, which the file owns from now on. */
  readonly descriptor: number;
  readonly salt: number;
  readonly sizeBytes: number;
  /** Called if flushing to the disk failed. */
  readonly onSyncFailure: (error: Error) => void;
}

export class JournalFile {
  readonly #files: FileLayer;
  readonly #descriptor: number;
  readonly #writer: CommitWriter;
  readonly #onSyncFailure: (error: Error) => void;
  #sizeBytes: number;
  #timer: NodeJS.Timeout | undefined;
  #isSyncing = false;
  #isUnsynced = false;
  #isClosed = false;

  constructor({ files, descriptor, salt, sizeBytes, onSyncFailure }: JournalFileOptions) {
    this.#files = files;
    this.#descriptor = descriptor;
    this.#writer = new CommitWriter(salt);
    this.#sizeBytes = sizeBytes;
    this.#onSyncFailure = onSyncFailure;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends a commit, and returns when the system has all of it. Throws the system's error; not to be called after that. */
  append(changes: Iterable<Change>): void {
    for (const frame of this.#writer.frames(changes, this.#sizeBytes)) {
      this.#files.write(this.#descriptor, frame, this.#sizeBytes);
      this.#sizeBytes += frame.length;
    }
    this.#isUnsynced = true;
    this.#syncSoon();
  }

  #syncSoon(): void {
    if (this.#timer || this.#isSyncing) return;
    this.#timer = setTimeout(() => this.#syncLater(), SYNC_MS);
    this.#timer.unref();
  }

  #syncLater(): void {
    this.#timer = undefined;
    this.#isSyncing = true;
    this.#isUnsynced = false;
    this.#files.syncLater(this.#descriptor, (error) => {
      this.#isSyncing = false;
      if (this.#isClosed) this.#files.close(this.#descriptor);
      else if (error) this.#onSyncFailure(error);
      else if (this.#isUnsynced) this.#syncSoon();
    });
  }

  /** Flushes the file to the disk. Throws the system's error. */
  sync(): void {
    this.#isUnsynced = false;
    this.#files.sync(this.#descriptor);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (!this.#isSyncing) this.#files.close(this.#descriptor);
  }
}
