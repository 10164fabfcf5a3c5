/** A build that is checked against the board's budgets of Storage and JsVars. */

import { type BuildOptions, type BuildResult, buildFirmware, type Manifest } from "./build.ts";
import { digestOf, openStore, type Store } from "./cache/store.ts";
import { versionStamp } from "./cache/version-stamp.ts";
import {
  type Budgets,
  type JsVarsFigure,
  refuseTooManyJsVars,
  type Usage,
  usageOf,
} from "./measuring/budget.ts";
import { measureJsVars } from "./measuring/jsvars-measure.ts";

type Estimate = Pick<JsVarsFigure, "used" | "how" | "errorPercent">;

export interface BudgetedBuild extends BuildResult {
  readonly manifest: Manifest & { readonly usage: Usage };
}

/** Measured on the interpreter if it is installed and the program loads on it. Otherwise estimated; `how` says which. */
export async function countJsVars(
  app: Uint8Array,
  espruinoProgram?: string,
  store?: Store,
): Promise<JsVarsFigure> {
  const measured = await measureJsVars(app, espruinoProgram);
  if (measured.used !== undefined) {
    return { used: measured.used, how: "measured", jsVarSizeBytes: measured.jsVarSizeBytes };
  }
  return { ...(await estimate(Buffer.from(app).toString("utf8"), store)), reason: measured.reason };
}

async function estimate(code: string, store: Store | undefined): Promise<Estimate> {
  const stamp = versionStamp();
  const key = stamp && JSON.stringify(["jsvars", stamp, digestOf([code])]);
  const kept = key && (store?.read(key) as Estimate | undefined);
  if (kept) return kept;
  const { ESTIMATE_ERROR_PERCENT, estimateJsVars } = await import("./measuring/jsvars-estimate.ts");
  const used = estimateJsVars(code);
  const estimated = { used, how: "estimated", errorPercent: ESTIMATE_ERROR_PERCENT } as const;
  if (key) store?.write(key, estimated);
  return estimated;
}

/** @throws MotekitError as buildFirmware, and MK1228 if the budget of JsVars is exceeded. */
export async function buildWithinBudgets(options: BuildOptions & Budgets): Promise<BudgetedBuild> {
  const result = await buildFirmware(options);
  const usage = usageOf(
    result.app.length,
    await countJsVars(result.app, undefined, openStore(options.entry)),
    options.board,
    options,
  );
  refuseTooManyJsVars(usage, options.board, options.entry);
  return { ...result, manifest: { ...result.manifest, usage } };
}
