import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import vm from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { type BuildResult, buildFirmware } from "../../host/build/build.ts";
import { lower } from "../../host/build/lower/lower.ts";
import { MotekitError } from "../../host/errors.ts";
import { hasProgram } from "../fixtures/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-unsupported-"));
afterAll(() => rmSync(folder, { recursive: true }));

function build(name: string, text: string): Promise<BuildResult> {
  const entry = join(folder, name);
  writeFileSync(entry, text);
  return buildFirmware({ entry, board: loadBoard("linux") });
}

/** The code and place of each problem, in the order of the file. */
async function refusalsOf(name: string, text: string): Promise<string[]> {
  const failure = await build(name, text).catch((error: unknown) => error);
  if (!(failure instanceof MotekitError)) throw new Error(`expected a MotekitError, got ${String(failure)}`);
  for (const { where, remedy } of failure.problems) {
    expect(where?.file).toBe(join(folder, name));
    expect(remedy).toBeTruthy();
  }
  return failure.problems.map(({ code, where }) => `${code} ${where?.line}:${where?.column}`).sort();
}

async function printed(name: string, text: string): Promise<unknown[]> {
  const lines: unknown[] = [];
  const { app } = await build(name, text);
  writeFileSync(join(folder, "app.js"), Buffer.concat([app, Buffer.from("\nquit();\n")]));
  vm.runInNewContext(Buffer.from(app).toString("utf8"), { print: (line: unknown) => lines.push(line) });
  return lines;
}

/** What the app that was built last prints on the real interpreter, which does not throw for most of these by itself. */
function printedOnEspruino(): string | undefined {
  const output = execFileSync("espruino", [join(folder, "app.js")], { encoding: "latin1" });
  return /<(\w+)>/.exec(output)?.[1];
}

describe.each(["js", "ts"])("syntax that cannot be lowered, in a .%s file", (ending) => {
  const any = ending === "ts" ? ": any" : "";
  it.each([
    ["an accessor field", "class A {\n  accessor x = 1;\n}\nprint(new A().x);", ["MK1241 2:3"]],
    ["a static accessor field", "class A {\n  static accessor x = 1;\n}\nprint(A.x);", ["MK1241 2:3"]],
    [
      "decorators",
      `function d(v${any}, c${any}) { print(c); return v; }\n@d class A {\n  @d m() { return 1; }\n  @d f = 2;\n  @d get g() { return 1; }\n}\nprint(new A().m());`,
      ["MK1241 2:1", "MK1241 3:3", "MK1241 4:3", "MK1241 5:3"],
    ],
    ["using", "let a = 1;\n{\n  using x = null;\n  a = 3;\n}\nprint(a);", ["MK1241 3:3"]],
    ["using in a loop", "for (using x of [null]) print(x);", ["MK1241 1:1"]],
    ["await using", "async function f() {\n  await using x = null;\n  print(x);\n}\nf();", ["MK1241 2:3"]],
    ["Symbol.dispose", "const o = {\n  [Symbol.dispose]() {},\n};\nprint(o);", ["MK1244 2:4"]],
    ["import.meta", "print(1);\nconst meta = import.meta;\nprint(meta);", ["MK1241 2:14"]],
  ])("%s is refused with its place and a remedy", async (_, text, places) => {
    expect(await refusalsOf(`main.${ending}`, `${text}\nexport {};\n`)).toEqual(places);
  });
});

it("a literal that is not a regular expression is refused with its place", () => {
  const { problems } = lower({ code: "print(1);\nprint(/(/.test('a'));\n" });
  expect(problems.map(({ code, where }) => `${code} ${where?.line}:${where?.column}`)).toEqual([
    "MK1246 2:7",
  ]);
});

describe("a call with arguments known to throw builds, and throws when it runs:", () => {
  it.each([
    ["(1).toFixed(200)", "RangeError"],
    ["(1).toFixed(-1)", "RangeError"],
    ["(1.5).toPrecision(0)", "RangeError"],
    ["(1.5).toPrecision(101)", "RangeError"],
    ["(1).toExponential(101)", "RangeError"],
    ["(1).toString(99)", "RangeError"],
    // The interpreter throws these two by itself, and its errors have the name Error.
    ["new Array(-1)", "RangeError", "Error"],
    ['"x".repeat(-1)', "RangeError", "Error"],
    ['new RegExp("(")', "SyntaxError"],
    ['RegExp("[")', "SyntaxError"],
    ['new RegExp("a", "xx")', "SyntaxError"],
    ['"a".match("(")', "SyntaxError"],
    ['JSON.parse("{")', "SyntaxError"],
  ])("%s", async (call, error, errorOnBoard = error) => {
    const text = `try { print(${call}); } catch (e) { print("<" + (e as Error).name + ">"); }\n`;
    expect(await printed("throws.ts", text)).toEqual([`<${error}>`]);
    if (hasProgram("espruino")) expect(printedOnEspruino()).toBe(errorOnBoard);
  });
});

it("an exception inside a pass is an internal error with the place of the code that the pass could not handle", () => {
  const failing = {
    name: "failing",
    reason: "It shows what happens.",
    visitor: () => ({
      NumericLiteral() {
        throw new Error("out of ideas");
      },
    }),
  };
  const run = () => lower({ code: "print(1);\nprint(\n  2);\n".replace("1", "'a'") }, [failing]);
  expect(run).toThrow(MotekitError);
  expect(run).toThrow(
    expect.objectContaining({
      code: "MK0001",
      message: expect.stringContaining("out of ideas"),
      where: { file: "bundle.js", line: 3, column: 3 },
    }),
  );
});

it("Symbol() type-checks, with and without a description", async () => {
  const text =
    'const s = Symbol("x");\nconst t: symbol = Symbol();\nconst o = { [s]: 1 };\nprint(o[s] + (t === s ? 10 : 0));\n';
  expect(await printed("symbol.ts", text)).toEqual([1]);
});

it("a JSON file is imported with the attribute type: json", async () => {
  writeFileSync(join(folder, "data.json"), '{"a":7}');
  const text = 'import x from "./data.json" with { type: "json" };\nprint(x.a);\n';
  expect(await printed("json.ts", text)).toEqual([7]);
});
