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
  for (const line of [lines[where.line - 1], lines[where.line - 2]]) {
    const found = line?.match(new RegExp(`motekit-allow\\s+${code}\\b[ \\t]*([^*\\s]?)`));
    if (found) return found[1] === "" ? "without a reason" : "given";
  }
  return "none";
}
