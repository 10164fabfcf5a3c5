/** Tests of npm packages and of lines that an author lets pass: code that never runs must not refuse a program. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { type BuildResult, buildFirmware } from "../../host/build/build.ts";
import { MotekitError, type Problem } from "../../host/errors.ts";
import { hasProgram } from "../fixtures/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-packages-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** An npm package with one file of CommonJS. */
function addPackage(name: string, text: string): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
  write(`node_modules/${name}/index.js`, text);
}

function build(entry: string): Promise<BuildResult> {
  return buildFirmware({ entry, board: loadBoard("linux") });
}

async function codesOf(entry: string): Promise<string[]> {
  const failure = await build(entry).catch((error: unknown) => error);
  if (!(failure instanceof MotekitError)) throw new Error(`expected a MotekitError, got ${String(failure)}`);
  return failure.problems.map(({ code, where }) => `${code} ${where?.line}`);
}

function printed(app: Uint8Array): string {
  const file = join(folder, "app.js");
  writeFileSync(file, Buffer.concat([app, Buffer.from("\nquit();\n")]));
  const text = execFileSync("espruino", [file], { encoding: "latin1" });
  return /<([^>]*)>/.exec(text)?.[1] ?? text;
}

describe("branches for other engines", () => {
  const asks: [string, string, string][] = [
    [
      "a package that looks for the global object of browsers",
      '!function (root, make) { "object" == typeof exports && "undefined" != typeof module ? module.exports = make() : (root = "undefined" != typeof globalThis ? globalThis : root || self).thing = make(); }(this, function () { return { value: 7 }; });',
      "7",
    ],
    [
      "a branch for BigInt",
      'exports.value = typeof BigInt === "undefined" ? 1 : Number(BigInt(2) ** BigInt(3));',
      "1",
    ],
    [
      "a function that only a branch for browsers calls",
      'function inBrowser() { return new Proxy(window, {}); }\nif (typeof window !== "undefined") { exports.value = inBrowser(); } else { exports.value = 2; }',
      "2",
    ],
    [
      "a branch that declares a variable for the whole function",
      'exports.value = (function () { if (typeof document !== "undefined") { var found = document.title; } return typeof found; })();',
      "undefined",
    ],
  ];
  test.each(asks)("%s is built without a warning", async (name, text, value) => {
    const id = name.replace(/\W+/g, "-");
    addPackage(id, text);
    const { app, warnings } = await build(
      write("branches.js", `var it = require(${JSON.stringify(id)}); print("<" + it.value + ">");\n`),
    );
    expect(warnings).toEqual([]);
    if (hasProgram("espruino")) expect(printed(app)).toBe(value);
  });

  test("a program that makes such a global itself keeps its branch", async () => {
    const { app } = await build(
      write(
        "own-window.js",
        'window = { v: 3 };\nif (typeof window !== "undefined") print("<" + window.v + ">");\n',
      ),
    );
    expect(Buffer.from(app).toString()).toContain("typeof");
    if (hasProgram("espruino")) expect(printed(app)).toBe("3");
  });
});

describe("members that are asked for before they are used", () => {
  test.each([
    ["by if", "if (Object.getOwnPropertySymbols) list = Object.getOwnPropertySymbols(o);"],
    ["by &&", "Error.captureStackTrace && Error.captureStackTrace(o);"],
    ["by ?:", "list = Object.getOwnPropertySymbols ? Object.getOwnPropertySymbols(o) : list;"],
    ["by in", 'if ("captureStackTrace" in Error) Error.captureStackTrace(o);'],
    ["by an optional call", "Error.captureStackTrace?.(o);"],
    [
      "by typeof",
      'if (typeof Object.getOwnPropertySymbols === "function") list = Object.getOwnPropertySymbols(o);',
    ],
    [
      "by a comparison",
      "if (Object.getOwnPropertySymbols !== undefined) list = Object.getOwnPropertySymbols(o);",
    ],
  ])("%s are not refused", async (_, line) => {
    const { app } = await build(
      write("asked.js", `var o = {}, list = [4];\n${line}\nprint("<" + list[0] + ">");\n`),
    );
    if (hasProgram("espruino")) expect(printed(app)).toBe("4");
  });
});

describe("a test for a name counts only for its own file:", () => {
  test("a test in a package does not allow the name in the project", async () => {
    addPackage("asking", "exports.mode = typeof URL !== 'undefined' ? 1 : 2;\n");
    const entry = write(
      "not-asking.js",
      'var it = require("asking");\nprint(it.mode);\nprint(new URL("http://x"));\n',
    );
    expect(await codesOf(entry)).toContain("MK1243 3");
  });

  test("a test for a member of another object is not a test for a member of Object", async () => {
    const entry = write(
      "door.js",
      "var door = { seal: 1 };\nif (door.seal) print(1);\nprint(Object.seal({}));\n",
    );
    expect(await codesOf(entry)).toEqual(["MK1244 3"]);
  });
});

describe("a branch that is folded keeps what it does", () => {
  test("a function that it chooses is called without an object", async () => {
    const { app } = await build(
      write(
        "callee.js",
        'var api = { name: "api", get: function () { return this === api ? "api" : "none"; } };\nprint("<" + (typeof window !== "undefined" ? window.get : api.get)() + ">");\n',
      ),
    );
    if (hasProgram("espruino")) expect(printed(app)).toBe("none");
  });

  test.each([
    ["by a key in quotes", 'globalThis["fetch"] = function () { return 3; };'],
    ["by Object.assign", "Object.assign(globalThis, { fetch: function () { return 3; } });"],
  ])("a global that the program makes %s keeps its branch", async (_, line) => {
    const { app } = await build(
      write("makes.js", `${line}\nif (typeof fetch !== "undefined") print("<" + fetch() + ">");\n`),
    );
    if (hasProgram("espruino")) expect(printed(app)).toBe("3");
  });
});

describe("what a package may never reach", () => {
  test("is a warning with its place, and the program is built", async () => {
    addPackage("rare", "exports.value = 5;\nexports.rare = function (o) {\n  return new Proxy(o, {});\n};\n");
    const { app, warnings } = await build(
      write("rare.js", 'var it = require("rare"); print("<" + it.value + ">");\n'),
    );
    const where = { file: join(folder, "node_modules/rare/index.js"), line: 3, column: 14 };
    expect(warnings).toContainEqual(expect.objectContaining<Partial<Problem>>({ code: "MK1243", where }));
    if (hasProgram("espruino")) expect(printed(app)).toBe("5");
  });

  test("is an error in the project's own files", async () => {
    expect(await codesOf(write("own-rare.js", "print(1);\nprint(new Proxy({}, {}));\n"))).toContain(
      "MK1243 2",
    );
  });
});

describe("the comment motekit-allow", () => {
  test("lets the line below it pass, or its own", async () => {
    const { warnings } = await build(
      write(
        "allowed.js",
        "function rare(o) {\n  // motekit-allow MK1244 only called on the desktop\n  return Object.seal(o);\n}\nfunction other(o) {\n  return Object.seal(o); // motekit-allow MK1244 as above\n}\nprint(typeof rare, typeof other);\n",
      ),
    );
    expect(warnings).toEqual([]);
  });

  test("allows no other code, no other line, and nothing without a reason", async () => {
    expect(
      await codesOf(
        write(
          "not-allowed.js",
          "// motekit-allow MK1244\nprint(Object.seal({}));\n// motekit-allow MK1243 another code\nprint(Object.isSealed({}));\n\nprint(Object.seal({}));\nprint(1); // motekit-allow MK1244 for this line\nprint(Object.seal({}));\n",
        ),
      ),
    ).toEqual(["MK1244 2", "MK1244 4", "MK1244 6", "MK1244 8"]);
  });
});

describe("paths of tsconfig.json", () => {
  const main = () =>
    write(
      "aliased/src/main.ts",
      'import { one } from "@/parts/one";\nimport { two } from "~two";\nprint("<" + (one + two) + ">");\n',
    );

  test("lead to the same files as in an editor, relative to the configuration that has them", async () => {
    write("aliased/package.json", "{}");
    write(
      "aliased/base/tsconfig.json",
      '{ "compilerOptions": { "paths": { "@/*": ["../nowhere/*", "../src/*"], "~two": ["../lib/two"] } } }',
    );
    write("aliased/tsconfig.json", '{ "extends": "./base/tsconfig.json" /* comments are allowed */ }');
    write("aliased/src/parts/one.ts", "export const one: number = 40;\n");
    write("aliased/lib/two.ts", "export const two: number = 2;\n");
    const { app } = await build(main());
    if (hasProgram("espruino")) expect(printed(app)).toBe("42");
  });

  test("a module that no path leads to is reported as any other", async () => {
    write("aliased/tsconfig.json", "{}");
    expect((await codesOf(main())).filter((one) => one.startsWith("MK1220"))).toEqual([
      "MK1220 1",
      "MK1220 2",
    ]);
  });
});
