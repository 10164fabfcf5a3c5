/**
 * Keeps results of builds between runs, as files in `node_modules/.cache/motekit` of the project. A key names everything that
 * a result depends on, so a file is right or is not found. What cannot be read or written counts as not kept.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../../file-system/make-folder.ts";

/** The oldest files beyond this number are removed. */
const FILES_MAX = 64;
const DIGEST_LENGTH = 64;

export interface Store {
  /** The value that was written under this key; undefined where there is none, or where its file is damaged. */
  read(key: string): unknown;
  /** `value`: what JSON can carry. */
  write(key: string, value: unknown): void;
}

/** SHA-256 of texts, in hexadecimal digits. Texts that are divided differently give different digests. */
export function digestOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex");
}

/** The store of the project around an entry. A project without `node_modules` has a store that keeps nothing. */
export function openStore(entry: string): Store {
  const folder = cacheFolder(dirname(entry));
  if (folder === undefined) return { read: () => undefined, write: () => undefined };
  const fileOf = (key: string): string => join(folder, `${digestOf([key])}.json`);
  return {
    read: (key) => readValue(fileOf(key), key),
    write: (key, value) => writeValue(folder, fileOf(key), key, value),
  };
}

function cacheFolder(folder: string): string | undefined {
  const modules = join(folder, "node_modules");
  if (existsSync(modules)) return join(modules, ".cache", "motekit");
  return dirname(folder) === folder ? undefined : cacheFolder(dirname(folder));
}

/** A file is the digest of key and value, and then the value. */
function readValue(file: string, key: string): unknown {
  try {
    const content = readFileSync(file, "utf8");
    const text = content.slice(DIGEST_LENGTH);
    if (digestOf([key, text]) !== content.slice(0, DIGEST_LENGTH)) return undefined;
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function writeValue(folder: string, file: string, key: string, value: unknown): void {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    makeFolder(folder);
    const text = JSON.stringify(value);
    writeFileSync(unfinished, digestOf([key, text]) + text);
    renameSync(unfinished, file);
    removeOldest(folder);
  } catch {
    rmSync(unfinished, { force: true });
  }
}

function removeOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= FILES_MAX) return;
  const files = names.map((name) => {
    const path = join(folder, name);
    return { path, writtenAt: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  files.sort((one, other) => other.writtenAt - one.writtenAt);
  for (const { path } of files.slice(FILES_MAX)) rmSync(path, { force: true });
}
