/**
 * Programs that nobody wrote: random ones run on Node and, built, on the real Espruino, and log the same. A program that differs
 * is shrunk, and printed with its seed.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effort } from "../../fixtures/effort.ts";
import { hasProgram } from "../../fixtures/programs.ts";
import { compareAll } from "./compare.ts";
import { programs } from "./programs.ts";

const COUNT = effort("generatedPrograms");
const SEED = Number(process.env.MOTEKIT_SEED ?? 1);
const BATCH = 20;
/** Steps of shrinking, of which each takes a second. */
const SHRINKS_MAX = 40;
const SHRUNK_MAX = 5;
const TIME_MS_MAX = 10 * 3_600_000;

const present = hasProgram("espruino");
if (!present) console.log('skipped, for want of the program "espruino": programs that are generated');

/** The smallest program found that differs as the one with this number does. */
async function shrunk(number: number): Promise<string> {
  let smallest = "";
  let steps = 0;
  const property = fc.asyncProperty(programs(), async (program) => {
    if (steps++ > SHRINKS_MAX) return;
    const [comparison] = await compareAll([program]);
    if (comparison?.outcome !== "different") return;
    smallest = `${program}\n${comparison.note}`;
    throw new Error(comparison.note);
  });
  await fc.check(property, { seed: SEED, path: String(number), numRuns: 1 });
  return smallest || "It does not differ when it runs alone.";
}

describe("Generated programs", () => {
  test("a program of every kind can be made, and the same seed makes the same programs", () => {
    const list = fc.sample(programs(), { seed: SEED, numRuns: 200 });
    expect(fc.sample(programs(), { seed: SEED, numRuns: 200 })).toEqual(list);
    const all = list.join("\n");
    for (const kind of [
      "async ()",
      "function* ()",
      "class Base",
      "finally",
      "switch",
      "yield*",
      "continue;",
    ]) {
      expect(all).toContain(kind);
    }
  });

  test.skipIf(!present)("log on Espruino what they log on Node", { timeout: TIME_MS_MAX }, async () => {
    const list = fc.sample(programs(), { seed: SEED, numRuns: COUNT });
    const counts = { same: 0, refused: 0, different: 0 };
    const different: number[] = [];
    for (let from = 0; from < list.length; from += BATCH) {
      const comparisons = await compareAll(list.slice(from, from + BATCH));
      for (const [offset, { outcome }] of comparisons.entries()) {
        counts[outcome]++;
        if (outcome === "different") different.push(from + offset);
      }
    }
    console.log(
      `Generated programs, seed ${SEED}: ${counts.same} the same, ${counts.refused} refused, ${counts.different} different.`,
    );
    const reports: string[] = [];
    for (const number of different.slice(0, SHRUNK_MAX)) {
      reports.push(`program ${number} of seed ${SEED}:\n${await shrunk(number)}`);
    }
    expect(reports.join("\n\n")).toBe("");
    expect(counts.same).toBeGreaterThan(list.length * 0.9);
  });
});
