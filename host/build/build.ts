/**
 * Builds an entry file: checks types, bundles modules, minifies the
 * result, and measures it. Each step takes text and a source map and gives text and a source map.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { crc32 } from "node:zlib";
import type { Board } from "../boards.ts";
import { MotekitError, type Problem } from "../errors.ts";
import { makeFolder } from "../file-system/make-folder.ts";
import { belowEmptyLine, minify } from "./bundling/bundle.ts";
import { createFront } from "./front.ts";
import { refuseTooLarge, type Usage } from "./measuring/budget.ts";
import { internalError } from "./program/internal-error.ts";
import { relocateSources } from "./relocate-sources.ts";

export interface BuildOptions {
  /** Absolute path of the firmware's first file. */
  readonly entry: string;
  readonly board: Board;
  /** Instead of the board's own budget of Storage. */
  readonly bytesMax?: number | undefined;
}

export interface Manifest {
  readonly board: string;
  readonly entry: string;
  readonly sizeBytes: number;
  /** CRC-32 of app.js, as `E.CRC32` has it, in 8 hexadecimal digits. */
  readonly crc32: string;
  /** Present if the build was checked against the board's budgets. */
  readonly usage?: Usage;
}

export interface BuildResult {
  /** The bytes of app.js. */
  readonly app: Uint8Array;
  /** Source map version 3, as JSON. Its sources are relative to `sourceFolder`. */
  readonly map: string;
  /** Absolute path of the entry's folder. */
  readonly sourceFolder: string;
  readonly manifest: Manifest;
  /** Absolute paths of the source files. */
  readonly files: readonly string[];
  /** Problems in packages that the build lets pass, since their code may never run on a board. */
  readonly warnings: readonly Problem[];
}

/** Builds the same entry repeatedly and reuses the results for unchanged files. */
export interface Builder {
  /** @throws MotekitError with every problem found by the step that failed: MK12xx. */
  build(): Promise<BuildResult>;
  dispose(): Promise<void>;
}

export function createBuilder({ entry, board, bytesMax }: BuildOptions): Builder {
  const front = createFront(entry, board);
  const place = { file: entry };
  return {
    build: () => buildOnce().catch((error: unknown) => Promise.reject(internalError(error, place))),
    dispose: () => front.dispose(),
  };

  async function buildOnce(): Promise<BuildResult> {
    const lowered = await front.build();
    const minified = await minify(lowered);
    refuseEmpty(minified.code.trim(), entry);
    const { code, map } = belowEmptyLine(minified);
    const app = Buffer.from(code.trimEnd(), "utf8");
    refuseTooLarge(app.length, board, entry, bytesMax);
    return {
      app,
      map,
      sourceFolder: dirname(entry),
      manifest: {
        board: board.id,
        entry: relative(dirname(dirname(entry)), entry),
        sizeBytes: app.length,
        crc32: crc32(app).toString(16).padStart(8, "0"),
      },
      files: lowered.files,
      warnings: lowered.warnings,
    };
  }
}

/** @throws MotekitError as a Builder does. */
export async function buildFirmware(options: BuildOptions): Promise<BuildResult> {
  const builder = createBuilder(options);
  try {
    return await builder.build();
  } finally {
    await builder.dispose();
  }
}

function refuseEmpty(code: string, entry: string): void {
  if (code !== "" && code !== ";") return;
  throw new MotekitError({
    code: "MK1227",
    message: "The bundle is empty: the program only declares things that it never uses.",
    where: { file: entry },
    remedy: 'Add a statement that runs, such as a call of start() from "motekit".',
  });
}

/**
 * Writes app.js, app.js.map and manifest.json, each completely or not at all. Returns their paths. Throws MK1253 if the
 * folder cannot be created or written to.
 */
export function writeBuild(result: BuildResult, folder: string): string[] {
  try {
    makeFolder(folder);
    return writeFiles(result, folder);
  } catch (cause) {
    const message = `The build cannot be written: ${cause instanceof Error ? cause.message : cause}.`;
    const remedy = "Use --out with a folder that you can write to.";
    throw new MotekitError({ code: "MK1253", message, where: { file: folder }, remedy }, { cause });
  }
}

function writeFiles(result: BuildResult, folder: string): string[] {
  const contents: [string, string | Uint8Array][] = [
    ["app.js", result.app],
    ["app.js.map", relocateSources(result.map, result.sourceFolder, folder)],
    ["manifest.json", `${JSON.stringify(result.manifest, null, 2)}\n`],
  ];
  return contents.map(([name, content]) => {
    const path = join(folder, name);
    const unfinished = join(folder, `.${basename(name)}.${process.pid}`);
    try {
      writeFileSync(unfinished, content);
      renameSync(unfinished, path);
    } finally {
      rmSync(unfinished, { force: true });
    }
    return path;
  });
}
