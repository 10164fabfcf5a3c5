/** The lowering as a step of the build: places become absolute paths, problems become one error. */
import { join } from "node:path";
import type { Board } from "../boards.ts";
import { errorOf, MotekitError, type Problem } from "../errors.ts";
import type { KnownNames } from "./check/free-names.ts";
import { type LowerInput, type LowerOutput, lower } from "./lower/lower.ts";
import type { EncodedSourceMap, Script } from "./program/script.ts";

export interface LoweredScript extends Script {
  readonly warnings: readonly Problem[];
}

/**
 * `folder` is that of the entry, to which the map's sources are relative; `known` is given if the program has JavaScript modules.
 *
 * @throws MotekitError with everything that neither Espruino nor the lowering can handle: MK1225, MK124x and MK125x.
 */
export function lowerScript(
  script: Script,
  folder: string,
  { unicode }: Pick<Board, "unicode">,
  known?: KnownNames,
): LoweredScript {
  const output = lowerIn(folder, {
    code: script.code,
    map: JSON.parse(script.map) as EncodedSourceMap,
    unicode,
    known,
  });
  const [first, ...others] = output.problems.map((problem) => withPath(problem, folder));
  if (first) throw errorOf([first, ...others]);
  const warnings = output.warnings.map((problem) => withPath(problem, folder));
  return { code: output.code, map: JSON.stringify(output.map), warnings };
}

function lowerIn(folder: string, input: LowerInput): LowerOutput {
  try {
    return lower(input);
  } catch (error) {
    if (!(error instanceof MotekitError)) throw error;
    const problems = error.problems.map((problem) => withPath(problem, folder)) as [Problem, ...Problem[]];
    throw new MotekitError(problems[0], { cause: error.cause, problems });
  }
}

function withPath(problem: Problem, folder: string): Problem {
  return problem.where
    ? { ...problem, where: { ...problem.where, file: join(folder, problem.where.file) } }
    : problem;
}
