import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hasProgram } from "../../fixtures/programs.ts";
import { judge } from "../../language/fact-runner.ts";

const folder = mkdtempSync(join(tmpdir(), "everyday-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each was once another thing on the interpreter than on Node. */
const snippets: Record<string, string> = {
  "a setter reached by super":
    "class T { set v(x) { this.w = x * 2 } } class U extends T { set v(x) { super.v = x + 1 } } const u = new U(); u.v = 3; return u.w;",
  "super assigned where no setter is":
    "class T {} class U extends T { set(x) { super.v = x; return this.v } } return new U().set(4);",
  "a getter beside a spread":
    "const o = { ...{ a: 3 }, get d() { return this.a + 1 } }; o.a = 9; return [o.d, { ...o }];",
  "a private getter": "class A { get #n() { return 4 } m() { return this.#n + 1 } } return new A().m();",
  "a getter whose key is no name": 'const o = { get "a-b"() { return 7 } }; return o["a-b"];',
  "a name of one case in another":
    "const f = (n) => { const s = []; switch (n) { case 1: s.push(1); case 2: let q = 5; s.push(q); case 3: q++; s.push(q); } return s }; return [f(1), f(2)];",
  "kinds of errors that are errors":
    'const out = []; for (const f of [() => { throw new TypeError("t") }, () => JSON.parse("{"), () => missing]) try { f() } catch (e) { out.push(e instanceof Error) } return out;',
  "templates with characters beyond ASCII":
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code of a program
    'const a = "x"; const s = `${a}→b`; const w = "…"; return [s === "x→b", s.indexOf("→"), `${w}` === "…"];',
};

describe.skipIf(!hasProgram("espruino"))("on the interpreter as on Node", () => {
  test.each(Object.entries(snippets))("%s", async (name, code) => {
    const { outcome, note } = await judge({ name, code }, folder, Object.keys(snippets).indexOf(name));
    expect([outcome, note]).toEqual(["right", ""]);
  });
});
