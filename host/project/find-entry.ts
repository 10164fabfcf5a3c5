/** Finds the entry of the firmware to build. */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { MotekitError } from "../errors.ts";
import { packageRoot } from "../file-system/package-root.ts";

const DEFAULT_ENTRY = join("src", "main.ts");

/**
 * Returns the absolute path of the entry: `entry` if given, otherwise the project's src/main.ts, otherwise motekit's reference
 * firmware.
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
      remedy: `Check the path of the entry. Without a path, motekit builds ${DEFAULT_ENTRY} or the reference firmware.`,
    });
  }
  if (!statSync(path).isFile()) {
    throw new MotekitError({
      code: "MK1001",
      message: "The entry is not a file.",
      where: { file: path },
      remedy: "Use the path of the firmware's entry file, such as src/main.ts.",
    });
  }
  return path;
}
