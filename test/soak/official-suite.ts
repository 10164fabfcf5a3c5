/** A sample of the official test suite of ECMAScript. The soak counts how its tests come out, and fails where the build breaks. */
import { countOutcomes, runSample } from "../language/official/sample.ts";

export interface SuiteSample {
  /** Path of the suite's checkout, or undefined. */
  readonly checkout: string | undefined;
  readonly count: number;
  readonly seed: number;
  say(line: string): void;
}

/** @returns the promises that were broken. */
export async function soakSuite({ checkout, count, seed, say }: SuiteSample): Promise<string[]> {
  if (!checkout) {
    say(
      "skipped, because MOTEKIT_TEST262 is not the path of a checkout of test262: a sample of ECMAScript's test suite",
    );
    return [];
  }
  const results = await runSample(checkout, count, seed);
  const counts = Object.entries(countOutcomes(results)).map(([outcome, number]) => `${number} ${outcome}`);
  say(`ECMAScript's test suite, seed ${seed}, ${results.length} tests: ${counts.join(", ")}.`);
  for (const { path, outcome, note } of results) {
    if (outcome !== "right" && outcome !== "refused") say(`  ${outcome}: ${path}: ${note}`);
  }
  return results
    .filter((one) => one.outcome === "build failed")
    .map((one) => `the build fails with an internal error: ${one.path}`);
}
