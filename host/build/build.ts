/**
 * From an entry file to what goes onto the board, in one direction: types are checked, modules bundled, the result
 * minified, and its figures written down. Each step takes text and a source map and gives text and a source map.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { crc32 } from "node:zlib";
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import { bundle, minify } from "./bundle.ts";
import { lowerScript } from "./lower-script.ts";
import { relocateSources } from "./relocate-sources.ts";
import { checkTypes } from "./type-check.ts";

export interface BuildOptions {
  /** Absolute path of the firmware's first file. */
  readonly entry: string;
  readonly board: Board;
}

export interface Manifest {
  readonly board: string;
  readonly entry: string;
  readonly sizeBytes: number;
  /** CRC-32 of app.js, as `E.CRC32` has it, in 8 hexadecimal digits. */
  readonly crc32: string;
}

export interface BuildResult {
  /** The bytes of app.js. */
  readonly app: Uint8Array;
  /** Source map version 3, as JSON. Its sources are relative to `sourceFolder`. */
  readonly map: string;
  /** Absolute path of the entry's folder. */
  readonly sourceFolder: string;
  readonly manifest: Manifest;
  /** Absolute paths of the files that went in. */
  readonly files: readonly string[];
}

/** @throws MotekitError with every problem found by the step that failed: MK12xx. */
export async function buildFirmware({ entry, board }: BuildOptions): Promise<BuildResult> {
  checkTypes(entry, board);
  const bundled = await bundle(entry, board);
  const minified = await minify(lowerScript(bundled, dirname(entry)));
  const app = Buffer.from(minified.code.trimEnd(), "utf8");
  if (app.length > board.storage.sizeBytes) {
    throw new MotekitError({
      code: "MK1204",
      message: `The bundle has ${app.length} bytes; Storage of the board "${board.id}" has ${board.storage.sizeBytes}.`,
      where: { file: entry },
      remedy: "Import less, or choose a board with more Storage.",
    });
  }
  return {
    app,
    map: minified.map,
    sourceFolder: dirname(entry),
    manifest: {
      board: board.id,
      entry: relative(dirname(dirname(entry)), entry),
      sizeBytes: app.length,
      crc32: crc32(app).toString(16).padStart(8, "0"),
    },
    files: bundled.files,
  };
}

/** Writes app.js, app.js.map and manifest.json; each is whole or as it was. Returns their paths. */
export function writeBuild(result: BuildResult, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const contents: [string, string | Uint8Array][] = [
    ["app.js", result.app],
    ["app.js.map", relocateSources(result.map, result.sourceFolder, folder)],
    ["manifest.json", `${JSON.stringify(result.manifest, null, 2)}\n`],
  ];
  return contents.map(([name, content]) => {
    const path = join(folder, name);
    const unfinished = join(folder, `.${basename(name)}.${process.pid}`);
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
    return path;
  });
}
