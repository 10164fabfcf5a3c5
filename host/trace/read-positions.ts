/** The source map of what runs on a board, from where a build has left it. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MotekitError } from "../errors.ts";
import { positionsOnDisk } from "./disk-positions.ts";
import type { SourcePositions } from "./source-positions.ts";

/** Where `motekit build` writes it. */
export const SOURCE_MAP_DEFAULT = "build/app.js.map";

export interface PositionsOptions {
  /** The path of the source map, from the working folder; its app.js lies beside it. */
  readonly map: string;
  /** The app's name in the board's Storage, where it does not start with app. */
  readonly name?: string;
}

/** @throws MotekitError MK1502 it cannot be read, MK1503 it is none. */
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
        remedy: "Give the app.js.map that `motekit build` wrote with the app.js on the board, by --map PATH.",
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
