/**
 * Tells when one of a set of files changes. It watches their folders, because editors replace a file as often as they
 * write it, and waits until a burst of changes has settled.
 */
import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const CHANGE_SETTLES_MS = 100;

export class SourceWatcher {
  private readonly folders = new Map<string, FSWatcher>();
  private files: ReadonlySet<string> = new Set();
  private hasChanged = false;
  private wake: () => void = () => undefined;

  /** Watches exactly these files (absolute paths) from now on. */
  watch(files: readonly string[]): void {
    this.files = new Set(files);
    const wanted = new Set(files.map((file) => dirname(file)));
    for (const [folder, watcher] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    for (const folder of wanted) {
      if (!this.folders.has(folder)) this.folders.set(folder, this.watchFolder(folder));
    }
  }

  /** True once a file has changed since the last call; false once the signal is aborted. */
  async next(signal: AbortSignal): Promise<boolean> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const stop = () => this.wake();
    signal.addEventListener("abort", stop);
    if (!this.hasChanged && !signal.aborted) await woken;
    signal.removeEventListener("abort", stop);
    if (!signal.aborted) await delay(CHANGE_SETTLES_MS);
    this.hasChanged = false;
    return !signal.aborted;
  }

  close(): void {
    for (const watcher of this.folders.values()) watcher.close();
    this.folders.clear();
  }

  private watchFolder(folder: string): FSWatcher {
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && !this.files.has(join(folder, name))) return;
      this.hasChanged = true;
      this.wake();
    });
    // A folder that goes away takes its watcher with it; the next build names the files anew.
    watcher.on("error", () => this.folders.delete(folder));
    return watcher;
  }
}
