import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

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
