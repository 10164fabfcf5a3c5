/** A build held against the board's budgets of Storage and JsVars. */

import { type BuildOptions, type BuildResult, buildFirmware, type Manifest } from "./build.ts";
import {
  type Budgets,
  type JsVarsFigure,
  refuseTooManyJsVars,
  type Usage,
  usageOf,
} from "./measuring/budget.ts";
import { measureJsVars } from "./measuring/jsvars-measure.ts";

export interface BudgetedBuild extends BuildResult {
  readonly manifest: Manifest & { readonly usage: Usage };
}

/** Counted on the interpreter where there is one and the program loads there; else estimated, and said so. */
export async function countJsVars(app: Uint8Array, espruinoProgram?: string): Promise<JsVarsFigure> {
  const measured = await measureJsVars(app, espruinoProgram);
  if (measured.used !== undefined) {
    return { used: measured.used, how: "measured", jsVarSizeBytes: measured.jsVarSizeBytes };
  }
  const { ESTIMATE_ERROR_PERCENT, estimateJsVars } = await import("./measuring/jsvars-estimate.ts");
  return {
    used: estimateJsVars(Buffer.from(app).toString("utf8")),
    how: "estimated",
    errorPercent: ESTIMATE_ERROR_PERCENT,
    reason: measured.reason,
  };
}

/** @throws MotekitError as buildFirmware does, and MK1228 past the budget of JsVars. */
export async function buildWithinBudgets(options: BuildOptions & Budgets): Promise<BudgetedBuild> {
  const result = await buildFirmware(options);
  const usage = usageOf(result.app.length, await countJsVars(result.app), options.board, options);
  refuseTooManyJsVars(usage, options.board, options.entry);
  return { ...result, manifest: { ...result.manifest, usage } };
}
