/** Runs generated programs on Node and, built, on the real Espruino: many in one bundle, since a process for each takes long. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, run } from "../fact-runner.ts";

export type Outcome = "same" | "refused" | "different";

export interface Comparison {
  readonly program: string;
  readonly outcome: Outcome;
  readonly note: string;
}

const MARK = "@log ";
/** Time for what programs log late, from the moment when all have run. */
const END_MS = 150;
const RUN_MS_MAX = 30_000;
const TAIL = `setTimeout(() => { for (const [number, lines] of logs) console.log(${JSON.stringify(MARK)} + number + " " + JSON.stringify(lines)); }, ${END_MS});
`;

const HEAD = `const logs = [];
function show(v) {
  if (v === undefined) return "~undefined";
  if (v !== v) return "~NaN";
  if (v === Infinity || v === -Infinity) return v > 0 ? "~Infinity" : "~-Infinity";
  if (v === 0) return 0;
  if (typeof v === "function") return "~function";
  if (typeof v !== "object" || v === null) return v;
  if (v instanceof Error) return "~error " + v.message;
  if (Array.isArray(v)) { const list = []; for (let i = 0; i < v.length; i++) list.push(show(v[i])); return list; }
  const shown = {}; for (const key of Object.keys(v).sort()) shown[key] = show(v[key]); return shown;
}
function said(e) { return /^(E1|thrown)$/.test(e.message) ? e.message : "of the engine"; }
function* steps(n) { try { for (let i = 0; i < n; i++) yield i; } finally { } }
`;

/** Each program logs into a list of its own; engine errors have other words, so that only the program's own are compared. */
function wrap(program: string, number: number): string {
  return `(function () {
const lines = [];
logs.push([${number}, lines]);
const log = (...values) => { if (lines.length < 200) lines.push(values.map(show)); return values[0]; };
try {
${program}
} catch (e) { log("uncaught", said(e)); }
})();
`;
}

function logsIn(output: string): Map<number, unknown> {
  const logs = new Map<number, unknown>();
  for (const line of output.split(/\r?\n/)) {
    const found = /@log (\d+) (.*)$/.exec(line);
    if (!found) continue;
    try {
      logs.set(Number(found[1]), JSON.parse(found[2] ?? ""));
    } catch {
      logs.set(Number(found[1]), found[2]);
    }
  }
  return logs;
}

/** How far the digits after the point reach that Espruino prints, and those of numbers below 1e-6 after the first digit. */
const PRINTED_AFTER_POINT = 1.0001e-11;
const PRINTED_RELATIVE = 1e-9;
/** Numbers nearer than this to the next whole number are printed as that number. */
const PRINTED_WHOLE = 1.0001e-7;

/** Whether two numbers that were printed are the same but for the digits that Espruino does not print (docs/differences.md). */
function sameNumber(got: number, expected: number): boolean {
  const distance = Math.abs(got - expected);
  if (distance <= Math.abs(expected) * PRINTED_RELATIVE) return true;
  if (Math.abs(expected) >= 1e-6 && distance <= PRINTED_AFTER_POINT) return true;
  return Number.isInteger(got) && distance <= PRINTED_WHOLE && Math.abs(got) > Math.abs(expected);
}

export function same(got: unknown, expected: unknown): boolean {
  if (typeof got === "number" && typeof expected === "number") return sameNumber(got, expected);
  if (got === null || expected === null || typeof got !== "object" || typeof expected !== "object")
    return got === expected;
  const keys = Object.keys(got);
  if (Array.isArray(got) !== Array.isArray(expected) || keys.length !== Object.keys(expected).length)
    return false;
  return keys.every((key) =>
    same((got as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key]),
  );
}

export async function compareAll(programs: readonly string[]): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), "generated-"));
  try {
    return await compareIn(folder, programs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareIn(folder: string, programs: readonly string[]): Promise<Comparison[]> {
  const text = HEAD + programs.map(wrap).join("") + TAIL;
  const built = await compile(text).catch((error: unknown) => ({ code: "", problems: [`crash: ${error}`] }));
  if (built.problems.length > 0) {
    // One program that is refused must not hide the others.
    if (programs.length > 1) return (await Promise.all(programs.map((one) => compareAll([one])))).flat();
    const note = built.problems.join("; ");
    return programs.map((program) => ({
      program,
      outcome: /^crash|^bundle/.test(note) ? "different" : "refused",
      note,
    }));
  }
  const plain = join(folder, "plain.cjs");
  const app = join(folder, "app.js");
  writeFileSync(plain, text);
  writeFileSync(app, `${built.code}\nsetTimeout(quit, ${END_MS * 2});\n`);
  const expected = logsIn(await run(process.execPath, plain, RUN_MS_MAX));
  const output = await run("espruino", app, RUN_MS_MAX);
  const got = logsIn(output);
  // One program that ends the interpreter must not hide the others.
  if (programs.length > 1 && got.size < programs.length) {
    return (await Promise.all(programs.map((one) => compareAll([one])))).flat();
  }
  return programs.map((program, number) => {
    if (expected.has(number) && same(got.get(number), expected.get(number)))
      return { program, outcome: "same", note: "" };
    const found = got.has(number) ? JSON.stringify(got.get(number)) : output.slice(-300);
    const note = `Espruino: ${found}\nNode:     ${JSON.stringify(expected.get(number))}`;
    return { program, outcome: "different", note };
  });
}
