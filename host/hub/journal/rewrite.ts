/**
 * Writes a new journal beside the one in use, which it replaces when all of it is flushed to the disk. It is written piece by
 * piece, so that the hub can serve in between: first the snapshot, then the commits since it was taken. A draft that a killed
 * process leaves is ignored.
 */
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import type { Change } from "../../broker/change.ts";
import { CommitWriter, FRAME_BYTES } from "./commit-writer.ts";
import type { FileLayer } from "./file-layer.ts";
import { encodeFileHeader, FILE_HEADER_BYTES } from "./frame.ts";

/** The name of the new journal until it is complete. */
export const DRAFT_NAME = "hub.journal.new";

/** The bytes that are written at once, and flushed at once at the end, in some milliseconds. One frame more at most. */
const PIECE_BYTES = FRAME_BYTES;
/** The bytes of the draft that are written for each byte by which the old file grows, so that few commits have to wait. */
const PACE = 4;
/** The limit on background flushes. Each covers the commits during the one before, so a slow disk would never be done. */
const BACKGROUND_SYNCS_MAX = 4;

/** A complete journal file, open for more commits. */
export interface Written {
  readonly descriptor: number;
  readonly salt: number;
  readonly sizeBytes: number;
  /** The size of its first snapshot. */
  readonly snapshotBytes: number;
}

export interface JournalPaths {
  readonly files: FileLayer;
  /** The path of the file while it is written. */
  readonly draft: string;
  /** The path of the file that it replaces. */
  readonly path: string;
}

export interface RewriteOptions extends JournalPaths {
  readonly snapshot: readonly Change[];
  readonly later: (run: () => void) => void;
  /** Called when the new file has replaced the old one. The caller owns its descriptor from then on. */
  readonly onDone: (written: Written) => void;
  /** Called with the system's error. The old file is unchanged. */
  readonly onFailure: (error: unknown) => void;
}

/** Writes an empty journal and flushes it to the disk. Throws the system's errors. */
export function writeJournal(paths: JournalPaths): Written {
  let whole: Written | undefined;
  const rewrite = new Rewrite({
    ...paths,
    snapshot: [],
    later: (run) => run(),
    onDone: (written) => {
      whole = written;
    },
    onFailure: (error) => {
      throw error;
    },
  });
  rewrite.start();
  return whole as unknown as Written;
}

/** A rewrite in progress. It does not read the old file, which keeps growing. */
export class Rewrite {
  readonly #options: RewriteOptions;
  readonly #salt = randomBytes(4).readUInt32BE();
  readonly #descriptor: number;
  /** The commits that are still to be written, beginning with the snapshot. */
  readonly #commits: (readonly Change[])[];
  #frames: Iterator<Buffer, void> | undefined;
  /** The bytes that have to be written before the next step, because the old file grew. */
  #behindBytes = 0;
  #sizeBytes = FILE_HEADER_BYTES;
  #snapshotBytes = 0;
  #syncedBytes = 0;
  #syncCount = 0;
  #isSyncing = false;
  #isOver = false;

  /** Throws the system's error if the draft cannot be created. */
  constructor(options: RewriteOptions) {
    this.#options = options;
    this.#commits = [options.snapshot];
    this.#descriptor = options.files.open(options.draft, "w+");
  }

  start(): void {
    this.#attempt(() => this.#options.files.write(this.#descriptor, encodeFileHeader(this.#salt), 0));
    this.#scheduleStep();
  }

  /** Adds a commit that was appended to the old file after the snapshot was taken. `grownBytes`: its size there. */
  add(commit: readonly Change[], grownBytes: number): void {
    this.#commits.push(commit);
    this.#behindBytes += grownBytes * PACE;
    if (this.#behindBytes < PIECE_BYTES || this.#isOver) return;
    this.#attempt(() => this.#write(this.#behindBytes));
    this.#behindBytes = 0;
  }

  /** Cancels the rewrite and leaves the draft. No callback is called afterwards. */
  cancel(): void {
    if (!this.#isOver) this.#end();
  }

  #scheduleStep(): void {
    this.#options.later(() => {
      if (!this.#isOver) this.#attempt(() => this.#step());
    });
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end();
      this.#options.onFailure(error);
    }
  }

  #end(): void {
    this.#isOver = true;
    if (!this.#isSyncing) this.#options.files.close(this.#descriptor);
  }

  #step(): void {
    if (!this.#write(PIECE_BYTES)) this.#scheduleStep();
    else if (this.#sizeBytes - this.#syncedBytes <= PIECE_BYTES || this.#syncCount >= BACKGROUND_SYNCS_MAX)
      this.#finish();
    else this.#sync();
  }

  /** Writes at least `sizeBytes`. Returns false if there is more to write. */
  #write(sizeBytes: number): boolean {
    const end = this.#sizeBytes + sizeBytes;
    while (this.#sizeBytes < end) {
      this.#frames ??= this.#framesOfAll();
      const { value: frame } = this.#frames.next();
      if (!frame) {
        this.#frames = undefined;
        return true;
      }
      this.#options.files.write(this.#descriptor, frame, this.#sizeBytes);
      this.#sizeBytes += frame.length;
    }
    return false;
  }

  /** The frames of all commits. Each has to be written before the next is requested. */
  *#framesOfAll(): Generator<Buffer, void> {
    const writer = new CommitWriter(this.#salt);
    for (let commit = this.#commits.shift(); commit; commit = this.#commits.shift()) {
      yield* writer.frames(commit, this.#sizeBytes);
      if (this.#snapshotBytes === 0) this.#snapshotBytes = this.#sizeBytes;
    }
  }

  /** Flushes in the background. Commits that come meanwhile are written afterwards. */
  #sync(): void {
    this.#syncCount++;
    this.#syncedBytes = this.#sizeBytes;
    this.#isSyncing = true;
    this.#options.files.syncLater(this.#descriptor, (error) => {
      this.#isSyncing = false;
      if (this.#isOver) this.#options.files.close(this.#descriptor);
      else
        this.#attempt(() => {
          if (error) throw error;
          this.#step();
        });
    });
  }

  #finish(): void {
    const { files, draft, path, onDone } = this.#options;
    files.sync(this.#descriptor);
    files.rename(draft, path);
    files.syncFolder(dirname(path));
    this.#isOver = true;
    onDone({
      descriptor: this.#descriptor,
      salt: this.#salt,
      sizeBytes: this.#sizeBytes,
      snapshotBytes: this.#snapshotBytes,
    });
  }
}
