/** Finds what to build when the command line does not say. */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { MotekitError } from "../errors.ts";
import { packageRoot } from "../file-system/package-root.ts";

const DEFAULT_ENTRY = join("src", "main.ts");

/**
 * The absolute path of the firmware's first file: `entry` if given, else the project's src/main.ts, else motekit's
 * reference firmware.
 */
export function findEntry(entry: string | undefined, workingFolder: string): string {
  if (entry !== undefined) return existingEntry(resolve(workingFolder, entry));
  const own = join(workingFolder, DEFAULT_ENTRY);
  return existsSync(own) ? own : join(packageRoot(), "firmware", "main.ts");
}

function existingEntry(path: string): string {
  if (!existsSync(path)) {
    throw new MotekitError({
      code: "MK1001",
      message: "The entry file does not exist.",
      where: { file: path },
      remedy: `Give the path of the firmware's first file. Without one, ${DEFAULT_ENTRY} is built, or the reference firmware.`,
    });
  }
  if (!statSync(path).isFile()) {
    throw new MotekitError({
      code: "MK1001",
      message: "The entry is not a file.",
      where: { file: path },
      remedy: "Give the path of the firmware's first file, such as src/main.ts.",
    });
  }
  return path;
}
