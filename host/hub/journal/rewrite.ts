/**
 * A journal that is made beside the one in use, and takes its place when all of it is on the medium. It is written a piece at
 * a time, so that the hub serves meanwhile: first the snapshot, then what was committed since it was taken. A process that is
 * killed before leaves a draft that counts for nothing.
 */
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import type { Change } from "../../broker/change.ts";
import { CommitWriter, FRAME_BYTES } from "./commit-writer.ts";
import type { FileLayer } from "./file-layer.ts";
import { encodeFileHeader, FILE_HEADER_BYTES } from "./frame.ts";

/** The next journal, until it is whole. */
export const DRAFT_NAME = "hub.journal.new";

/** Written at once, and at the end made safe at once: some milliseconds. A frame more than that at most. */
const PIECE_BYTES = FRAME_BYTES;
/** Bytes of the draft for each byte that the old file grows by, so that what waits for its place behind the snapshot stays little. */
const PACE = 4;
/** Each is of what was committed during the one before; a disk that falls behind does not put off the end for ever. */
const BACKGROUND_SYNCS_MAX = 4;

/** A file that is whole, and open for more. */
export interface Written {
  readonly descriptor: number;
  readonly salt: number;
  readonly sizeBytes: number;
  /** The size of the snapshot that it was made with. */
  readonly snapshotBytes: number;
}

export interface JournalPaths {
  readonly files: FileLayer;
  /** Of the file while it is written. */
  readonly draft: string;
  /** Of the file that it replaces. */
  readonly path: string;
}

export interface RewriteOptions extends JournalPaths {
  readonly snapshot: readonly Change[];
  readonly later: (run: () => void) => void;
  /** The new file is in the old one's place; its descriptor is the caller's from now on. */
  readonly onDone: (written: Written) => void;
  /** The system's error. The old file is as it was. */
  readonly onFailure: (error: unknown) => void;
}

/** An empty journal, on the medium when this returns. Throws the system's errors. */
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

/** It does not look at the old file, which grows on by itself. */
export class Rewrite {
  readonly #options: RewriteOptions;
  readonly #salt = randomBytes(4).readUInt32BE();
  readonly #descriptor: number;
  /** What is still to be written: the snapshot first. */
  readonly #commits: (readonly Change[])[];
  #frames: Iterator<Buffer, void> | undefined;
  /** To be written before the next step, since the old file grew. */
  #behindBytes = 0;
  #sizeBytes = FILE_HEADER_BYTES;
  #snapshotBytes = 0;
  #syncedBytes = 0;
  #syncCount = 0;
  #isSyncing = false;
  #isOver = false;

  /** Throws the system's error where the draft cannot be made. */
  constructor(options: RewriteOptions) {
    this.#options = options;
    this.#commits = [options.snapshot];
    this.#descriptor = options.files.open(options.draft, "w+");
  }

  start(): void {
    this.#attempt(() => this.#options.files.write(this.#descriptor, encodeFileHeader(this.#salt), 0));
    this.#goOnLater();
  }

  /** Was committed to the old file, which grew by so many bytes, since the snapshot was taken. */
  add(commit: readonly Change[], grownBytes: number): void {
    this.#commits.push(commit);
    this.#behindBytes += grownBytes * PACE;
    if (this.#behindBytes < PIECE_BYTES || this.#isOver) return;
    this.#attempt(() => this.#write(this.#behindBytes));
    this.#behindBytes = 0;
  }

  /** Gives it up, and leaves the draft as it is; neither of the callbacks is called any more. */
  cancel(): void {
    if (!this.#isOver) this.#end();
  }

  #goOnLater(): void {
    this.#options.later(() => {
      if (!this.#isOver) this.#attempt(() => this.#goOn());
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

  #goOn(): void {
    if (!this.#write(PIECE_BYTES)) this.#goOnLater();
    else if (this.#sizeBytes - this.#syncedBytes <= PIECE_BYTES || this.#syncCount >= BACKGROUND_SYNCS_MAX)
      this.#finish();
    else this.#sync();
  }

  /** False: there is more. */
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

  /** Each is to be written before the next is asked for. */
  *#framesOfAll(): Generator<Buffer, void> {
    const writer = new CommitWriter(this.#salt);
    for (let commit = this.#commits.shift(); commit; commit = this.#commits.shift()) {
      yield* writer.frames(commit, this.#sizeBytes);
      if (this.#snapshotBytes === 0) this.#snapshotBytes = this.#sizeBytes;
    }
  }

  /** Beside the event loop; what is committed meanwhile is written after it. */
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
          this.#goOn();
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
