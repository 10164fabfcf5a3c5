/**
 * A lock file with the process that uses a folder, so that a second hub is refused. It contains "PID LIFE". On Linux, LIFE
 * distinguishes the process from a later one with the same number; elsewhere it is "-". A lock that a killed process left
 * behind is stale.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderInUse } from "./journal-errors.ts";

export const LOCK_NAME = "hub.lock";
/** Other hubs may start at the same time and remove a stale lock first. */
const ATTEMPTS_MAX = 10;
/** The state of a process in /proc that has ended. */
const ZOMBIE = "Z";

export interface FolderLock {
  release(): void;
}

/** Locks a folder. Throws MK1430 if another hub uses it, and the system's error if the file cannot be written. */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, LOCK_NAME);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, lockOf(process.pid));
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (createFrom(draft, path)) return { release: () => rmSync(path, { force: true }) };
      const holder = readIfThere(path);
      if (holder === undefined) continue;
      if (isHeld(holder)) throw folderInUse(folder, processIdIn(holder), path);
      removeStale(path, holder);
    }
    throw folderInUse(folder, processIdIn(readIfThere(path) ?? ""), path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Creates a file atomically as a link, which fails if the name exists. */
function createFrom(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a stale lock, unless another starting hub has already replaced it by its own. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readIfThere(aside) !== stale) createFrom(aside, path);
  rmSync(aside, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function processIdIn(lock: string): number {
  return Number.parseInt(lock, 10);
}

function isHeld(lock: string): boolean {
  const processId = processIdIn(lock);
  if (!(processId > 0) || !isAlive(processId)) return false;
  return lock === lockOf(processId);
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // The process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function lockOf(processId: number): string {
  return `${processId} ${lifeOf(processId)}\n`;
}

/**
 * The machine's boot and the process's start since then in clock ticks. No two processes share number and life. A zombie, as
 * in many containers, has ended.
 */
function lifeOf(processId: number): string {
  if (process.platform !== "linux") return "-";
  const boot = readIfThere("/proc/sys/kernel/random/boot_id");
  const stat = readIfThere(`/proc/${processId}/stat`);
  if (boot === undefined || stat === undefined) return "-";
  // The program's name is in parentheses and may contain blanks. The state and 18 more fields come between it and the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === ZOMBIE ? "ended" : `${boot.trim()}:${fields[19]}`;
}
