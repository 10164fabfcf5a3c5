/**
 * A journal's file while it is written to: it only grows, and gets onto the medium in the background.
 */

import type { Change } from "../../broker/change.ts";
import { CommitWriter } from "./commit-writer.ts";
import type { FileLayer } from "./file-layer.ts";

/** What was written is on the medium so much later at most, and what that takes: more only a loss of power can cost. */
export const SYNC_MS = 1_000;

export interface JournalFileOptions {
  readonly files: FileLayer;
  /** Open for writing; the file's own from now on. */
  readonly descriptor: number;
  readonly salt: number;
  readonly sizeBytes: number;
  /** The medium refused what was written. */
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

  /** Returns when the system has all of it. Throws the system's error, and may not be called after it. */
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

  /** Onto the medium, now. Throws the system's error. */
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
