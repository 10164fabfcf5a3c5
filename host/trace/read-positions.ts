/** Reads the source map of the app on a board from the folder of its build. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MotekitError } from "../errors.ts";
import { positionsOnDisk } from "./disk-positions.ts";
import type { SourcePositions } from "./source-positions.ts";

/** The path to which `motekit build` writes it. */
export const SOURCE_MAP_DEFAULT = "build/app.js.map";

export interface PositionsOptions {
  /** The path of the source map, relative to the working folder, with its app.js beside it. */
  readonly map: string;
  /** The app's name in the board's Storage, if it does not begin with app. */
  readonly name?: string;
}

/** @throws MotekitError MK1502 it cannot be read, MK1503 it is not a source map. */
export function readPositions(workingFolder: string, { map, name }: PositionsOptions): SourcePositions {
  const path = resolve(workingFolder, map);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1502",
        message: `The source map cannot be read: ${(cause as Error).message}.`,
        where: { file: map },
        remedy:
          "Use --map PATH with the app.js.map that `motekit build` wrote together with the app.js on the board.",
      },
      { cause },
    );
  }
  const app = path.replace(/\.map$/, "");
  return positionsOnDisk({
    map: text,
    ...(app !== path && existsSync(app) ? { app: readFileSync(app) } : {}),
    ...(name === undefined ? {} : { bundleName: name }),
    sourceFolder: dirname(path),
    workingFolder,
    mapFile: map,
  });
}
