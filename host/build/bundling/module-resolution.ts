/**
 * Resolves the name of a module: to the interpreter, to motekit's own firmware, to a driver of the project, to an npm
 * package, or to an error that says how to fix it.
 */

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import type { OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import type { Board } from "../../boards.ts";
import type { Problem } from "../../errors.ts";
import { packageRoot } from "../../file-system/package-root.ts";
import { appModules } from "./app-modules.ts";
import { boardModules } from "./board-module.ts";
import { driversOf } from "./driver-modules.ts";
import { espruinoModule } from "./espruino-modules.ts";
import { withAssignedExports } from "./module-helpers.ts";
import { aliasTargets, type PathAliases } from "./path-aliases.ts";

/** Marks our own request to esbuild, so that this plugin does not handle it again. */
const ASKED = "motekit asked";
const NAMESPACE = "motekit";
/** The bundle's entry: it imports the firmware's entry, whose exports are then unused and removed. */
export const START_MODULE = "motekit/start";

/** The parts of a problem other than its text, in the `detail` of esbuild's message. */
export type ProblemDetail = Pick<Problem, "code" | "remedy" | "where">;

export interface Resolution {
  readonly plugin: Plugin;
  /** Drivers and packages that the program asked for by bare name, and their files; filled while bundling. */
  readonly drivers: ReadonlyMap<string, string>;
}

function refusal(code: string, text: string, remedy: string): OnResolveResult {
  return { errors: [{ text, detail: { code, remedy } satisfies ProblemDetail }] };
}

function isRelative(path: string): boolean {
  return path.startsWith(".") || isAbsolute(path);
}

function unknownModule(name: string, board: Board, folder: string): OnResolveResult {
  const known = espruinoModule(name, board);
  if (known.kind === "present") {
    return refusal(
      "MK1222",
      `"${name}" is a module of the interpreter, which cannot be loaded with import.`,
      `Write const ${name} = require("${name}").`,
    );
  }
  if (known.kind === "absent") {
    return refusal(
      "MK1221",
      `The board "${board.id}" has no module "${name}".`,
      `Choose a board with the capability "${known.capability}".`,
    );
  }
  if (name.startsWith("node:") || builtinModules.includes(name)) {
    return refusal(
      "MK1223",
      `"${name}" is a module of Node, which a board does not have.`,
      "Use a module of Espruino instead, such as net, http or Storage, and load it with require.",
    );
  }
  return refusal(
    "MK1220",
    `The module "${name}" was not found: it is not a module of the interpreter, a driver of the project, or an npm package.`,
    `Put the driver's file at ${join(folder, `${name}.js`)}, or install the package that has it.`,
  );
}

export function createResolution(entry: string, board: Board, aliases: PathAliases): Resolution {
  const generated: Readonly<Record<string, string>> = {
    ...boardModules(board),
    [START_MODULE]: `import ${JSON.stringify(entry)};`,
  };
  const own = appModules();
  const local = driversOf(entry);
  const drivers = new Map<string, string>();

  async function resolveBare(build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> {
    const { path, kind, importer, resolveDir, namespace } = args;
    if (kind === "require-call" && espruinoModule(path, board).kind === "present") {
      return { path, external: true };
    }
    const file = local.find(path);
    if (file) {
      drivers.set(path, file);
      return { path: file };
    }
    const asked = { kind, importer, resolveDir, namespace, pluginData: ASKED };
    for (const target of aliasTargets(aliases, path)) {
      const aliased = await build.resolve(target, asked);
      if (aliased.errors.length === 0) return { path: aliased.path };
    }
    const found = await build.resolve(path, asked);
    if (found.errors.length > 0) return unknownModule(path, board, local.folder);
    if (kind === "require-call") drivers.set(path, found.path);
    return { path: found.path, namespace: found.namespace, external: found.external };
  }

  return {
    drivers,
    plugin: {
      name: "motekit",
      setup(build) {
        build.onResolve({ filter: /^motekit(\/|$)/ }, ({ path }) => {
          if (path in generated) return { path, namespace: NAMESPACE };
          const file = own[path];
          return file === undefined ? undefined : { path: file };
        });
        build.onResolve({ filter: /.*/ }, (args) => {
          if (args.pluginData === ASKED) return undefined;
          // The entry runs for its side effects, so "sideEffects": false in its package.json must not remove it.
          if (args.path === entry && args.namespace === NAMESPACE) return { path: entry, sideEffects: true };
          return isRelative(args.path) ? undefined : resolveBare(build, args);
        });
        build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
          contents: generated[path] ?? "",
          resolveDir: packageRoot(),
        }));
        build.onLoad({ filter: /\.[cm]?[jt]sx?$|[/\\][^.]*$/, namespace: "file" }, ({ path }) =>
          loadText(path),
        );
      },
    },
  };
}

/** Lets esbuild read only text files, because for a binary file it would report only the first invalid character. */
function loadText(path: string): OnLoadResult | undefined {
  const bytes = readFileSync(path);
  if (bytes.includes(0) || !isUtf8(bytes)) {
    const detail: ProblemDetail = {
      code: "MK1224",
      where: { file: path },
      remedy: "Use a TypeScript or JavaScript file that is encoded in UTF-8.",
    };
    return { errors: [{ text: "The file is not text.", detail }] };
  }
  if (!/\.c?js$/.test(path)) return undefined;
  const text = bytes.toString("utf8");
  const contents = withAssignedExports(text);
  return contents === text ? undefined : { contents, loader: "js", resolveDir: dirname(path) };
}
