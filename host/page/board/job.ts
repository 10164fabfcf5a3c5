/** What is being done with a board, and how it ended: one thing at a time. */
import { MotekitError } from "../../errors.ts";
import { Observable } from "../model/observable.ts";

export type JobKind = "connect" | "find" | "scan" | "show" | "configure" | "upload" | "flash" | "pin";

export interface Progress {
  readonly step: string;
  /** 0 to 1; left out where nobody knows. */
  readonly share?: number | undefined;
  /** `12,288 of 20,480 bytes, 3 s left`. */
  readonly detail?: string | undefined;
  /** The hub works, and the board waits: its console is free. */
  readonly isAtHub?: boolean;
}

export interface Outcome {
  readonly failed: boolean;
  readonly lines: readonly string[];
}

export class Jobs extends Observable {
  #running: JobKind | undefined;
  #progress: Progress | undefined;
  readonly #outcomes = new Map<JobKind, Outcome>();

  get running(): JobKind | undefined {
    return this.#running;
  }

  /** Whoever types now would come in between. */
  get needsBoard(): boolean {
    return this.#running !== undefined && this.#progress?.isAtHub !== true;
  }

  /** Of that job, while it runs. */
  progressOf(kind: JobKind): Progress | undefined {
    return this.#running === kind ? this.#progress : undefined;
  }

  outcomeOf(kind: JobKind): Outcome | undefined {
    return this.#outcomes.get(kind);
  }

  report(progress: Progress): void {
    this.#progress = progress;
    this.changed();
  }

  /** Does the work, which tells its outcome in lines, unless something else is being done. Errors become an outcome too. */
  async run(kind: JobKind, work: () => Promise<readonly string[]>): Promise<void> {
    if (this.#running) return;
    this.#running = kind;
    this.#progress = undefined;
    this.#outcomes.delete(kind);
    this.changed();
    try {
      this.#outcomes.set(kind, { failed: false, lines: await work() });
    } catch (error) {
      this.#outcomes.set(kind, { failed: true, lines: linesOf(error) });
    } finally {
      this.#running = undefined;
      this.#progress = undefined;
      this.changed();
    }
  }
}

function linesOf(error: unknown): string[] {
  if (!(error instanceof MotekitError)) return [String(error)];
  return error.problems.flatMap(({ code, message, where, remedy }) => [
    `${code}: ${message}`,
    ...(where ? [`${where.file}${where.line === undefined ? "" : `:${where.line}`}`] : []),
    ...(remedy ? [remedy] : []),
  ]);
}
