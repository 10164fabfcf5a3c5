/** Finds the user's Espruino for Linux. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { MotekitError } from "../errors.ts";

const DEFAULT_PROGRAM = "espruino";

/** The path of a program: as given where it has a slash, else looked for on PATH. Undefined where there is none. */
export function findProgram(name: string, searchPath = process.env.PATH ?? ""): string | undefined {
  const candidates =
    isAbsolute(name) || name.includes("/")
      ? [resolve(name)]
      : searchPath.split(delimiter).map((folder) => join(folder || ".", name));
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export function requireEspruino(given: string | undefined): string {
  const found = findProgram(given ?? DEFAULT_PROGRAM);
  if (found !== undefined) return found;
  throw new MotekitError({
    code: "MK1302",
    message: given
      ? `There is no program "${given}" to run as Espruino.`
      : `There is no program "${DEFAULT_PROGRAM}" on PATH.`,
    remedy:
      "Build Espruino for Linux from its public sources (BOARD=LINUX) and give its path by --espruino PATH or put " +
      "it on PATH as espruino; or use --engine node, which needs nothing more.",
  });
}
