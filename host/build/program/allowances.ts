/**
 * The comment `motekit-allow MK1244 reason`, on the line of the code that would be refused or on the line above. The
 * author states why the code is correct.
 */
import { sourceContentFor, type TraceMap } from "@jridgewell/trace-mapping";
import type { SourcePlace } from "../../errors.ts";

/** The error codes after which the build can continue. For other codes it could not produce code that Espruino parses. */
export const ALLOWABLE_CODES: ReadonlySet<string> = new Set([
  "MK1225",
  "MK1243",
  "MK1244",
  "MK1245",
  "MK1249",
  "MK1252",
]);

export type Allowance = "none" | "given" | "without a reason";

export function allowanceAt(
  code: string,
  where: SourcePlace | undefined,
  trace: TraceMap | undefined,
): Allowance {
  if (!ALLOWABLE_CODES.has(code) || where?.line === undefined || trace === undefined) return "none";
  const lines = sourceContentFor(trace, where.file)?.split("\n") ?? [];
  const comment = `motekit-allow\\s+${code}\\b[ \\t]*([^*\\s]?)`;
  const own = lines[where.line - 1]?.match(new RegExp(`(?://|/\\*).*${comment}`));
  // A comment after code on the same line applies to that code only.
  const above = lines[where.line - 2]?.match(new RegExp(`^\\s*(?://|/?\\*).*${comment}`));
  for (const found of [own, above]) {
    if (found) return found[1] === "" ? "without a reason" : "given";
  }
  return "none";
}
