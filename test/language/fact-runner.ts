import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { bundleOptions, finish, minifyOptions } from "../../host/build/bundling/minify-options.ts";
import { lower } from "../../host/build/lower/lower.ts";
import type { EncodedSourceMap } from "../../host/build/program/script.ts";

/**
 * Runs language facts through the whole way of a build (bundle, lower, minify) and then on the interpreter, one
 * process a fact, and beside it the same text on Node as it is.
 */
export interface Fact {
  readonly name: string;
  readonly code: string;
  /** `body`: a function body that returns the result. `async` and `top` call `done(result)`. */
  readonly form?: "body" | "async" | "top";
  /** Node's result as JSON; without it the text is run on Node. */
  readonly expected?: string;
}

export type Outcome = "right" | "refused" | "throws" | "silent";

export interface Verdict {
  readonly fact: Fact;
  readonly outcome: Outcome;
  readonly note: string;
}

const MARK = "@result ";
const FACT_MS_MAX = 8_000;

export function wrap(fact: Fact): string {
  const head = `function done(value) { console.log(${JSON.stringify(MARK)} + JSON.stringify(value === undefined ? null : value)); }\n`;
  if (fact.form === "top") return `${head}${fact.code}\n`;
  if (fact.form === "async") return `${head}(function () {\n${fact.code}\n})();\n`;
  return `${head}done((function () {\n${fact.code}\n})());\n`;
}

export async function compile(text: string): Promise<{ code: string; problems: readonly string[] }> {
  let code: string;
  let map: string;
  try {
    const bundled = await build({
      ...bundleOptions,
      stdin: { contents: text, sourcefile: "fact.js", loader: "js", resolveDir: tmpdir() },
      write: false,
      logLevel: "silent",
      packages: "external",
      outfile: "out.js",
    });
    map = bundled.outputFiles.find((file) => file.path.endsWith(".map"))?.text ?? "";
    code = bundled.outputFiles.find((file) => file.path.endsWith(".js"))?.text ?? "";
  } catch (error) {
    return { code: "", problems: [`bundle: ${String(error).split("\n")[1] ?? String(error)}`] };
  }
  const lowered = lower({ code, map: JSON.parse(map) as EncodedSourceMap });
  if (lowered.problems.length > 0) {
    return {
      code: lowered.code,
      problems: lowered.problems.map(
        (one) => `${one.code} ${one.where?.file}:${one.where?.line}:${one.where?.column} ${one.message}`,
      ),
    };
  }
  const small = await transform(lowered.code, { ...minifyOptions, sourcemap: "external" });
  return {
    code: finish({ code: small.code, map: JSON.parse(small.map) as EncodedSourceMap }).code,
    problems: [],
  };
}

export function run(command: string, file: string, timeoutMs = FACT_MS_MAX): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, [file], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const stop = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.on("error", (error) => resolve(String(error)));
    child.on("close", () => {
      clearTimeout(stop);
      resolve(output);
    });
  });
}

export function resultIn(output: string): string | undefined {
  // The prompt may stand before a line that a timer prints.
  const found = output.split(/\r?\n/).find((one) => one.startsWith(MARK) || one.includes(`\u001b[J${MARK}`));
  return found?.slice(found.indexOf(MARK) + MARK.length);
}

/** Finds the interpreter's complaint after its banner. */
function complaintIn(output: string): string {
  const at = output.search(/Uncaught|ERROR|Execution/);
  return (at < 0 ? output.slice(-200) : output.slice(at, at + 250)).replace(/\s+/g, " ");
}

/** Numbers may differ in the digits that the interpreter does not print, as the table of differences says. */
export function same(one: unknown, other: unknown): boolean {
  if (typeof one === "number" && typeof other === "number") {
    return one === other || Math.abs(one - other) <= Math.abs(other) * 1e-9;
  }
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object")
    return one === other;
  const keys = Object.keys(one);
  if (Array.isArray(one) !== Array.isArray(other) || keys.length !== Object.keys(other).length) return false;
  return keys.every((key) =>
    same((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}

export async function judge(fact: Fact, folder: string, index: number): Promise<Verdict> {
  const text = wrap(fact);
  let expected = fact.expected;
  if (expected === undefined) {
    const plain = join(folder, `${index}.plain.cjs`);
    writeFileSync(plain, text);
    expected = resultIn(await run(process.execPath, plain));
    if (expected === undefined) return { fact, outcome: "throws", note: "Node gives no result" };
  }
  let compiled: { code: string; problems: readonly string[] };
  try {
    compiled = await compile(text);
  } catch (error) {
    return { fact, outcome: "throws", note: `build: ${String((error as Error).stack).slice(0, 300)}` };
  }
  if (compiled.problems.length > 0) return { fact, outcome: "refused", note: compiled.problems[0] ?? "" };
  const file = join(folder, `${index}.js`);
  writeFileSync(file, compiled.code);
  const output = await run("espruino", file);
  const result = resultIn(output);
  if (result === undefined) return { fact, outcome: "throws", note: complaintIn(output) };
  let right = false;
  try {
    right = same(JSON.parse(result), JSON.parse(expected));
  } catch {
    right = result === expected;
  }
  return {
    fact,
    outcome: right ? "right" : "silent",
    note: right ? "" : `got ${result}, expected ${expected}`,
  };
}

export async function judgeAll(facts: readonly Fact[], workers = 2): Promise<Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), "facts-"));
  const verdicts: Verdict[] = new Array<Verdict>(facts.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < facts.length) {
      const index = next++;
      verdicts[index] = await judge(facts[index] as Fact, folder, index);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  rmSync(folder, { recursive: true, force: true });
  return verdicts;
}

export function count(verdicts: readonly Verdict[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { right: 0, refused: 0, throws: 0, silent: 0 };
  for (const { outcome } of verdicts) counts[outcome]++;
  return counts;
}
