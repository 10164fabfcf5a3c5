/** The hub's folder: devices, certificates, and where it is asked to, what it remembers. For its owner alone. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../file-system/make-folder.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Makes it where it is missing, with a word to git that nothing in it is to be committed. Throws what the file system says. */
export function makeHubFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(folder, FOLDER_MODE);
  writeFileSync(join(folder, ".gitignore"), "*\n");
}

/** Puts a file in another's place, whole: whoever reads it meets the old or the new. Throws what the file system says. */
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
