/** The hub's folder, with devices, certificates and, if enabled, the journal. Only its owner may read it. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../file-system/make-folder.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Creates the folder if it is missing, with a .gitignore for all of its content. Throws the file system's errors. */
export function makeHubFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(folder, FOLDER_MODE);
  writeFileSync(join(folder, ".gitignore"), "*\n");
}

/** Replaces a file atomically, so that readers get the old or the new content. Throws the file system's errors. */
export function replaceFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    writeFileSync(unfinished, text, { mode: FILE_MODE, flush: true });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
