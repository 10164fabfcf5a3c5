/** The `paths` of the project's tsconfig.json, which the build follows as TypeScript does in an editor. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { loadTypeScript } from "./typescript.ts";

/** Patterns with at most one `*` each, and the absolute paths that stand for them, in the order to try them. */
export type PathAliases = Readonly<Record<string, readonly string[]>>;

/** Reads them from the nearest tsconfig.json above the entry, or from one that it extends; empty if none has `paths`. */
export function readPathAliases(entry: string): PathAliases {
  const file = nearestConfiguration(dirname(entry));
  // The compiler takes a second to load.
  if (file === undefined || !/"(paths|extends)"/.test(readFileSync(file, "utf8"))) return {};
  const ts = loadTypeScript();
  const host = { ...ts.sys, readDirectory: () => [] };
  const read = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config ?? {}, host, dirname(file));
  const base = options.baseUrl ?? (options as { pathsBasePath?: string }).pathsBasePath ?? dirname(file);
  return Object.fromEntries(
    Object.entries(options.paths ?? {}).map(([pattern, targets]) => [
      pattern,
      targets.map((target) => resolve(base, target)),
    ]),
  );
}

/** The absolute paths that a module's name may stand for: those of the pattern with the longest text before its `*`. */
export function aliasTargets(aliases: PathAliases, name: string): string[] {
  let best: { readonly length: number; readonly targets: string[] } | undefined;
  for (const [pattern, targets] of Object.entries(aliases)) {
    const [before = "", after] = pattern.split("*");
    if (after === undefined) {
      if (pattern === name) return [...targets];
      continue;
    }
    const fits =
      name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
    if (!fits || (best && best.length >= before.length)) continue;
    const middle = name.slice(before.length, name.length - after.length);
    best = { length: before.length, targets: targets.map((target) => target.replace("*", () => middle)) };
  }
  return best?.targets ?? [];
}

function nearestConfiguration(folder: string): string | undefined {
  const file = join(folder, "tsconfig.json");
  if (existsSync(file)) return file;
  const above = dirname(folder);
  // A nested package has its own configuration, or none.
  return above === folder || existsSync(join(folder, "package.json"))
    ? undefined
    : nearestConfiguration(above);
}
