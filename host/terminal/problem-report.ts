import pc from "picocolors";
import { formatPlace, type MotekitError, type Problem } from "../errors.ts";

/** A problem as text for a terminal: code, place and message, and on a second line how to fix it. */
function formatProblem(problem: Problem): string {
  const place = problem.where ? `${formatPlace(problem.where)}: ` : "";
  const remedy = problem.remedy ? `\n  ${pc.cyan("how to fix:")} ${problem.remedy}` : "";
  return `${pc.red(`error ${problem.code}`)} ${place}${problem.message}${remedy}`;
}

export function formatError(error: MotekitError): string {
  return error.problems.map(formatProblem).join("\n");
}
