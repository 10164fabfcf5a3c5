/** What can be wrong with the folder in which a hub remembers (MK1430 to MK1434). */
import { MotekitError } from "../../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is used up",
  EFBIG: "no file may be as large",
  EROFS: "the disk is read-only",
  EACCES: "you have no right to",
  EPERM: "you have no right to",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "there is a file of that name",
  EISDIR: "it is a folder",
  EIO: "the disk failed",
};

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code = "" } = cause as NodeJS.ErrnoException;
  const reason = REASONS[code];
  return reason === undefined ? cause.message : `${reason} (${code})`;
}

export function folderInUse(folder: string, processId: number, lockPath: string): MotekitError {
  return new MotekitError({
    code: "MK1430",
    message: `The hub's folder ${folder} is in use by another hub, process ${processId}.`,
    remedy: `End that hub, or give this one a folder of its own by --data. If process ${processId} is no hub, delete ${lockPath}.`,
  });
}

export function folderUnusable(folder: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1431",
      message: `The hub cannot keep its messages in the folder ${folder}: ${reasonOf(cause)}.`,
      remedy: "Give a folder by --data in which you may read and write.",
    },
    { cause },
  );
}

/** `wholeBytes` is how much of the file, from its start, can be trusted; 0 where nothing can. */
export function journalDamaged(path: string, place: number, wholeBytes: number): MotekitError {
  const cut =
    wholeBytes > 0 ? `, or cut it to its first ${wholeBytes} bytes to go on with what they say` : "";
  return new MotekitError({
    code: "MK1432",
    message: `The journal ${path} is damaged at byte ${place}.`,
    remedy: `Nothing was changed. Restore the file from a copy, move it away to start with nothing${cut}; or use another folder by --data.`,
  });
}

export function journalUnwritable(path: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1433",
      message: `The hub cannot write to its journal ${path}: ${reasonOf(cause)}. It stops serving, since it could not keep what it acknowledges.`,
      remedy: "Mend that and start the hub again: it goes on with all that it had acknowledged.",
    },
    { cause },
  );
}

export function journalOfOtherRelease(path: string, version: number, expected: number): MotekitError {
  return new MotekitError({
    code: "MK1434",
    message: `The journal ${path} has format ${version}; this release reads and writes format ${expected}.`,
    remedy: "Use the release of motekit that wrote it, or give another folder by --data.",
  });
}
