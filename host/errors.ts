/**
 * The only error type of the host. A message says what happened and names the port, file or board, with the
 * expected and the actual value; `where` is a place that an editor can open; `remedy` says how to fix it.
 * Codes are stable: docs/errors.md has a paragraph for each.
 */
export interface SourcePlace {
  readonly file: string;
  /** Counted from 1. Absent if the problem is about the whole file. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
}

export interface Problem {
  /** `MK` and four digits. The first two are the area: 00 motekit itself, 10 project, 11 boards, 12 build, 13 simulator, 14 hub, 15 traces, 16 serial line, 17 upload, 18 configuration and monitor, 19 flashing, 20 tests. */
  readonly code: string;
  readonly message: string;
  readonly where?: SourcePlace;
  readonly remedy?: string;
}

export class MotekitError extends Error {
  readonly code: string;
  readonly where: SourcePlace | undefined;
  readonly remedy: string | undefined;
  /** All problems of the action, such as all type errors of a build. Usually just this one. */
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

/** `file:line:column`, a form that editors and terminals turn into a link. */
export function formatPlace(place: SourcePlace): string {
  if (place.line === undefined) return place.file;
  return place.column === undefined
    ? `${place.file}:${place.line}`
    : `${place.file}:${place.line}:${place.column}`;
}

/** One error for several problems. Its message is that of the first problem. */
export function errorOf(problems: readonly [Problem, ...Problem[]]): MotekitError {
  return new MotekitError(problems[0], { problems });
}
