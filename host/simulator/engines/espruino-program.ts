/** Finds the user's Espruino for Linux. */
import { MotekitError } from "../../errors.ts";
import { findProgram } from "../../file-system/find-program.ts";

const DEFAULT_PROGRAM = "espruino";

export function requireEspruino(given: string | undefined): string {
  const found = findProgram(given ?? DEFAULT_PROGRAM);
  if (found !== undefined) return found;
  throw new MotekitError({
    code: "MK1302",
    message: given
      ? `The Espruino program "${given}" was not found.`
      : `The Espruino program "${DEFAULT_PROGRAM}" was not found on PATH.`,
    remedy:
      "Build Espruino for Linux from its public sources (BOARD=LINUX), and give its path with --espruino PATH or put " +
      "it on PATH as espruino. Or use --engine node, which needs no other program.",
  });
}
