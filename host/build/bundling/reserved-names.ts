/**
 * The bundle's top level is Espruino's global scope. A name that the minifier makes up must not hide one of
 * Espruino's: an `E` would take `E.CRC32` away from the console and from whoever uploads next.
 *
 * esbuild never makes up a name that the program uses without declaring it. So the program is given a last statement
 * that uses them all, and loses it again after.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../file-system/package-root.ts";

/** The minifier makes names of one letter first; it would take thousands to come to four. */
const NAME_LENGTH_MAX = 3;
const MARK = "__motekitReserved";

function declaredGlobals(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return declaredGlobals(path);
    const names = readFileSync(path, "utf8").matchAll(/^declare (?:var|let|const|function|class) (\w+)/gm);
    return Array.from(names, (match) => match[1] as string);
  });
}

const names = [...new Set(declaredGlobals(join(packageRoot(), "firmware", "espruino")))].filter(
  (name) => name.length <= NAME_LENGTH_MAX,
);

export const RESERVATION = `${MARK}(${names.join(",")});`;

/** @throws Error where the statement is not at the end, as it was put there. */
export function withoutReservation(code: string): string {
  const statement = new RegExp(`[,;]?${MARK}\\([^)]*\\);?\\s*$`);
  if (!statement.test(code))
    throw new Error("The minifier moved the statement that reserves Espruino's names.");
  return code.replace(statement, ";");
}
