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
      remedy: "Use --data with a folder that you may read and write.",
    },
    { cause },
  );
}

/** A path as it is typed in a shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

/** `wholeBytes` is the valid length of the file from its start; 0 if nothing is valid. */
export function journalDamaged(path: string, place: number, wholeBytes: number): MotekitError {
  const cut =
    wholeBytes > 0 ? ` keep only the undamaged part with \`truncate -s ${wholeBytes} ${quoted(path)}\`;` : "";
  return new MotekitError({
    code: "MK1432",
    message: `The journal ${path} is damaged at byte ${place}.`,
    remedy:
      "The hub has not changed the file. Do one of these: restore it from a backup; move it away to start without stored " +
      `messages;${cut} or use another folder with --data.`,
  });
}

export function journalUnwritable(path: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1433",
      message: `The hub cannot write to its journal ${path}: ${reasonOf(cause)}. The hub has stopped, because it could no longer store messages before acknowledging them.`,
      remedy:
        "Fix the cause (for example a full disk) and start the hub again. It then continues with every acknowledged message that the file contains.",
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
