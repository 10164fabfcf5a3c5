/** Tests of modules: drivers, CommonJS modules, and modules that are not there. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { type BuildResult, buildFirmware } from "../../host/build/build.ts";
import { MotekitError, type Problem } from "../../host/errors.ts";
import { hasProgram } from "../fixtures/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-modules-"));

const DRIVER = `/* A driver in the style of Espruino's public ones. */
function Meter(pin) { this.pin = pin; }
Meter.prototype.read = function (callback) { callback({ level: 7 }); };
exports.connect = function (pin) { return new Meter(pin); };
`;

function source(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function build(entry: string, board = "esp32"): Promise<BuildResult> {
  return buildFirmware({ entry, board: loadBoard(board) });
}

async function problemsOf(entry: string, board?: string): Promise<readonly Problem[]> {
  const failure = await build(entry, board).catch((error: unknown) => error);
  if (!(failure instanceof MotekitError)) throw new Error(`expected a MotekitError, got ${String(failure)}`);
  return failure.problems;
}

beforeAll(() => {
  source("package.json", "{}");
  source("modules/Meter.js", DRIVER);
  source("modules/Gauge.js", DRIVER);
  source(
    "modules/Whole.js",
    "function Whole(pin) { this.level = 7; }\nexports = Whole;\nexports.connect = function (pin) { return new Whole(pin); };\n",
  );
  source(
    "modules/Gauge.d.ts",
    "export function connect(pin: Pin): { read(done: (r: { level: number }) => void): void };",
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("a driver module of the project", () => {
  const uses: [string, string][] = [
    [
      "require from JavaScript",
      'a.js|var m = require("Meter"); m.connect(D4).read(function (r) { print("got", r.level); });',
    ],
    [
      "require from TypeScript",
      'b.ts|require("Meter").connect(D4).read((r: { level: number }) => print("got", r.level));',
    ],
    [
      "a named import",
      'c.ts|import { connect } from "Meter"; connect(D4).read((r: any) => print("got", r.level));',
    ],
    [
      "a default import",
      'd.ts|import meter from "Meter"; meter.connect(D4).read((r: any) => print("got", r.level));',
    ],
    [
      "a namespace",
      'e.ts|import * as meter from "Meter"; meter.connect(D4).read((r: any) => print("got", r.level));',
    ],
    ["exports that are assigned", 'g.ts|const Whole = require("Whole"); print("got", new Whole(D4).level);'],
    [
      "a member of exports that are assigned",
      'h.ts|import { connect } from "Whole"; print("got", connect(D4).level);',
    ],
    [
      "a declaration beside it",
      'f.ts|require("Gauge").connect(D4).read((r) => print("got", r.level.toFixed(0)));',
    ],
  ];

  it.skipIf(!hasProgram("espruino")).each(uses)(
    "runs on the interpreter, taken by %s",
    async (_way, text) => {
      const [name, program] = text.split("|") as [string, string];
      const { app } = await build(source(`src/${name}`, program));
      writeFileSync(join(folder, "run.js"), `${Buffer.from(app).toString("utf8")}\nquit();`);
      const output = execFileSync("espruino", ["run.js"], {
        cwd: folder,
        encoding: "utf8",
        timeout: 45_000,
        input: "",
      });
      expect(output).toContain("got 7");
    },
  );

  it("adds no more than a small helper to the bundle", async () => {
    const { app } = await build(
      source("src/c.ts", 'import { connect } from "Meter";\nconnect(D4).read(print);\n'),
    );
    expect(Buffer.from(app).toString()).not.toMatch(/getOwnProperty|defineProperty/);
    expect(app.length).toBeLessThan(450);
  });

  it("is type-checked against its declaration", async () => {
    const entry = source("src/wrong.ts", 'require("Gauge").connect("nowhere", 1);\n');
    expect(await problemsOf(entry)).toMatchObject([{ code: "MK1201", where: { file: entry, line: 1 } }]);
  });

  it("an unknown name gets advice for boards, not TypeScript's advice for Node and browsers", async () => {
    const entry = source(
      "src/unknown-names.ts",
      'Buffer.from("x");\ndocument.title;\nfetch("x");\nmissing();\n',
    );
    const problems = await problemsOf(entry);
    expect(problems.map(({ message }) => message)).toEqual([
      "Cannot find name 'Buffer': Espruino does not have it. (TS2591)",
      "Cannot find name 'document': Espruino does not have it. (TS2584)",
      "Cannot find name 'fetch': Espruino does not have it. (TS2304)",
      "Cannot find name 'missing'. (TS2304)",
    ]);
    expect(problems.map(({ remedy }) => remedy)).toEqual([
      "Use a string of bytes or a Uint8Array.",
      expect.stringContaining("on the chosen board"),
      "Use Espruino's http module.",
      expect.stringContaining("on the chosen board"),
    ]);
  });

  it("that is missing is named, with the place where to put it", async () => {
    const entry = source("src/missing.ts", 'const dht = require("DHT22");\nprint(dht);\n');
    const problems = await problemsOf(entry);
    expect(problems).toMatchObject([{ code: "MK1220", where: { file: entry, line: 1, column: 21 } }]);
    expect(problems[0]?.message).toContain('"DHT22"');
    expect(problems[0]?.remedy).toContain(join(folder, "modules", "DHT22.js"));
  });
});

describe("a module that a board cannot have", () => {
  it.each([
    ["of Node", 'import fs from "node:fs";\nprint(fs);', "MK1223"],
    ["of Node, without its scheme", 'import { join } from "path";\nprint(join);', "MK1223"],
    ["of another board", 'print(require("Wifi"));', "MK1221"],
    ["of the interpreter, by import", 'import net from "net";\nprint(net);', "MK1222"],
  ])("%s", async (title, text, code) => {
    const entry = source(`src/${title.replace(/\W/g, "-")}.ts`, text);
    expect(await problemsOf(entry, "linux")).toMatchObject([{ code, where: { file: entry, line: 1 } }]);
  });
});

describe("a JavaScript entry", () => {
  it("may have exports, which are ignored", async () => {
    const { app } = await build(
      source("src/exports.js", "exports.a = 1;\nmodule.exports.b = 2;\nprint(exports.a);\n"),
    );
    expect(Buffer.from(app).toString()).not.toMatch(/(^|;)module\./);
  });

  it("is refused if it uses an undeclared name", async () => {
    const entry = source(
      "src/free.js",
      'digitalWrite(D2, 1);\nwindow.alert("x");\nif (typeof later == "function") later();\n',
    );
    expect(await problemsOf(entry)).toMatchObject([
      {
        code: "MK1225",
        where: { file: entry, line: 2, column: 1 },
        message: expect.stringContaining('"window"'),
      },
    ]);
  });

  it("knows the pins of its board alone", async () => {
    const entry = source("src/pins.js", "digitalWrite(D39, 1);\n");
    await expect(build(entry, "esp32")).resolves.toBeDefined();
    expect(await problemsOf(entry, "esp32c3")).toMatchObject([
      { code: "MK1225", where: { line: 1, column: 14 } },
    ]);
  });
});

describe("a public driver", () => {
  it("is built with a warning where a function uses a name that nobody declares", async () => {
    const driver = source(
      "modules/Scales.js",
      "exports.read = function () { return 3; };\nexports.variance = function () { return scale.median; };\n",
    );
    const { app, warnings } = await build(source("src/scales.js", 'print(require("Scales").read());\n'));
    expect(app.length).toBeGreaterThan(0);
    expect(warnings).toMatchObject([{ code: "MK1225", where: { file: driver, line: 2 } }]);
  });

  it("is refused where such a name is used as soon as it is loaded", async () => {
    const driver = source("modules/Shield.js", "exports.A0 = A0;\nexports.read = function () {};\n");
    const entry = source("src/shield.js", 'require("Shield").read();\n');
    expect(await problemsOf(entry)).toMatchObject([{ code: "MK1225", where: { file: driver, line: 1 } }]);
  });

  it("may evaluate a text, which is a warning", async () => {
    const driver = source("modules/Remote.js", "exports.run = function (text) { return eval(text); };\n");
    const { app, warnings } = await build(
      source("src/remote.js", 'print("<" + require("Remote").run("1+2") + ">");\n'),
      "linux",
    );
    expect(warnings).toMatchObject([{ code: "MK1249", where: { file: driver, line: 1 } }]);
    if (hasProgram("espruino")) {
      const file = join(folder, "remote.js");
      writeFileSync(file, Buffer.concat([app, Buffer.from("\nquit();\n")]));
      expect(execFileSync("espruino", [file], { encoding: "latin1" })).toContain("<3>");
    }
  });
});

describe("odd sources", () => {
  it.each([
    ["a binary file", "MK1224", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3])],
    ["text that is not UTF-8", "MK1224", new Uint8Array([0x70, 0xff, 0xfe, 0x31])],
    ["an empty file", "MK1227", ""],
    ["nothing but comments", "MK1227", "// nothing\n"],
    ["5 MB", "MK1226", `${'print("0123456789012345678901234567890123456789");\n'.repeat(104_858)}`],
  ])("%s", async (title, code, content) => {
    const entry = source(`src/${title.replace(/\W/g, "-")}.ts`, content);
    expect(await problemsOf(entry)).toMatchObject([{ code, where: { file: entry } }]);
  });

  it("with circular imports are built, and run", async () => {
    source(
      "src/even.ts",
      'import { odd } from "./odd.ts";\nexport function even(n: number): boolean { return n === 0 || odd(n - 1); }\n',
    );
    source(
      "src/odd.ts",
      'import { even } from "./even.ts";\nexport function odd(n: number): boolean { return n !== 0 && even(n - 1); }\n',
    );
    const { app } = await build(
      source("src/circle.ts", 'import { even } from "./even.ts";\nprint(even(4));\n'),
    );
    const printed: unknown[] = [];
    new Function("print", Buffer.from(app).toString())((value: unknown) => printed.push(value));
    expect(printed).toEqual([true]);
  });
});
