import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../file-system/package-root.ts";
import { digestOf } from "./store.ts";

const require = createRequire(import.meta.url);
/** The parts of Babel stand beside @babel/core, not beside motekit. */
const BABEL_PARTS = ["generator", "parser", "template", "traverse", "types"];

let stamp: string | undefined;

/**
 * A digest of all code that makes a build, which changes when motekit or one of its packages does, and in a checkout of motekit's
 * repository with each edit of the build. Undefined where a package hides its version.
 */
export function versionStamp(): string | undefined {
  try {
    stamp ??= digestOf([process.version, ...ownCode(), ...packageVersions()]);
  } catch {
    stamp = undefined;
  }
  return stamp;
}

function ownCode(): string[] {
  const own = fileURLToPath(import.meta.url);
  const build = dirname(dirname(own));
  const names = readdirSync(build, { recursive: true, encoding: "utf8" })
    .filter((name) => extname(name) === extname(own) && !name.endsWith(".d.ts"))
    .sort();
  const others = [join(build, "..", `boards${extname(own)}`), join(packageRoot(), "package.json")];
  const files = [...names.map((name) => join(build, name)), ...others];
  return files.flatMap((file) => [file, readFileSync(file, "utf8")]);
}

function packageVersions(): string[] {
  const babel = createRequire(require.resolve("@babel/core"));
  const files = [
    ...["@babel/core", "esbuild", "typescript", "@jridgewell/trace-mapping"].map((name) =>
      manifestOf(require, name),
    ),
    ...BABEL_PARTS.map((name) => manifestOf(babel, `@babel/${name}`)),
  ];
  return files.map((file) => (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version);
}

function manifestOf(from: NodeJS.Require, name: string): string {
  return from.resolve(`${name}/package.json`);
}
