/**
 * Bundles the firmware into one script for Espruino.
 *
 * The format is CommonJS without a wrapper: `require("net")` stays as Espruino needs it, and top-level functions
 * keep no scope alive. (A function around the bundle would take one JsVar for each of them, and three for each closure.)
 */
import { dirname, join } from "node:path";
import * as esbuild from "esbuild";
import type { Board } from "../../boards.ts";
import { errorOf, type Problem } from "../../errors.ts";
import type { EncodedSourceMap, Script } from "../program/script.ts";
import { bundleOptions, finish, minifyOptions } from "./minify-options.ts";
import { withSmallHelpers } from "./module-helpers.ts";
import { createResolution, type ProblemDetail, type Resolution, START_MODULE } from "./module-resolution.ts";
import { type PathAliases, readPathAliases } from "./path-aliases.ts";
import { RESERVATION, withoutReservation } from "./reserved-names.ts";

export interface Bundle extends Script {
  /** Absolute paths of the source files. */
  readonly files: readonly string[];
  readonly sourceBytes: number;
}

function problemOf(message: esbuild.Message, folder: string): Problem {
  const place = message.location;
  return {
    code: "MK1203",
    ...textOf(message),
    ...(place && { where: { file: join(folder, place.file), line: place.line, column: place.column + 1 } }),
    ...(message.detail as ProblemDetail | undefined),
  };
}

function textOf({ text }: esbuild.Message): Pick<Problem, "message" | "remedy"> {
  if (!/^Top-level await/.test(text)) return { message: text };
  return {
    message:
      "An app cannot use await at the top level of a module, because the interpreter runs the app as one script.",
    remedy: "Put the code into an async function and call it: async function start() { … } start();",
  };
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && "errors" in error;
}

function optionsFor(entry: string, resolution: Resolution): esbuild.BuildOptions {
  return {
    entryPoints: [START_MODULE],
    absWorkingDir: dirname(entry),
    outfile: "app.js",
    write: false,
    metafile: true,
    ...bundleOptions,
    mainFields: ["module", "main"],
    logLevel: "silent",
    tsconfigRaw: {},
    plugins: [resolution.plugin],
  };
}

/** Bundles the same entry repeatedly, and reads only changed files again. */
export interface Bundler {
  readonly aliases: PathAliases;
  readonly drivers: Resolution["drivers"];
  /** @throws MotekitError with all problems that esbuild found: MK1203, MK1220 to MK1224. */
  bundle(): Promise<Bundle>;
  dispose(): Promise<void>;
}

export async function createBundler(entry: string, board: Board): Promise<Bundler> {
  const aliases = readPathAliases(entry);
  const resolution = createResolution(entry, board, aliases);
  const context = await esbuild.context(optionsFor(entry, resolution));
  return {
    aliases,
    drivers: resolution.drivers,
    async bundle() {
      try {
        const result = await context.rebuild();
        refuseImportMeta(result.warnings, dirname(entry));
        return bundleOf(result, dirname(entry));
      } catch (error) {
        if (!isBuildFailure(error)) throw error;
        const [first, ...others] = error.errors.map((message) => problemOf(message, dirname(entry)));
        throw first ? errorOf([first, ...others]) : error;
      }
    },
    dispose: () => context.dispose(),
  };
}

/** esbuild only warns about it and writes an empty object, whose members would silently be undefined. */
function refuseImportMeta(warnings: readonly esbuild.Message[], folder: string): void {
  const found = warnings.filter(({ id }) => id === "empty-import-meta");
  const [first, ...others] = found.map((warning) => ({
    ...problemOf(warning, folder),
    code: "MK1241",
    message: "import.meta means nothing on a board.",
    remedy: "Pass the value as configuration instead.",
  }));
  if (first) throw errorOf([first, ...others]);
}

function bundleOf(result: esbuild.BuildResult, folder: string): Bundle {
  const text = (ending: string): string =>
    result.outputFiles?.find((file) => file.path.endsWith(ending))?.text ?? "";
  const inputs = Object.entries(result.metafile?.inputs ?? {}).filter(
    ([file]) => !file.startsWith("motekit:"),
  );
  return {
    code: withSmallHelpers(text(".js")),
    map: withPlainSources(text(".js.map")),
    files: inputs.map(([file]) => join(folder, file)),
    sourceBytes: inputs.reduce((sum, [, { bytes }]) => sum + bytes, 0),
  };
}

/** esbuild names sources as URLs do, `a%20b.ts`, in the maps that it gives and takes. Elsewhere they are paths. */
function withPlainSources(map: string): string {
  return withSources(map, decodeURIComponent);
}

function withUrlSources(map: string): string {
  return withSources(map, (source) => encodeURI(source).replace(/[?#]/g, encodeURIComponent));
}

function withSources(map: string, change: (source: string) => string): string {
  const parsed = JSON.parse(map) as { sources: string[] };
  return JSON.stringify({ ...parsed, sources: parsed.sources.map((source) => change(source)) });
}

/** @throws MotekitError as a Bundler does. */
export async function bundle(entry: string, board: Board): Promise<Bundle> {
  const bundler = await createBundler(entry, board);
  try {
    return await bundler.bundle();
  } finally {
    await bundler.dispose();
  }
}

/** Minifies the code, including top-level names. */
export async function minify(script: Script): Promise<Script> {
  const result = await esbuild.transform(
    `${script.code}\n${RESERVATION}${inlineMap(withUrlSources(script.map))}`,
    {
      ...minifyOptions,
      sourcemap: "external",
      sourcefile: "bundle.js",
    },
  );
  const map = JSON.parse(withPlainSources(result.map)) as EncodedSourceMap;
  const finished = finish({ code: withoutReservation(result.code), map });
  return { code: finished.code, map: JSON.stringify(finished.map) };
}

/**
 * From 2v25, Espruino does not count a first line that contains the letters of `Modules.addCached` in this order, even with
 * other characters between them (`jsvGetLineAndCol`, measured on 2v28 and 2v29): the frames of a long line's functions would be
 * in a line 0, or one too low. An empty first line is counted.
 */
export function belowEmptyLine({ code, map }: Script): Script {
  const { mappings, ...rest } = JSON.parse(map) as EncodedSourceMap;
  return { code: `\n${code}`, map: JSON.stringify({ ...rest, mappings: `;${mappings}` }) };
}

/** esbuild carries a source map through a step if its input has it at the end. */
function inlineMap(map: string): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
}
