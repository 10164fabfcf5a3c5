import pc from "picocolors";
import { formatPlace, type MotekitError, type Problem } from "../errors.ts";

/** A problem for a person: code, place, what was wrong, and on a line of its own what to do. */
function formatProblem(problem: Problem): string {
  const place = problem.where ? `${formatPlace(problem.where)}: ` : "";
  const remedy = problem.remedy ? `\n  ${pc.cyan("how to fix:")} ${problem.remedy}` : "";
  return `${pc.red(`error ${problem.code}`)} ${place}${problem.message}${remedy}`;
}

export function formatError(error: MotekitError): string {
  return error.problems.map(formatProblem).join("\n");
}
