import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { bundleOptions } from "../../../host/build/bundling/minify-options.ts";
import { GLOBAL_FILLS } from "../../../host/build/lower/fills/global-sources.ts";
import { type LowerInput, lower } from "../../../host/build/lower/lower.ts";
import { PASSES, type Pass } from "../../../host/build/lower/passes.ts";
import type { EncodedSourceMap } from "../../../host/build/program/script.ts";

const FOLDER = join(import.meta.dirname, "../../../host/build/lower");
const names = PASSES.map(({ name }) => name);
const constraints = PASSES.flatMap(({ name, after = {} }) =>
  Object.entries(after).map(([earlier, reason]) => ({ name, earlier, reason })),
);

function workOf(pass: Pass): unknown {
  return "visitor" in pass ? pass.visitor : pass.rewrite;
}

/** Paths of the lowering's files, with the text of each. */
function files(): Map<string, string> {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  return new Map(paths.map((path) => [join(FOLDER, path), readFileSync(join(FOLDER, path), "utf8")]));
}

describe("the table of passes", () => {
  test("has a unique name for each pass", () => {
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });

  test("has a reason for each pass and for each constraint, as a sentence", () => {
    const reasons = [...PASSES, ...constraints].map(({ reason }) => reason);
    expect(reasons.filter((reason) => !/^\S.{20,}\.$/.test(reason))).toEqual([]);
  });

  test("names in `after` only passes that stand before", () => {
    const wrong = constraints.filter(({ name, earlier }) => {
      const at = names.indexOf(earlier);
      return at < 0 || at >= names.indexOf(name);
    });
    expect(wrong).toEqual([]);
  });

  test("uses each visitor of the folder in exactly one pass", async () => {
    const visitors: unknown[] = [];
    for (const path of files().keys()) {
      const module = (await import(path)) as Record<string, unknown>;
      for (const [name, value] of Object.entries(module)) if (/Visitor$/.test(name)) visitors.push(value);
    }
    const works = PASSES.map(workOf);
    expect(visitors.length).toBeGreaterThan(20);
    expect(new Set(works).size).toBe(works.length);
    expect(visitors.filter((visitor) => !works.includes(visitor))).toEqual([]);
  });

  test("reaches every file of the folder", () => {
    const texts = files();
    const imported = new Set(
      [...texts].flatMap(([path, text]) =>
        [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, target]) => resolve(dirname(path), target as string)),
      ),
    );
    const orphans = [...texts.keys()].filter((path) => !imported.has(path));
    expect(orphans.map((path) => path.slice(FOLDER.length + 1))).toEqual(["lower.ts"]);
  });
});

async function bundled(text: string): Promise<LowerInput> {
  const built = await build({
    ...bundleOptions,
    stdin: { contents: text, sourcefile: "app.js", loader: "js" },
    write: false,
    outfile: "out.js",
  });
  const textOf = (end: string) => built.outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
  return { code: textOf("out.js"), map: JSON.parse(textOf(".map")) as EncodedSourceMap };
}

/** The table with the pass `earlier` moved behind the pass `name`. */
function swapped(name: string, earlier: string): Pass[] {
  const moved = PASSES.find((pass) => pass.name === earlier) as Pass;
  const others = PASSES.filter((pass) => pass !== moved);
  others.splice(others.findIndex((pass) => pass.name === name) + 1, 0, moved);
  return others;
}

function outcome(input: LowerInput, passes?: readonly Pass[]): string {
  try {
    return lower(input, passes).code;
  } catch (error) {
    return `throws: ${String(error)}`;
  }
}

/** For each constraint a program, and what is seen in its lowered code only where the two passes are swapped. */
const examples: Record<string, readonly [program: string, sign: RegExp]> = {
  "number-texts after inline-constants": [
    "const SHARE = 0.1;\nprint(SHARE.toFixed(2));",
    /print\(0\.1\.toFixed/,
  ],
  "regex-literals after inline-constants": [
    'const DOUBLE = "a{2}";\nprint(new RegExp(DOUBLE).test("aa"));',
    /\$RegExp\("a\{2\}"\)/,
  ],
  "text-calls after regex-literals": ["const r = /a?(b)?/;\nprint(x.match(r));", /print\(x\.match/],
  "parameters after classes": [
    "class A { x = 5; f = (...list) => this.x + list.length; }\nprint(new A().f(1));",
    /var \$this2;/,
  ],
  "destructuring after parameters": [
    "function f({ a }) { return a; }\nprint(f({ a: 1 }));",
    /var \{\s*a\s*\} =/,
  ],
  "errors after destructuring": ["try { f(); } catch (e) { const { name } = e; print(name); }", /^try/],
  "accessor-uses after classes": [
    "class A { set #x(v) {} f() { return (this.#x = g()); } }\nnew A().f();",
    /return this\[.*\] = g\(\)/,
  ],
  "accessor-uses after operators": ["const o = { set x(v) {} };\nprint((o.x ||= f()));", /^throws/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
  "templates after byte-strings": ["print(`${x}\\xff`);", /"" \+ x/],
  "collections after classes": [
    "class A { constructor(...list) { this.list = list; } }\nclass B extends A { constructor(...list) { super(...list); } }\nprint(new B(1).list);",
    /\[\.\.\.list\]/,
  ],
  "collections after operators": ["print(f?.(...x));", /f\(\.\.\.x\)/],
  "loops after destructuring": ["for (const [a] of x) setTimeout(() => print(a));", /let a = \$a;/],
  "loops after labels": ["function* g() { yield 1; }\na: for (const x of g()) for (;;) break a;", /break a;/],
  "finally after labels": [
    "a: for (;;) { for (;;) { try { break a; } finally { f(); } } }",
    /^(?![\s\S]*\$jump)/,
  ],
  "suspending-functions after parameters": [
    "async function f(a = b()) { await a; }\nf();",
    /\) a = b\(\);\s*return \$async/,
  ],
  "suspending-functions after destructuring": [
    "async function f(x) { const { a = await x } = {}; return a; }\nf();",
    /^throws/,
  ],
  "suspending-functions after operators": ["async function f(x) { x.y ??= await x; }\nf();", /^throws/],
  "suspending-functions after labels": [
    "async function f(x) { a: for (;;) for (;;) { await x; break a; } }\nf();",
    /^throws/,
  ],
  "suspending-functions after loops": [
    "async function f(x) { for await (const y of x) print(y); }\nf();",
    /\(\) => \{[^}]*await/,
  ],
  "own-arguments after parameters": [
    "function f() { print(arguments.length); return function (...list) { return list; }; }\nf();",
    /list = \[\]\.slice\.call\(arguments\)/,
  ],
  "lexical-this after suspending-functions": [
    "class A { async f() { await 1; return () => this.x; } }\nnew A().f();",
    /\(\) => this\.x/,
  ],
  "fills after corrections": ["print(x[Symbol.iterator]);", /x\[\$Symbol\.iterator\]/],
  "fills after classes": ['class E extends RangeError {}\nprint(new E("a").name);', /\$RangeError\.apply/],
  "fills after destructuring": ['const { from } = Array;\nprint(from("ab"));', /^var from = Array\.from;/],
  "const-to-let after loops": ["for (const k of x) setTimeout(() => print(k));", /const \$k of/],
  "prelude after fills": ["print(Object.is(1, x));", /^print/],
  "exact-decimals after inline-constants": ["const PART = 0.3;\nprint(PART);", /PART = 3 \/ "10"/],
  "start-only after prelude": ["print([...x]);", /print\(\$items\(x\)\);$/],
  "start-only after inline-calls": [
    "function f(a) { let b = a; print(b); }\nfunction g() { f(1); }\ng();\ng();",
    /delete f;/,
  ],
  "hidden-keys after classes": [
    "class A { #x = 1; get() { return this.#x; } }\nprint(new A().get());",
    /\$hide\(this, "\\xFFx", 1\)/,
  ],
  "hidden-keys after prelude": ["print(new Map());", /this\["\\xff"\]/],
};

describe("the order of passes", () => {
  test("has an example for each constraint", () => {
    expect(Object.keys(examples)).toEqual(constraints.map(({ name, earlier }) => `${name} after ${earlier}`));
  });

  test.each(Object.entries(examples))(
    "%s: the other order gives another program",
    async (constraint, example) => {
      const [text, sign] = example;
      const [name = "", earlier = ""] = constraint.split(" after ");
      const input = await bundled(text);
      expect(outcome(input)).not.toMatch(sign);
      expect(outcome(input, swapped(name, earlier))).toMatch(sign);
    },
  );
});

describe("the prelude", () => {
  test.each([...GLOBAL_FILLS])(
    "has what stands in for %s, and gives it to a program that names it",
    async (name, helper) => {
      const { code } = lower(await bundled(`print(typeof ${name}, ${name});`));
      expect(code).toContain(helper);
      expect(code).toMatch(new RegExp(`(var|function) \\${helper}\\b`));
    },
  );
});
