import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** Finds a program: at its path if the name has a slash, otherwise on PATH. Returns undefined if there is none. */
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
