/**
 * The bundle's top level is Espruino's global scope. A name that the minifier generates must not hide one of
 * Espruino's: a variable `E` would hide `E.CRC32` from the console and from the next upload.
 *
 * esbuild never generates a name that the program uses without declaring it. So a last statement that uses all of them is
 * added to the program, and removed afterwards.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../file-system/package-root.ts";

/** The minifier generates names of one letter first, and would need thousands of names to reach four letters. */
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

/** @throws Error if the statement is no longer at the end. */
export function withoutReservation(code: string): string {
  const statement = new RegExp(`[,;]?${MARK}\\([^)]*\\);?\\s*$`);
  if (!statement.test(code))
    throw new Error("The minifier moved the statement that reserves Espruino's names.");
  return code.replace(statement, ";");
}
