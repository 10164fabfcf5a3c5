/** The modules of the interpreter, as firmware/espruino declares them in `EspruinoModules`. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Board } from "../../boards.ts";
import { packageRoot } from "../../file-system/package-root.ts";

function declaredIn(file: string): string[] {
  const bodies = readFileSync(file, "utf8").matchAll(/^interface EspruinoModules[^{]*\{([^}]*)\}/gm);
  return Array.from(bodies).flatMap((body) =>
    Array.from((body[1] as string).matchAll(/^\s*"?([\w-]+)"?:/gm), (member) => member[1] as string),
  );
}

/** The capability (a file of firmware/espruino/capabilities) that provides each module; "" if every board has it. */
function declaredModules(): ReadonlyMap<string, string> {
  const folder = join(packageRoot(), "firmware", "espruino");
  const modules = new Map<string, string>();
  for (const [path, isCapability] of [
    [join(folder, "capabilities"), true],
    [folder, false],
  ] as const) {
    for (const name of readdirSync(path).filter((candidate) => candidate.endsWith(".d.ts"))) {
      for (const module of declaredIn(join(path, name))) {
        modules.set(module, isCapability ? basename(name, ".d.ts") : "");
      }
    }
  }
  return modules;
}

let declared: ReadonlyMap<string, string> | undefined;

/** `present`: `require` finds it on this board; `absent`: on other boards only, which have that capability. */
export function espruinoModule(
  name: string,
  board: Board,
): { kind: "present" } | { kind: "absent"; capability: string } | { kind: "unknown" } {
  declared ??= declaredModules();
  const capability = declared.get(name);
  if (capability === undefined) return { kind: "unknown" };
  if (capability === "" || board.capabilities.includes(capability)) return { kind: "present" };
  return { kind: "absent", capability };
}
