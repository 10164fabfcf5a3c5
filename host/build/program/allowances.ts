/**
 * The comment `motekit-allow MK1244 reason`, on the line of the code that would be refused or on the line above it: the
 * author knows better, and says why.
 */
import { sourceContentFor, type TraceMap } from "@jridgewell/trace-mapping";
import type { SourcePlace } from "../../errors.ts";

/** Code that the build can carry on with. Of other codes, nothing that Espruino parses could be made. */
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
  // A comment behind other code is for that code alone.
  const above = lines[where.line - 2]?.match(new RegExp(`^\\s*(?://|/?\\*).*${comment}`));
  for (const found of [own, above]) {
    if (found) return found[1] === "" ? "without a reason" : "given";
  }
  return "none";
}
