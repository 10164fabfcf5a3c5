import pc from "picocolors";
import { formatPlace, type MotekitError, type Problem } from "../errors.ts";
import type { Severity } from "./problem-formats.ts";

/** A problem as text for a terminal: code, place and message, and on a second line how to fix it. */
function formatProblem(problem: Problem, severity: Severity): string {
  const place = problem.where ? `${formatPlace(problem.where)}: ` : "";
  const remedy = problem.remedy ? `\n  ${pc.cyan("how to fix:")} ${problem.remedy}` : "";
  const mark = severity === "error" ? pc.red : pc.yellow;
  return `${mark(`${severity} ${problem.code}`)} ${place}${problem.message}${remedy}`;
}

export function formatError(error: MotekitError): string {
  return error.problems.map((problem) => formatProblem(problem, "error")).join("\n");
}

/** What a build found in packages and lets pass, since it may never be reached there. */
export function formatWarnings(warnings: readonly Problem[]): string[] {
  return warnings.map((problem) => formatProblem(problem, "warning"));
}
