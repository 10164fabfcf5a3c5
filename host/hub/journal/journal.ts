/**
 * The journal of a hub: each change of its broker's state, in a file of the hub's folder, which survives any end of the hub.
 *
 * The changes of one turn of the event loop are one commit, which is written before the bytes of that turn are sent. A commit
 * is valid only as a whole, so that a restart never finds half of a packet's effect.
 *
 * `kill -9` at any time loses nothing for which `commit` has returned. A loss of power may lose the writes of the last second,
 * because the file is flushed to the disk in the background.
 *
 * A file that has grown too large is rewritten as a snapshot beside the old one, piece by piece, and replaces it when it is
 * complete.
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

/** A smaller file is not rewritten. */
const COMPACT_BYTES_MIN = 16 * 1024 * 1024;
/** The growth over its first snapshot at which a file is rewritten. */
const COMPACT_GROWTH = 3;

export interface JournalOptions {
  readonly files?: FileLayer;
  readonly compactBytesMin?: number;
  /** Schedules the next piece of a rewrite, so that the hub can serve in between. The default is `setImmediate`. */
  readonly later?: (run: () => void) => void;
}

export interface OpenedJournal {
  /**
   * The recorded changes in order, read during iteration. To be iterated once, before the first `compactIfDue`. Throws MK1431
   * and MK1432.
   */
  readonly changes: Iterable<Change>;
  readonly journal: Journal;
  /** The bytes of an incomplete commit of a killed hub, which were dropped. Nothing of it had been acknowledged. */
  readonly droppedBytes: number;
}

/**
 * Opens a journal, or creates folder and journal. Throws MK1430 another hub uses the folder, MK1431 it cannot be read or
 * written, MK1432 the journal is damaged, MK1434 another release wrote it. Nothing is changed then.
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

/** Records changes. It does not apply or interpret them. */
export class Journal implements ChangeRecorder {
  readonly #place: Place;
  readonly #path: string;
  #file: JournalFile;
  #snapshotBytes: number;
  /** The rewrite in progress. */
  #rewrite: Rewrite | undefined;
  #recorded: Change[] = [];
  #failure: MotekitError | undefined;
  #isClosed = false;

  /** Called by `openJournal` for a locked folder. */
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

  /** The size of the file. */
  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** The change's payload must not be modified afterwards, because a rewrite may use it later. */
  record(change: Change): void {
    this.#recorded.push(change);
  }

  /**
   * Writes all recorded changes. Throws MK1433 if that failed, or an earlier write or flush did. Then the changes since the
   * last commit are not safe, nothing more can be recorded, and the hub has to end.
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
   * Commits, and begins a rewrite if it is due. `snapshot` has to lead to the same state as all recorded changes, and is read
   * at once. Throws like `commit`.
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
   * Releases the folder after all commits are flushed to the disk. Uncommitted changes are dropped. May be called again.
   * Throws MK1433 if flushing fails.
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
