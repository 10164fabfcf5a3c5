import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { build, transform } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { bundleOptions, finish, minifyOptions } from "../../../host/build/bundling/minify-options.ts";
import { type LowerOutput, lower } from "../../../host/build/lower/lower.ts";
import type { EncodedSourceMap } from "../../../host/build/program/script.ts";

const folder = mkdtempSync(join(tmpdir(), "lower-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const present = spawnSync("espruino", ["--help"]).error === undefined;
if (!present) console.log("Byte strings on the interpreter are skipped: no espruino on PATH.");

async function bundle(
  text: string,
  loader: "js" | "ts" = "ts",
): Promise<{ code: string; map: EncodedSourceMap }> {
  const built = await build({
    ...bundleOptions,
    stdin: { contents: text, sourcefile: `app.${loader}`, loader, resolveDir: folder },
    absWorkingDir: folder,
    packages: "external",
    write: false,
    outfile: "out.js",
  });
  const textOf = (end: string) => built.outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
  return { code: textOf("out.js"), map: JSON.parse(textOf(".map")) as EncodedSourceMap };
}

async function lowered(text: string): Promise<LowerOutput> {
  return lower(await bundle(text));
}

async function small(text: string): Promise<{ code: string; map: EncodedSourceMap }> {
  const output = await lowered(text);
  expect(output.problems).toEqual([]);
  const made = await transform(output.code, { ...minifyOptions, sourcemap: "external" });
  return finish({ code: made.code, map: JSON.parse(made.map) as EncodedSourceMap });
}

describe("a refusal", () => {
  test.each([
    ["let n = 1;\nconsole.log(new Proxy({}, {}), n);\n", "MK1243", 2, 17],
    ["const ok = 1;\n\nconsole.log(ok, 10n);\n", "MK1241", 3, 17],
    ["function f() {\n  console.log(x);\n  let x = 1;\n  return x;\n}\nf();\n", "MK1242", 2, 15],
    ["function f(a = b, b) {\n  return a;\n}\nf();\n", "MK1242", 1, 16],
    ["const f = ({ a = a }) => a;\nf({});\n", "MK1242", 1, 18],
    ["{\n  let x = 1 + x;\n  console.log(x);\n}\n", "MK1242", 2, 15],
    ["{\n  class A extends A {}\n  console.log(A);\n}\n", "MK1242", 2, 19],
    ["for (const x of [x]) console.log(x);\n", "MK1242", 1, 18],
    ['"use strict";\n[nowhere] = [1];\n', "MK1242", 2, 2],
    ["const f = function g() {\n  g = 1;\n};\nf();\n", "MK1245", 2, 3],
    ["class A {}\nconsole.log(Reflect.has(A, 'b'),\n  A());\n", "MK1250", 3, 3],
    ["const d = Object.create(null);\nconsole.log(d);\n", "MK1245", 1, 11],
    ["const s = 'a';\nconsole.log(/\\p{L}/u.test(s));\n", "MK1246", 2, 13],
    ["const code = String(Math.random());\nconsole.log(eval(code));\n", "MK1249", 2, 13],
  ])("of %j is %s at the place in the source", async (text, code, line, column) => {
    const { problems } = await lowered(text);
    expect(problems.map((one) => [one.code, one.where?.line, one.where?.column])).toEqual([
      [code, line, column],
    ]);
    expect(problems[0]?.where?.file).toMatch(/app\.ts$/);
    expect(problems[0]?.remedy).toBeTruthy();
  });
});

describe("plain code", () => {
  const PLAIN = [
    "function Sensor(pin) {\n  this.pin = pin;\n}",
    "Sensor.prototype.read = function() {\n  return analogRead(this.pin) * 3.3;\n};",
    "class Blinker {\n  constructor(pin) {\n    this.pin = pin;\n  }\n  toggle() {\n    this.pin.set(!this.pin.read());\n  }\n}",
    "let total = 0;",
    "for (const value of [1, 2, 3]) {\n  total += value ?? 0;\n}",
    "for (let i = 0; i < 3; i++) {\n  total += i;\n}",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    "const text = `total ${total}`;",
    "setInterval(() => console.log(text), 1e3);",
    "module.exports = { Sensor, Blinker };",
  ].join("\n");

  test("costs no byte more than the minifier alone makes of it, and needs no helper", async () => {
    const bundled = await bundle(PLAIN, "js");
    const output = lower(bundled);
    expect(output.problems).toEqual([]);
    expect(output.code).not.toContain("function $");
    const [own, alone] = await Promise.all(
      [output.code, bundled.code].map(async (code) => (await transform(code, minifyOptions)).code),
    );
    expect(own?.length).toBeLessThanOrEqual(alone?.length ?? 0);
  });

  test("has its constants in place of their names, and branches that can't be taken fall away", async () => {
    const source =
      'const LIMIT = 40_000;\nconst HAS_SENSOR = false;\nvar late = 7;\nif (HAS_SENSOR) print("gone");\nprint(LIMIT, late);\n';
    expect((await small(source)).code.trim()).toMatch(/^var (\w)=7;print\(4e4,\1\);$/);
  });

  test("has short strings in place of their names, and a long one once", async () => {
    const long = "a text that many would repeat at a cost";
    const source = `const MARK = "~mk ";\nconst TEXT = "${long}";\nsetInterval(() => print(MARK, MARK, TEXT, TEXT), 9);`;
    expect((await small(source)).code.trim()).toMatch(
      new RegExp(`^var (\\w)="${long}";setInterval\\(\\(\\)=>print\\("~mk ","~mk ",\\1,\\1\\),9\\);$`),
    );
  });

  test("has the value of a `let` that is never assigned, and no code that depends on another value", async () => {
    const source = `let plugin;\nlet limit = 7;\nlet count = 0;\nif (plugin) plugin.run();\nfunction plug(next) { plugin = next; }
setInterval(() => print(plugin && plugin.name, limit, count++), 10);`;
    expect((await small(source)).code).toMatch(/print\(void 0,7,\w\+\+\)/);
  });
});

describe("what only the start of a program needs", () => {
  test.each([
    [
      "functions that it calls, and their callees",
      "function a() { b(); b(); }\nfunction b() { print(1); }\na();",
      "a b",
    ],
    ["a function that calls itself", "function a(n) { if (n) a(n - 1); }\na(3);", "a"],
    ["arrays and objects", "const names = [1, 2];\nconst own = { x: 1 };\nprint(names, own.x);", "names own"],
    ["but for a function that a timer calls", "const a = () => print(1);\nsetInterval(() => a(), 9);", ""],
    [
      "but for a function that is handed over",
      "function a() { b(); }\nfunction b() {}\nsetTimeout(a, 9);",
      "",
    ],
    ["but for what a class calls", "function a() {}\nclass T {\n  m() { a(); }\n}\nglobal.t = new T();", ""],
    [
      "but for what a class is made with",
      "const own = { x: 1 };\nclass T {\n  y = own.x;\n}\nglobal.t = new T();",
      "",
    ],
    ["but for an object in use later", "const own = { x: 1 };\nsetInterval(() => print(own.x), 9);", ""],
    [
      "but for what has another value later",
      "let a = () => b();\nfunction b() {}\na();\nsetTimeout(() => (a = print), 9);",
      "",
    ],
    [
      "but for what a function calls that has another value later",
      "function a() { b(); }\nfunction b() {}\nsetTimeout(() => a(), 9);\na = print;",
      "",
    ],
    [
      "but for what nobody uses, which the minifier drops",
      "function a() { b(); }\nfunction b() {}\nprint(1);",
      "",
    ],
  ])("is freed at its end: %s", async (_title, text, names) => {
    const { code } = await lowered(text);
    expect([...code.matchAll(/^delete (\w+);$/gm)].map(([, name]) => name).join(" ")).toBe(names);
  });
});

describe("a helper", () => {
  test("is included once, however often it is used", async () => {
    const { code } = await lowered(
      "const a = { ...b(), ...c() }, d = { ...b() };\nfunction b() { return { x: 1 } }\nfunction c() { return a }\nconsole.log(d);",
    );
    expect(code.match(/function \$merge\(/g)).toHaveLength(1);
  });

  test("is not included for a member with the same name: Object.keys is not [].keys", async () => {
    const { code } = await lowered("console.log(Object.keys({ a: 1 }), Object.values({ a: 1 }));");
    expect(code).not.toContain("function $");
  });

  test("does not come unused", async () => {
    const { code } = await lowered("console.log([1, 2].map((x) => x * 2));");
    expect(code).not.toContain("$");
  });
});

describe("the source map", () => {
  test("leads through lowering, minifying and finishing to the line of the source", async () => {
    const text =
      'const bytes = "\\xff\\xfe";\nasync function load(id: number) {\n  const value = await fetchIt(id);\n  throw new Error("here" + value + bytes);\n}\ndeclare const fetchIt: (id: number) => Promise<number>;\nload(1);\n';
    const inner = await lowered(text);
    const at = (code: string, what: string): { line: number; column: number } => {
      const lines = code.split("\n");
      const line = lines.findIndex((one) => one.includes(what));
      return { line: line + 1, column: (lines[line] ?? "").indexOf(what) };
    };
    const first = originalPositionFor(new TraceMap(inner.map as never), at(inner.code, '"here"'));
    expect([first.line, first.column]).toEqual([4, 18]);
  });

  test("is shifted where bytes are written as escapes", () => {
    const map = { version: 3, sources: ["a.js"], names: [], mappings: "AAAA,GAAG,GAAG" } as EncodedSourceMap;
    const output = finish({ code: '"\uee80"+b', map });
    expect(output.code).toBe('"\\x80"+b');
    expect(originalPositionFor(new TraceMap(output.map as never), { line: 1, column: 6 }).column).toBe(3);
  });
});

describe("string literals", () => {
  test("hold bytes where written as \\x, and text where typed", async () => {
    const { code } = await small('console.log("\\xff\\x80", "é€", "\\u20ac", `\\xfe`);');
    expect(code).toContain('"\\xff\\x80","é€","€"');
    expect(code).toContain("\\xfe");
  });

  test("keep ${ of a text out of templates", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    const { code } = await small("console.log(`a\\n\\n\\n\\${b}`);");
    expect(code).not.toContain("\\${");
  });

  test.skipIf(!present)("have one unit a byte and UTF-8 on the interpreter", async () => {
    const { code } = await small(
      'console.log("@", "\\xff\\x80".length, "\\xff".charCodeAt(0), E.toUint8Array("é€").length, "é€");\ndeclare const E: any;',
    );
    const file = join(folder, "bytes.js");
    writeFileSync(file, code);
    const output = spawnSync("espruino", [file]).stdout.toString("utf8");
    expect(output).toContain("@ 2 255 5 é€");
  });
});

describe("an async function", () => {
  const one = (n: number) =>
    `async function load${n}(id) { try { const a = await connect(id, ${n}); const b = await a.read(${n}); const c = await b.parse(); return c.value } catch (e) { console.log("failed", e); return null } }\nexpose(load${n});\n`;
  const size = async (text: string) =>
    (await small(`declare const expose: any, connect: any;\n${text}`)).code.length;

  const sleep = "const sleep = (ms) => new Promise((r) => setTimeout(r, ms));\nexpose(sleep);\n";

  test("with three awaits and a try costs 900 bytes at first and 280 from then on, runtime and all", async () => {
    const none = await size("expose(1);\n");
    const first = await size(`expose(1);\n${one(1)}`);
    const second = await size(`expose(1);\n${one(1)}${one(2)}`);
    expect(first - none).toBeLessThanOrEqual(900);
    expect(second - first).toBeLessThanOrEqual(280);
  });

  test("costs 270 bytes more with a promise of a timer, and 270 more where a promise is chained", async () => {
    const first = await size(`expose(1);\n${one(1)}`);
    const timed = await size(`expose(1);\n${one(1)}${sleep}`);
    const chained = await size(`expose(1);\n${one(1)}${sleep}load1(1).then(expose);\n`);
    expect(timed - first).toBeLessThanOrEqual(270);
    expect(chained - timed).toBeLessThanOrEqual(270);
  });
});
