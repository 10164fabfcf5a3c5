import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { buildFirmware } from "../../host/build/build.ts";

/** One project with a folder for the cache, and the same sources in a project without one. */
let folder: string;
let kept: string;
let plain: string;
const cache = (): string => join(kept, "node_modules", ".cache", "motekit");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-cache-"));
  kept = join(folder, "kept");
  plain = join(folder, "plain");
  mkdirSync(join(kept, "node_modules"), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  for (const project of [kept, plain]) {
    mkdirSync(join(project, path, ".."), { recursive: true });
    writeFileSync(join(project, path), text);
  }
}

/** The whole result of a build but for paths, or the problems that it found. */
async function resultOf(project: string, board: string): Promise<unknown> {
  const entry = join(project, "src", "main.ts");
  try {
    const { app, map, manifest, files, warnings } = await buildFirmware({ entry, board: loadBoard(board) });
    const text = JSON.stringify({ map, manifest, files, warnings }).replaceAll(project, "");
    return { app: Buffer.from(app).toString("utf8"), text };
  } catch (error) {
    const { problems } = error as { problems?: unknown };
    if (!problems) throw error;
    return { problems: JSON.stringify(problems).replaceAll(project, "") };
  }
}

async function expectSame(board = "linux"): Promise<unknown> {
  const expected = await resultOf(plain, board);
  expect(await resultOf(kept, board)).toEqual(expected);
  // Once more, from what the build before has kept.
  expect(await resultOf(kept, board)).toEqual(expected);
  return expected;
}

/** The files of the cache by name, each with what changes when it is written again. */
function cacheFiles(): [string, number][] {
  return readdirSync(cache())
    .sort()
    .map((name) => [name, statSync(join(cache(), name)).ino]);
}

it("cache: after each edit of a module the build gives the bytes of a build without a cache", async () => {
  const first =
    "let count = 0;\nexport function add(step: number): number {\n  count += step;\n  return count;\n}\n";
  const second =
    'const LIMIT = 3;\nexport const isMany = (count: number): string => (count > LIMIT ? "many" : "few");\n';
  write("src/first.ts", first);
  write("src/second.ts", second);
  write(
    "src/main.ts",
    'import { add } from "./first.ts";\nimport { isMany } from "./second.ts";\nprint(isMany(add(2)));\n',
  );
  const before = await expectSame();
  write("src/first.ts", first.replace("count += step", "count += step * 2"));
  const edited = await expectSame();
  expect(edited).not.toEqual(before);
  // A helper for the prelude, which one module needs.
  write("src/second.ts", second.replace('"many"', '[...new Set(["a", "b"])].join("").padEnd(3)'));
  await expectSame();
  // A class and a name of the prelude, which concern how the other modules are lowered.
  write("src/first.ts", `class $Set extends Error {}\nprint(new $Set("a").name);\n${first}`);
  await expectSame();
  write("src/second.ts", second);
  write("src/first.ts", first);
  expect(await expectSame()).toEqual(before);
});

it("cache: a build gives the bytes of its own board, with and without Unicode", async () => {
  write("src/main.ts", 'import { log } from "motekit";\nlog("größe".padEnd(9));\n');
  const apps = [];
  for (const board of ["linux", "esp32", "linux"]) apps.push(JSON.stringify(await expectSame(board)));
  expect(apps[0]).toBe(apps[2]);
  expect(apps[0]).not.toBe(apps[1]);
});

it("cache: a build of what was built before writes no file of the cache again", async () => {
  write("src/main.ts", "print(new Map([[1, 2]]).size);\n");
  await resultOf(kept, "linux");
  const before = cacheFiles();
  expect(before).toHaveLength(2);
  await resultOf(kept, "linux");
  expect(cacheFiles()).toEqual(before);
});

it("cache: damaged files of the cache are ignored and written again", async () => {
  write("src/main.ts", "print(new Map([[1, 2]]).size);\n");
  await expectSame();
  const names = readdirSync(cache());
  const damages: ((bytes: Buffer) => Buffer)[] = [
    () => Buffer.alloc(0),
    (bytes) => bytes.subarray(0, bytes.length >> 1),
    (bytes) => Buffer.concat([bytes.subarray(0, -10), Buffer.from("0123456789")]),
    () => Buffer.from("null"),
  ];
  for (const damage of damages) {
    for (const name of names) writeFileSync(join(cache(), name), damage(readFileSync(join(cache(), name))));
    await expectSame();
    expect(readdirSync(cache()).sort()).toEqual([...names].sort());
  }
});

it("cache: a type error is reported after a build without one, and goes away with its cause", async () => {
  write("src/value.ts", "export const value = 1;\n");
  write(
    "src/main.ts",
    'import { log } from "motekit";\nimport { value } from "./value.ts";\nlog(value.toFixed(1));\n',
  );
  expect(await expectSame()).toHaveProperty("app");
  write("src/value.ts", 'export const value = "1";\n');
  expect(await expectSame()).toHaveProperty("problems", expect.stringContaining("TS2339"));
  write("src/value.ts", "export const value = 1;\n");
  expect(await expectSame()).toHaveProperty("app");
});

it("cache: a new file that an import means from now on is checked", async () => {
  write("src/value/index.ts", "export const value = 1;\n");
  write(
    "src/main.ts",
    'import { log } from "motekit";\nimport { value } from "./value";\nlog(value.toFixed(1));\n',
  );
  expect(await expectSame()).toHaveProperty("app");
  write("src/value.ts", 'export const value = "1";\n');
  expect(await expectSame()).toHaveProperty("problems", expect.stringContaining("TS2339"));
  for (const project of [kept, plain]) rmSync(join(project, "src/value.ts"));
  expect(await expectSame()).toHaveProperty("app");
});

it("cache: a changed declaration of a driver is checked", async () => {
  write("package.json", "{}");
  write("modules/Lamp.js", "exports.light = function (level) { return level; };\n");
  write("modules/Lamp.d.ts", "export declare function light(level: number): number;\n");
  write("src/main.ts", 'const lamp = require("Lamp");\nprint(lamp.light(1));\n');
  expect(await expectSame()).toHaveProperty("app");
  write("modules/Lamp.d.ts", "export declare function light(level: string): number;\n");
  expect(await expectSame()).toHaveProperty("problems", expect.stringContaining("TS2345"));
});

it("cache: warnings and refusals are the same from the cache", async () => {
  write("node_modules/far/package.json", '{ "name": "far", "main": "far.js" }');
  write("node_modules/far/far.js", "exports.near = function (a) { return a ? 1 : new Proxy({}, {}); };\n");
  write("node_modules/far/far.d.ts", "export declare function near(a: boolean): number;\n");
  write("src/main.ts", 'import { near } from "far";\nprint(near(true));\n');
  expect(await expectSame()).toHaveProperty("text", expect.stringMatching(/MK12\d\d/));
  write("src/main.ts", "eval('1');\nlabel: for (;;) { with ({}) break label; }\n");
  expect(await expectSame()).toHaveProperty("problems", expect.any(String));
});

it.each(["irrigation", "sensors", "shell"])("cache: the app %s is the same from the cache", async (app) => {
  for (const project of [kept, plain]) {
    cpSync(join(import.meta.dirname, "..", "language", "apps", app), join(project, "src"), {
      recursive: true,
    });
  }
  await expectSame();
});
