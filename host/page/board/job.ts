/** The jobs of the Board view. Only one runs at a time. */
import { MotekitError } from "../../errors.ts";
import { Observable } from "../model/observable.ts";

export type JobKind = "connect" | "find" | "scan" | "show" | "configure" | "upload" | "flash" | "pin";

export interface Progress {
  readonly step: string;
  /** The completed share, from 0 to 1. Absent if it is not known. */
  readonly share?: number | undefined;
  /** For example `12,288 of 20,480 bytes, 3 s left`. */
  readonly detail?: string | undefined;
  /** True while the hub works and the board's console is free. */
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

  /** True while a job uses the board's console, so that typed text would disturb it. */
  get needsBoard(): boolean {
    return this.#running !== undefined && this.#progress?.isAtHub !== true;
  }

  /** The progress of the job while it runs. */
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

  /** Runs a job unless another one is running. The job resolves with the lines of its outcome. An error becomes an outcome. */
  async run(kind: JobKind, job: () => Promise<readonly string[]>): Promise<void> {
    if (this.#running) return;
    this.#running = kind;
    this.#progress = undefined;
    this.#outcomes.delete(kind);
    this.changed();
    try {
      this.#outcomes.set(kind, { failed: false, lines: await job() });
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
