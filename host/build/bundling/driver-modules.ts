/**
 * Driver modules of a project: `require("DHT22")` is `modules/DHT22.js` of the project, written as Espruino's
 * public drivers are. Nothing is ever downloaded.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ENDINGS = [".js", ".ts"];
const DECLARATION = ".d.ts";

export interface Drivers {
  /** The folder for drivers, whether it exists or not. */
  readonly folder: string;
  /** The path of a driver's file. */
  find(name: string): string | undefined;
  /** Declaration files in the same folder as the drivers. */
  declarations(): string[];
}

/** The nearest folder above the entry that has a package.json, otherwise the entry's folder. */
function projectFolder(entry: string): string {
  const own = dirname(entry);
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return own;
  }
}

export function driversOf(entry: string): Drivers {
  const folder = join(projectFolder(entry), "modules");
  return {
    folder,
    find: (name) => ENDINGS.map((ending) => join(folder, name + ending)).find((path) => existsSync(path)),
    declarations: () =>
      existsSync(folder)
        ? readdirSync(folder)
            .filter((name) => name.endsWith(DECLARATION))
            .map((name) => join(folder, name))
        : [],
  };
}

/** The declaration beside a driver that describes it by its exports; a global one (no export) describes itself. */
export function exportsDeclaration(driverFile: string): string | undefined {
  const path = driverFile.replace(/\.js$/, DECLARATION);
  return path !== driverFile && existsSync(path) && /^\s*export\b/m.test(readFileSync(path, "utf8"))
    ? path
    : undefined;
}

/**
 * Declares the drivers that a program uses for `require` and `import`. A driver without a declaration is `any`, because types
 * that are inferred from its JavaScript would reject valid uses.
 */
export function driverTypes(drivers: ReadonlyMap<string, string>): {
  text: string;
  paths: Record<string, string[]>;
} {
  const lines: string[] = [];
  const paths: Record<string, string[]> = {};
  for (const [name, file] of drivers) {
    const declaration = file.endsWith(".ts") ? file : exportsDeclaration(file);
    const quoted = JSON.stringify(name);
    if (declaration) paths[name] = [declaration];
    else lines.push(`declare module ${quoted};`);
    const type = declaration ? `typeof import(${quoted})` : "any";
    lines.push(`interface EspruinoDrivers { ${quoted}: ${type} }`);
  }
  return { text: lines.join("\n"), paths };
}
