/** The positions of a bundle whose sources are on this computer. */
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { type LocateSource, SourcePositions, type SourcePositionsOptions } from "./source-positions.ts";

export interface DiskPositionsOptions extends Omit<SourcePositionsOptions, "locate"> {
  /** The absolute path to which the map's sources are relative. */
  readonly sourceFolder: string;
  /** The absolute path to which shown paths are relative. */
  readonly workingFolder: string;
}

/** @throws MotekitError MK1503 if the text is not a source map. */
export function positionsOnDisk({
  sourceFolder,
  workingFolder,
  ...options
}: DiskPositionsOptions): SourcePositions {
  const locate: LocateSource = (name, root) => {
    const path = resolve(sourceFolder, root, name);
    return { path: relative(workingFolder, path), read: () => readIfThere(path) };
  };
  return new SourcePositions({ ...options, locate });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The sources need not be available.
    return undefined;
  }
}
