/** The board's budgets for a program, and what the program uses of them. */
import type { Board } from "../../boards.ts";
import { MotekitError } from "../../errors.ts";

/**
 * A program may fill a quarter of Storage. Both the old and the new version are stored during an upload, which
 * requires less than half. Because Storage is never compacted in the field, there must also be space for at least two more
 * uploads.
 */
const STORAGE_SHARE = 1 / 4;

/**
 * A program may hold half of the JsVars once it is loaded. The rest is for the connection, packets, and temporary
 * values. A chip also has fewer JsVars than its board file says when Wi-Fi uses part of the heap.
 */
const JSVARS_SHARE = 1 / 2;

export interface Budgets {
  /** Instead of the board's own, in bytes of Storage. */
  readonly bytesMax?: number | undefined;
  /** Instead of the board's own, in JsVars. */
  readonly jsVarsMax?: number | undefined;
}

export interface JsVarsFigure {
  /** The JsVars in use after the program's top level has run, without the interpreter's own. */
  readonly used: number;
  readonly how: "measured" | "estimated";
  /** The error of estimates, where they were compared with measurements. Only an estimate has it. */
  readonly errorPercent?: number;
  /** Why the figure is an estimate and not a measurement. */
  readonly reason?: string;
  /** The size of a JsVar where it was measured. A board's is smaller and holds less of a string. */
  readonly jsVarSizeBytes?: number;
}

export interface Usage {
  readonly storage: { readonly used: number; readonly budget: number; readonly total: number };
  /** `total` and `budget` null: the heap grows. */
  readonly jsVars: JsVarsFigure & { readonly budget: number | null; readonly total: number | null };
}

export function storageBudget(board: Board, bytesMax?: number): number {
  return bytesMax ?? Math.floor(board.storage.sizeBytes * STORAGE_SHARE);
}

export function usageOf(sizeBytes: number, jsVars: JsVarsFigure, board: Board, budgets: Budgets): Usage {
  const { count } = board.jsVars;
  return {
    storage: {
      used: sizeBytes,
      budget: storageBudget(board, budgets.bytesMax),
      total: board.storage.sizeBytes,
    },
    jsVars: {
      ...jsVars,
      budget: budgets.jsVarsMax ?? (count === null ? null : Math.floor(count * JSVARS_SHARE)),
      total: count,
    },
  };
}

/** @throws MotekitError MK1204 */
export function refuseTooLarge(sizeBytes: number, board: Board, entry: string, bytesMax?: number): void {
  const budget = storageBudget(board, bytesMax);
  if (sizeBytes <= budget) return;
  throw new MotekitError({
    code: "MK1204",
    message: `The bundle has ${sizeBytes} bytes, ${sizeBytes - budget} over its budget of ${budget} (Storage of the board "${board.id}": ${board.storage.sizeBytes}).`,
    where: { file: entry },
    remedy:
      "Run `motekit build --analyze --max-bytes N` with a larger N to see the size of each source file. Then import less, or keep the larger budget.",
  });
}

/** @throws MotekitError MK1228 */
export function refuseTooManyJsVars({ jsVars }: Usage, board: Board, entry: string): void {
  const { used, budget, total, how } = jsVars;
  if (budget === null || used <= budget) return;
  const of = total === null ? "" : ` (the board "${board.id}" has ${total})`;
  throw new MotekitError({
    code: "MK1228",
    message: `After loading, the program takes ${used} JsVars (Espruino's units of memory; ${how}). That is ${used - budget} more than its budget of ${budget}${of}.`,
    where: { file: entry },
    remedy:
      "Keep large tables as a string or in Storage, make objects when they are needed, or raise the budget with --max-jsvars.",
  });
}

const BAR_WIDTH = 10;

function bar(used: number, total: number): string {
  const share = used / total;
  const filled = Math.min(BAR_WIDTH, Math.ceil(share * BAR_WIDTH));
  const text = `${"=".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}`;
  return `[${text}] ${(share * 100).toFixed(1).padStart(5)}%`;
}

/** Two lines, as PlatformIO shows memory: shares of the budgets. */
export function formatUsage({ storage, jsVars }: Usage): string[] {
  const how =
    jsVars.how === "measured" ? "measured" : `estimated, ±${jsVars.errorPercent} %: ${jsVars.reason}`;
  const { used, budget } = jsVars;
  return [
    `Storage: ${bar(storage.used, storage.budget)} (used ${storage.used} bytes of a budget of ${storage.budget})`,
    budget === null
      ? `JsVars:  used ${used}, ${how}`
      : `JsVars:  ${bar(used, budget)} (used ${used} of a budget of ${budget}, ${how})`,
  ];
}
