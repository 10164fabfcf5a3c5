/** The errors of a hub's journal folder (MK1430 to MK1434). */
import { MotekitError } from "../../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your disk quota is used up",
  EFBIG: "the file would be too large",
  EROFS: "the disk is read-only",
  EACCES: "permission denied",
  EPERM: "the operation is not permitted",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a file with that name exists",
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
    remedy: `Stop that hub, or choose another folder with --data. If process ${processId} is not a hub, delete ${lockPath}.`,
  });
}

export function folderUnusable(folder: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1431",
      message: `The hub cannot store its messages in the folder ${folder}: ${reasonOf(cause)}.`,
      remedy: "Choose a folder that you may read and write with --data.",
    },
    { cause },
  );
}

/** `wholeBytes` is the valid length of the file from its start; 0 if nothing is valid. */
export function journalDamaged(path: string, place: number, wholeBytes: number): MotekitError {
  const cut =
    wholeBytes > 0 ? `, truncate it to its first ${wholeBytes} bytes to continue with their content` : "";
  return new MotekitError({
    code: "MK1432",
    message: `The journal ${path} is damaged at byte ${place}.`,
    remedy: `Nothing was changed. Restore the file from a copy, move it away to start empty${cut}, or choose another folder with --data.`,
  });
}

export function journalUnwritable(path: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1433",
      message: `The hub cannot write to its journal ${path}: ${reasonOf(cause)}. It stops, because it could not store what it acknowledges.`,
      remedy: "Fix the cause and start the hub again. It continues with everything that it had acknowledged.",
    },
    { cause },
  );
}

export function journalOfOtherRelease(path: string, version: number, expected: number): MotekitError {
  return new MotekitError({
    code: "MK1434",
    message: `The journal ${path} has format ${version}, but this release reads and writes format ${expected}.`,
    remedy: "Use the release of motekit that wrote it, or choose another folder with --data.",
  });
}
