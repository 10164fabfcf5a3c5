/**
 * Bundles the firmware into one script for Espruino.
 *
 * The format is CommonJS without a wrapper: `require("net")` stays as Espruino wants it, and functions of the top level
 * keep no scope alive (a function around the whole would cost a variable for each of them, and three for each closure).
 */
import { dirname, join } from "node:path";
import * as esbuild from "esbuild";
import type { Board } from "../boards.ts";
import { errorOf, type Problem } from "../errors.ts";
import { packageRoot } from "../package-root.ts";
import { boardModules } from "./board-module.ts";
import type { EncodedSourceMap } from "./lower/lower.ts";
import { bundleOptions, finish, minifyOptions } from "./lower/minify-options.ts";
import { RESERVATION, withoutReservation } from "./reserved-names.ts";
import type { Script } from "./script.ts";

/** Modules that stand in the interpreter: `require` finds them there. */
const ESPRUINO_MODULES = [
  "Flash",
  "Storage",
  "Wifi",
  "crypto",
  "dgram",
  "fs",
  "heatshrink",
  "http",
  "neopixel",
  "net",
  "timer",
  "tls",
];

export interface Bundle extends Script {
  /** Absolute paths of the files that went in. */
  readonly files: readonly string[];
}

function firmwareModules(board: Board): esbuild.Plugin {
  const generated = boardModules(board);
  return {
    name: "motekit",
    setup(build) {
      build.onResolve({ filter: /^motekit$/ }, () => ({
        path: join(packageRoot(), "firmware", "device.ts"),
      }));
      build.onResolve({ filter: /^motekit\// }, ({ path }) =>
        path in generated ? { path, namespace: "motekit" } : undefined,
      );
      build.onResolve({ filter: /.*/ }, ({ path, kind }) =>
        kind === "require-call" && ESPRUINO_MODULES.includes(path) ? { path, external: true } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "motekit" }, ({ path }) => ({
        contents: generated[path] ?? "",
        resolveDir: packageRoot(),
      }));
    },
  };
}

function problemOf(message: esbuild.Message, folder: string): Problem {
  const place = message.location;
  return {
    code: "MK1203",
    message: message.text,
    ...(place && { where: { file: join(folder, place.file), line: place.line, column: place.column + 1 } }),
  };
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && "errors" in error;
}

function optionsFor(entry: string, board: Board): esbuild.BuildOptions {
  return {
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    outfile: "app.js",
    write: false,
    metafile: true,
    ...bundleOptions,
    mainFields: ["module", "main"],
    logLevel: "silent",
    tsconfigRaw: {},
    plugins: [firmwareModules(board)],
  };
}

/** @throws MotekitError MK1203 with all that esbuild found wrong. */
export async function bundle(entry: string, board: Board): Promise<Bundle> {
  const folder = dirname(entry);
  try {
    const result = await esbuild.build(optionsFor(entry, board));
    const text = (ending: string): string =>
      result.outputFiles?.find((file) => file.path.endsWith(ending))?.text ?? "";
    return {
      code: text(".js"),
      map: text(".js.map"),
      files: Object.keys(result.metafile?.inputs ?? {})
        .filter((file) => !file.startsWith("motekit:"))
        .map((file) => join(folder, file)),
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const [first, ...others] = error.errors.map((message) => problemOf(message, folder));
    throw first ? errorOf([first, ...others]) : error;
  }
}

/** Minified, names of the top level too. */
export async function minify(script: Script): Promise<Script> {
  const result = await esbuild.transform(`${script.code}\n${RESERVATION}${inlineMap(script.map)}`, {
    ...minifyOptions,
    sourcemap: "external",
    sourcefile: "bundle.js",
  });
  const map = JSON.parse(result.map) as EncodedSourceMap;
  const finished = finish({ code: withoutReservation(result.code), map });
  return { code: finished.code, map: JSON.stringify(finished.map) };
}

/** esbuild carries a source map through a step if its input has it at the end. */
function inlineMap(map: string): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
}
