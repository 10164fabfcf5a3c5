import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lower } from "../../../host/build/lower/lower.ts";
import { hasProgram } from "../../fixtures/programs.ts";
import { judge } from "../../language/fact-runner.ts";

const folder = mkdtempSync(join(tmpdir(), "inline-calls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each logs by `note` what runs, and says by `done` what came of it; `f` is the function in question. */
const HEAD = "const log = [];\nfunction note(x) { log.push(x); return x; }\n";

/** The programs by title, and whether `f` is gone from each. */
const programs: Record<string, readonly [code: string, isGone: boolean]> = {
  "a function called in one place": [
    "function f(a, b) { const sum = a + b; note(sum); }\nfunction g(a) { f(a, note(2)); note(3); }\ng(1); g(5); done(log);",
    true,
  ],
  "one whose value is returned, early or not at all": [
    "function f(a) { if (a > 1) return note('large'); note('small'); }\nfunction g(a) { if (a) return f(a); return 0; }\ndone([g(0), g(1), g(2), log]);",
    true,
  ],
  "one that ends early, as the last act of its caller": [
    "function f(a) { if (a) return; note('none'); }\nfunction g(a) { note(a); f(a); }\ng(0); g(1); done(log);",
    true,
  ],
  "one that ends early, where more is to come": [
    "function f(a) { if (a) return; note('none'); }\nfunction g(a) { f(a); note('more'); }\ng(0); g(1); done(log);",
    false,
  ],
  "one with a value, as the last act of a caller without": [
    "function f(a) { return note(a); }\nfunction g(a) { f(a); }\ndone([g(1) === undefined, g(2) === undefined, log]);",
    false,
  ],
  "names of its own that are its caller's too": [
    "function f(b, a) { const c = a; a = b; note([a, b, c]); }\nfunction g(a, b) { const c = 7; f(a, b); note([a, b, c]); }\ng(1, 2); g(3, 4); done(log);",
    true,
  ],
  "a name of the top level that is another in its caller": [
    "const limit = [3];\nfunction f() { note(limit); }\nfunction g(limit) { f(); note(limit); }\ng(1); g(2); done(log);",
    false,
  ],
  "arguments in their order, and one that is missing": [
    "function f(a, b, c) { note([b, a, c]); }\nfunction g() { f(note(1), note(2)); }\ng(); g(); done(log);",
    true,
  ],
  "more arguments than parameters": [
    "function f(a) { note(a); }\nfunction g() { f(1, note(2)); }\ng(); g(); done(log);",
    false,
  ],
  "a call in a loop: what it declares is new each time": [
    "function f(n, first) { let seen; if (n === first) seen = n; note(seen); }\nfunction g() { for (let i = 0; i < 3; i++) { f(i, 1); } }\ng(); g(); done(log);",
    true,
  ],
  "an exception, and what is done in the end": [
    "function f(a) { if (a) throw new Error('no'); note('done'); }\nfunction g(a) { try { f(a); } catch (error) { note(error.message); } finally { note('end'); } }\ng(0); g(1); done(log);",
    true,
  ],
  "functions called one by the other": [
    "function f(a) { note(a); }\nfunction h(a) { f(a + 1); note('h'); }\nfunction g(a) { h(a); note('g'); }\ng(1); g(2); done(log);",
    true,
  ],
  "a function that calls itself": [
    "function f(n) { note(n); if (n) { f(n - 1); } }\nfunction g() { f(2); }\ng(); g(); done(log);",
    false,
  ],
  "a function called in two places": [
    "function f(a) { note(a); }\nfunction g() { f(1); }\nfunction h() { f(2); }\ng(); h(); g(); h(); done(log);",
    false,
  ],
  "a function that is handed over": [
    "function f(a) { note(a); }\nfunction g() { [1, 2].forEach(f); }\ng(); g(); done(log);",
    false,
  ],
  "a function with another inside": [
    "function f(a) { [1].forEach((x) => note(x + a)); }\nfunction g(a) { f(a); }\ng(1); g(2); done(log);",
    false,
  ],
  "a function with another value later": [
    "function f(a) { note(a); }\nfunction g(a) { f(a); }\ng(1); f = (a) => note(-a); g(2); done(log);",
    false,
  ],
  "`this` and `arguments`": [
    "function f() { note([typeof this, arguments.length]); }\nfunction g() { f(1, 2); }\ng(); g(); done(log.length);",
    false,
  ],
};

describe("calls in one place", () => {
  test.each(Object.entries(programs))("%s", (_title, [code, isGone]) => {
    const output = lower({ code: HEAD + code });
    expect(output.problems).toEqual([]);
    expect(/function f\(/.test(output.code)).toBe(!isGone);
  });
});

describe.skipIf(!hasProgram("espruino"))("calls in one place, on the interpreter as on Node", () => {
  test.each(Object.entries(programs))("%s", async (name, [code]) => {
    const fact = { name, code: HEAD + code, form: "top" } as const;
    const { outcome, note } = await judge(fact, folder, Object.keys(programs).indexOf(name));
    expect([outcome, note]).toEqual(["right", ""]);
  });
});
