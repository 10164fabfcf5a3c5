import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { effort } from "../fixtures/effort.ts";
import { count, type Fact, judgeAll } from "./fact-runner.ts";

const FOLDER = new URL("./facts/", import.meta.url);
const DIFFERENCES = new URL("../../docs/differences.md", import.meta.url);
const STEP = effort("factStep");
const ROWS_MAX = 25;
const TIME_MS_MAX = 600_000;
/** Facts whose difference shows as an exception on the interpreter, and stands in the table, too. */
const THROWING = new Set<string>([]);

function facts(): Fact[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Fact[]);
}

/** The rows of the table of differences, and the facts that they excuse (in backquotes, in the last column). */
function differences(): { rows: number; excused: Set<string> } {
  const lines = readFileSync(DIFFERENCES, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| On Node"));
  const names = lines.flatMap((line) =>
    [...(line.split("|").at(-2) ?? "").matchAll(/`([^`]+)`/g)].map((one) => one[1] as string),
  );
  return { rows: lines.length, excused: new Set(names) };
}

const present = spawnSync("espruino", ["--help"]).error === undefined;
if (!present) console.log("The facts of the language are skipped: no espruino on PATH.");

describe("the facts of the language", () => {
  test("have unique names, and there are at least 400", () => {
    const all = facts();
    expect(all.length).toBeGreaterThanOrEqual(400);
    expect(new Set(all.map((fact) => fact.name)).size).toBe(all.length);
  });

  test("that fail are listed in a table of at most 25 rows, which names no other facts", () => {
    const { rows, excused } = differences();
    const names = new Set(facts().map((fact) => fact.name));
    expect(rows).toBeLessThanOrEqual(ROWS_MAX);
    expect([...excused].filter((name) => !names.has(name))).toEqual([]);
  });

  test.skipIf(!present)(
    "run on the interpreter as on Node, or are refused with a place",
    { timeout: TIME_MS_MAX },
    async () => {
      const verdicts = await judgeAll(facts().filter((_, index) => index % STEP === 0));
      const counts = count(verdicts);
      console.log(
        `Language: ${counts.right} right, ${counts.refused} refused, ${counts.throws} throw, ${counts.silent} wrong in silence.`,
      );
      const { excused } = differences();
      const tell = (outcome: string) =>
        verdicts
          .filter((one) => one.outcome === outcome)
          .map((one) => `${one.fact.name}: ${one.note}\n${one.fact.code}`);
      const unexcused = (list: string[]) => list.filter((one) => !excused.has(one.split(":")[0] as string));
      expect(unexcused(tell("silent"))).toEqual([]);
      expect(tell("throws").filter((one) => !THROWING.has(one.split(":")[0] as string))).toEqual([]);
      for (const one of verdicts) if (one.outcome === "refused") expect(one.note).toMatch(/fact\.js:\d+:\d+/);
    },
  );
});
