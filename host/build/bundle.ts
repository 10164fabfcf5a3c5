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
import { RESERVATION, withoutReservation } from "./reserved-names.ts";

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

export interface Script {
  readonly code: string;
  /** Source map version 3, as JSON. */
  readonly map: string;
}

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

/** Syntax that Espruino 2v29 runs as it stands; esbuild rewrites or refuses what is newer than its target otherwise. */
const TARGET: Pick<esbuild.BuildOptions, "target" | "supported"> = {
  target: "es5",
  supported: {
    arrow: true,
    class: true,
    "const-and-let": true,
    "for-of": true,
    "nullish-coalescing": true,
    "object-extensions": true,
    "optional-catch-binding": true,
    "template-literal": true,
  },
};

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && "errors" in error;
}

function bundleOptions(entry: string, board: Board): esbuild.BuildOptions {
  return {
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    outfile: "app.js",
    write: false,
    bundle: true,
    metafile: true,
    format: "cjs",
    platform: "neutral",
    mainFields: ["module", "main"],
    ...TARGET,
    // Inlines constants across modules, so that a branch for what the board lacks falls away.
    minifySyntax: true,
    charset: "utf8",
    sourcemap: "external",
    logLevel: "silent",
    tsconfigRaw: {},
    plugins: [firmwareModules(board)],
  };
}

/** @throws MotekitError MK1203 with all that esbuild found wrong. */
export async function bundle(entry: string, board: Board): Promise<Bundle> {
  const folder = dirname(entry);
  try {
    const result = await esbuild.build(bundleOptions(entry, board));
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
    ...TARGET,
    format: "cjs",
    minify: true,
    charset: "utf8",
    sourcemap: "external",
    sourcefile: "bundle.js",
    legalComments: "none",
  });
  return { code: withoutReservation(result.code), map: result.map };
}

/** esbuild carries a source map through a step if its input has it at the end. */
function inlineMap(map: string): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
}
