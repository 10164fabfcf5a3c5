/**
 * The one error type of the host. A message says what was wrong and names the thing (port, file, board,
 * expected and actual); `where` is a place that an editor can open; `remedy` says what to do next.
 * Codes are stable: docs/errors.md has a paragraph for each.
 */
export interface SourcePlace {
  readonly file: string;
  /** Counted from 1; absent where the whole file is meant. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
}

export interface Problem {
  /** `MK` and four digits; the first two tell the area: 10 project, 11 boards, 12 build, 13 simulator, 14 hub, 15 traces, 16 serial line, 17 upload, 18 configuration and monitor, 19 flashing, 20 tests. */
  readonly code: string;
  readonly message: string;
  readonly where?: SourcePlace;
  readonly remedy?: string;
}

export class MotekitError extends Error {
  readonly code: string;
  readonly where: SourcePlace | undefined;
  readonly remedy: string | undefined;
  /** Where one action met several problems (type errors, say), all of them; else just this one. */
  readonly problems: readonly Problem[];

  constructor(problem: Problem, options: { cause?: unknown; problems?: readonly Problem[] } = {}) {
    super(problem.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "MotekitError";
    this.code = problem.code;
    this.where = problem.where;
    this.remedy = problem.remedy;
    this.problems = options.problems ?? [problem];
  }
}

/** `file:line:column`, as editors and terminals make it a link. */
export function formatPlace(place: SourcePlace): string {
  if (place.line === undefined) return place.file;
  return place.column === undefined
    ? `${place.file}:${place.line}`
    : `${place.file}:${place.line}:${place.column}`;
}

/** Several problems as one error, whose message is that of the first and counts the rest. */
export function errorOf(problems: readonly [Problem, ...Problem[]]): MotekitError {
  return new MotekitError(problems[0], { problems });
}
