/** Positions of a bundle whose sources lie on this computer. */
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { type LocateSource, SourcePositions, type SourcePositionsOptions } from "./source-positions.ts";

export interface DiskPositionsOptions extends Omit<SourcePositionsOptions, "locate"> {
  /** Absolute path that the map's relative sources start from. */
  readonly sourceFolder: string;
  /** Absolute path that shown paths start from. */
  readonly workingFolder: string;
}

/** @throws MotekitError MK1503 where the text is no source map. */
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
    // Sources need not lie where the map is read.
    return undefined;
  }
}
