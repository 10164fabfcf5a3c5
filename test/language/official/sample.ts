/**
 * Runs a sample of the official test suite of ECMAScript: each test is built as an app is, and runs on Node and on the real
 * Espruino. The suite is not part of this project; its checkout is given by its path.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nextFraction, type Random, seededRandom } from "../../../host/simulator/interpreter/random.ts";
import { compile, run } from "../fact-runner.ts";
import { FAILED, NOT_THROWN, PASSED, programOf } from "./harness.ts";
import { readTest, type SuiteTest, testPaths } from "./suite.ts";

/**
 * - `right`: it passes on Espruino.
 * - `refused`: the build refuses it.
 * - `stopped`: Espruino reports an error of its own, or does not end.
 * - `wrong value`, `missing throw`: an assertion fails.
 * - `build failed`: the build itself breaks.
 */
export type SuiteOutcome = "right" | "refused" | "stopped" | "wrong value" | "missing throw" | "build failed";

export interface SuiteResult {
  readonly path: string;
  readonly outcome: SuiteOutcome;
  readonly note: string;
}

const RUN_MS_MAX = 5_000;
/** An asynchronous test has ended by then. */
const QUIT_MS = 1_500;

/** Takes folders in turn, so that a folder with thousands of tests does not hide the others. */
function* shuffled(groups: ReadonlyMap<string, readonly string[]>, random: Random): Generator<string> {
  const left = [...groups.values()].map((paths) => [...paths]);
  while (left.length > 0) {
    const group = Math.floor(nextFraction(random) * left.length);
    const paths = left[group] as string[];
    const [path] = paths.splice(Math.floor(nextFraction(random) * paths.length), 1);
    if (paths.length === 0) left.splice(group, 1);
    if (path !== undefined) yield path;
  }
}

/** @returns undefined for a test that does not pass on Node, which shows nothing about the build. */
export async function runTest(test: SuiteTest, folder: string): Promise<SuiteResult | undefined> {
  const { path } = test;
  const text = programOf(test);
  const plain = join(folder, "plain.cjs");
  writeFileSync(plain, text);
  if (!hasPassed(await run(process.execPath, plain, RUN_MS_MAX))) return undefined;
  let built: Awaited<ReturnType<typeof compile>>;
  try {
    built = await compile(text);
  } catch (error) {
    return { path, outcome: "build failed", note: String(error) };
  }
  const [problem] = built.problems;
  if (problem !== undefined) return { path, outcome: "refused", note: problem };
  const app = join(folder, "app.js");
  writeFileSync(app, `setTimeout(function () { quit(); }, ${test.isAsync ? QUIT_MS : 0});\n${built.code}\n`);
  const output = await run("espruino", app, RUN_MS_MAX);
  return { path, ...judge(output) };
}

function hasPassed(output: string): boolean {
  return output.includes(PASSED) && !output.includes(FAILED);
}

export function judge(output: string): Pick<SuiteResult, "outcome" | "note"> {
  if (hasPassed(output)) return { outcome: "right", note: "" };
  const at = output.indexOf(FAILED);
  const note = (at < 0 ? output.slice(-200) : output.slice(at + FAILED.length, at + 200)).replace(
    /\s+/g,
    " ",
  );
  if (at < 0) return { outcome: "stopped", note };
  return { outcome: note.startsWith(NOT_THROWN) ? "missing throw" : "wrong value", note };
}

/** The same seed takes the same tests. */
export async function runSample(checkout: string, count: number, seed: number): Promise<SuiteResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "official-suite-"));
  const results: SuiteResult[] = [];
  try {
    for (const path of shuffled(testPaths(checkout), seededRandom(seed))) {
      if (results.length >= count) break;
      const test = readTest(checkout, path);
      const result = test && (await runTest(test, folder));
      if (result) results.push(result);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

export function countOutcomes(results: readonly SuiteResult[]): Record<SuiteOutcome, number> {
  const counts: Record<SuiteOutcome, number> = {
    right: 0,
    refused: 0,
    stopped: 0,
    "wrong value": 0,
    "missing throw": 0,
    "build failed": 0,
  };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}
