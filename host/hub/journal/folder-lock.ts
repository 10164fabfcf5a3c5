/**
 * A file that says which process has a folder, so that a second hub is refused. It holds "PID LIFE": LIFE tells the process
 * from a later one of the same number, where the system says enough (Linux); elsewhere it is "-". A file that a killed
 * process left behind counts no longer.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderInUse } from "./journal-errors.ts";

export const LOCK_NAME = "hub.lock";
/** Others may be starting at the same time, and take a stale lock away first. */
const ATTEMPTS_MAX = 10;
/** The state of a process in /proc that has ended. */
const ZOMBIE = "Z";

export interface FolderLock {
  release(): void;
}

/** Throws MK1430 where another hub has the folder, and the system's error where the file cannot be written. */
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
      takeAway(path, holder);
    }
    throw folderInUse(folder, processIdIn(readIfThere(path) ?? ""), path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A link comes into being whole and only where there is nothing of its name. */
function createFrom(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** A stale lock, unless another starting hub did so before and has put its own there. */
function takeAway(path: string, stale: string): void {
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
    // There is one, of somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function lockOf(processId: number): string {
  return `${processId} ${lifeOf(processId)}\n`;
}

/**
 * The boot of the machine and the process's start since then, in clock ticks: no two processes share number and life. A
 * process that has ended and that nobody has asked about yet, as in many containers, has none.
 */
function lifeOf(processId: number): string {
  if (process.platform !== "linux") return "-";
  const boot = readIfThere("/proc/sys/kernel/random/boot_id");
  const stat = readIfThere(`/proc/${processId}/stat`);
  if (boot === undefined || stat === undefined) return "-";
  // The name of the program, in parentheses, may hold blanks; behind it stand the state and 18 more fields before the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === ZOMBIE ? "ended" : `${boot.trim()}:${fields[19]}`;
}
