/** What a type check begins with: the files that declare the board's language and API, the project's drivers, and the entry. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import { packageRoot } from "../file-system/package-root.ts";
import { appModules } from "./bundling/app-modules.ts";
import { driversOf, driverTypes } from "./bundling/driver-modules.ts";
import type { PathAliases } from "./bundling/path-aliases.ts";

/** A virtual file that declares the drivers that the program uses. */
export const DRIVERS_FILE = "/motekit-drivers.d.ts";

/** Plain data, which names everything that a type check depends on but the content of files. */
export interface TypeRoots {
  readonly files: readonly string[];
  /** The text of DRIVERS_FILE. */
  readonly driversText: string;
  /** As in a tsconfig.json. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
}

/** `drivers`: files of the modules that the program asks for by bare name. Throws MK1104 for an unknown capability. */
export function typeRootsOf(
  entry: string,
  board: Board,
  aliases: PathAliases,
  drivers: ReadonlyMap<string, string>,
): TypeRoots {
  const firmware = join(packageRoot(), "firmware");
  const { text, paths } = driverTypes(drivers);
  return {
    files: [
      ...declarations(join(firmware, "espruino")),
      ...capabilities(board),
      join(firmware, "board.d.ts"),
      DRIVERS_FILE,
      ...driversOf(entry).declarations(),
      entry,
    ],
    driversText: text,
    paths: {
      ...aliases,
      ...Object.fromEntries(Object.entries(appModules()).map(([name, file]) => [name, [file]])),
      ...paths,
    },
  };
}

function declarations(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".d.ts"))
    .map((name) => join(folder, name));
}

/** The files of firmware/espruino/capabilities that are true of this board. */
function capabilities(board: Board): string[] {
  const known = declarations(join(packageRoot(), "firmware", "espruino", "capabilities"));
  return board.capabilities.map((name) => {
    const file = known.find((candidate) => basename(candidate) === `${name}.d.ts`);
    if (file) return file;
    throw new MotekitError({
      code: "MK1104",
      message: `The board "${board.id}" names a capability "${name}" that motekit does not know.`,
      remedy: `Use some of ${known.map((candidate) => basename(candidate, ".d.ts")).join(", ")}.`,
    });
  });
}
