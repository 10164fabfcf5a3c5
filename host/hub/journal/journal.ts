/**
 * What a hub remembers over its end, however it ends: each change of its broker, in a file of the hub's folder.
 *
 * Changes of one turn of the event loop make one commit, which is written before anything that was sent in that turn
 * leaves. A commit counts whole or not at all, so that no half of what a packet did is found after a restart.
 *
 * `kill -9` at any moment loses nothing that `commit` returned for. A loss of power may lose what was written in the last
 * second, for the system writes to the medium behind us.
 *
 * A file that has grown too far beyond what there is to remember is written anew beside the old one, a piece at a time, and
 * replaces it when it is whole.
 */
import { join } from "node:path";
import type { Change, ChangeRecorder } from "../../broker/change.ts";
import { MotekitError } from "../../errors.ts";
import { makeFolder } from "../../file-system/make-folder.ts";
import { type FileLayer, nodeFiles } from "./file-layer.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { folderUnusable, journalUnwritable } from "./journal-errors.ts";
import { JournalFile } from "./journal-file.ts";
import { JournalReader } from "./journal-reader.ts";
import { DRAFT_NAME, Rewrite, type Written, writeJournal } from "./rewrite.ts";

export const JOURNAL_NAME = "hub.journal";

/** A smaller file is never written anew. */
const COMPACT_BYTES_MIN = 16 * 1024 * 1024;
/** Nor is one below so many times the snapshot that it began with. */
const COMPACT_GROWTH = 3;

export interface JournalOptions {
  readonly files?: FileLayer;
  readonly compactBytesMin?: number;
  /** Lets the hub serve before the next piece of a file that is written anew. Default is `setImmediate`. */
  readonly later?: (run: () => void) => void;
}

export interface OpenedJournal {
  /**
   * What was kept, in its order, read as it is iterated over: once, and before the first `compactIfDue`. Throws MK1431
   * and MK1432.
   */
  readonly changes: Iterable<Change>;
  readonly journal: Journal;
  /** Of a commit that was being written when its hub was killed; nothing of it had been acknowledged. */
  readonly droppedBytes: number;
}

/**
 * Makes folder and journal where there are none. Throws MK1430 where another hub has the folder, MK1431 where it cannot be
 * read or written, MK1432 where the journal is damaged, MK1434 where it is of another release; nothing is changed then.
 */
export function openJournal(folder: string, options: JournalOptions = {}): OpenedJournal {
  const { files = nodeFiles, compactBytesMin = COMPACT_BYTES_MIN, later = setImmediate } = options;
  let lock: FolderLock | undefined;
  try {
    makeFolder(folder);
    lock = lockFolder(folder);
    return openLocked({ folder, files, compactBytesMin, later, lock });
  } catch (error) {
    lock?.release();
    throw error instanceof MotekitError ? error : folderUnusable(folder, error);
  }
}

interface Place {
  readonly folder: string;
  readonly files: FileLayer;
  readonly compactBytesMin: number;
  readonly later: (run: () => void) => void;
  readonly lock: FolderLock;
}

function openLocked(place: Place): OpenedJournal {
  const { folder, files } = place;
  files.remove(join(folder, DRAFT_NAME));
  const path = join(folder, JOURNAL_NAME);
  const descriptor = openIfThere(files, path);
  if (descriptor === undefined) {
    return { changes: [], journal: new Journal(place, newJournal(place)), droppedBytes: 0 };
  }
  try {
    const reader = new JournalReader(files, path, descriptor);
    const { snapshotEnd, end } = reader.survey();
    const droppedBytes = files.sizeBytes(descriptor) - end;
    if (droppedBytes > 0) files.truncate(descriptor, end);
    const written = { descriptor, salt: reader.salt, sizeBytes: end, snapshotBytes: snapshotEnd };
    return { changes: reader.changes(end), journal: new Journal(place, written), droppedBytes };
  } catch (error) {
    files.close(descriptor);
    throw error;
  }
}

function newJournal({ files, folder }: Place): Written {
  return writeJournal({ files, draft: join(folder, DRAFT_NAME), path: join(folder, JOURNAL_NAME) });
}

function openIfThere(files: FileLayer, path: string): number | undefined {
  try {
    return files.open(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Takes down what happens from now on. It does not apply changes, and does not know what they mean. */
export class Journal implements ChangeRecorder {
  readonly #place: Place;
  readonly #path: string;
  #file: JournalFile;
  #snapshotBytes: number;
  /** The next file, while it is written. */
  #rewrite: Rewrite | undefined;
  #recorded: Change[] = [];
  #failure: MotekitError | undefined;
  #isClosed = false;

  /** By `openJournal`, for a folder that is locked. */
  constructor(place: Place, written: Written) {
    this.#place = place;
    this.#path = join(place.folder, JOURNAL_NAME);
    this.#snapshotBytes = written.snapshotBytes;
    this.#file = this.#grow(written);
  }

  #grow({ descriptor, salt, sizeBytes }: Written): JournalFile {
    const { files } = this.#place;
    const onSyncFailure = (error: Error) => this.#fail(error);
    return new JournalFile({ files, descriptor, salt, sizeBytes, onSyncFailure });
  }

  /** Of the file. */
  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** Nobody may write to its payload from now on: a file that is written anew may take it later. */
  record(change: Change): void {
    this.#recorded.push(change);
  }

  /**
   * Makes safe all that was recorded. Throws MK1433 where that failed, or an earlier write or the medium did: what was
   * recorded since the last commit is not safe then, nor will anything be, and the hub has to end.
   */
  commit(): void {
    if (this.#failure) throw this.#failure;
    if (this.#recorded.length === 0) return;
    const recorded = this.#recorded;
    this.#recorded = [];
    const { sizeBytes } = this.#file;
    this.#attempt(() => this.#file.append(recorded));
    this.#rewrite?.add(recorded, this.#file.sizeBytes - sizeBytes);
  }

  /**
   * Commits, and begins to write the file anew where it is due: from `snapshot`, which has to lead to the state that all
   * recorded changes led to, and is read at once. Throws as `commit` does.
   */
  compactIfDue(snapshot: () => Iterable<Change>): void {
    this.commit();
    const { files, folder, compactBytesMin, later } = this.#place;
    const dueBytes = Math.max(compactBytesMin, this.#snapshotBytes * COMPACT_GROWTH);
    if (this.#rewrite || this.#file.sizeBytes <= dueBytes) return;
    this.#attempt(() => {
      this.#rewrite = new Rewrite({
        files,
        draft: join(folder, DRAFT_NAME),
        path: this.#path,
        snapshot: [...snapshot()],
        later,
        onDone: (written) => this.#replaceFile(written),
        onFailure: (error) => this.#fail(error),
      });
      this.#rewrite.start();
    });
    if (this.#failure) throw this.#failure;
  }

  #replaceFile(written: Written): void {
    this.#rewrite = undefined;
    this.#file.close();
    this.#file = this.#grow(written);
    this.#snapshotBytes = written.snapshotBytes;
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(cause: unknown): MotekitError {
    this.#failure ??= journalUnwritable(this.#path, cause);
    return this.#failure;
  }

  /**
   * Gives the folder free, with all that was committed on the medium. What was not committed is not kept. May be called
   * again. Throws MK1433 where the medium refuses.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const rewrite = this.#rewrite;
    rewrite?.cancel();
    try {
      if (!this.#failure) this.#attempt(() => this.#file.sync());
      if (rewrite) this.#attempt(() => this.#place.files.remove(join(this.#place.folder, DRAFT_NAME)));
    } finally {
      this.#file.close();
      this.#place.lock.release();
    }
  }
}
