import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { listBoards, loadBoard } from "../../host/boards.ts";
import { buildFirmware, writeBuild } from "../../host/build/build.ts";
import { bundle, minify } from "../../host/build/bundling/bundle.ts";
import { MotekitError } from "../../host/errors.ts";
import { findEntry } from "../../host/project/find-entry.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-build-"));
const reference = findEntry(undefined, folder);

afterAll(() => rmSync(folder, { recursive: true }));

function source(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function problemsOf(entry: string, board = "linux"): Promise<MotekitError["problems"]> {
  const failure = await buildFirmware({ entry, board: loadBoard(board) }).catch((error: unknown) => error);
  if (!(failure instanceof MotekitError)) throw new Error(`expected a MotekitError, got ${String(failure)}`);
  return failure.problems;
}

describe("the build of the reference firmware", () => {
  it.each(listBoards().map((board) => board.id))(
    "for %s is one script without a shim of esbuild's",
    async (id) => {
      const { app, manifest } = await buildFirmware({ entry: reference, board: loadBoard(id) });
      const code = Buffer.from(app).toString("utf8");
      expect(code).not.toMatch(/__(require|toESM|export|commonJS|esm)|Proxy|"use strict"/);
      expect(manifest).toEqual({
        board: id,
        entry: "firmware/main.ts",
        sizeBytes: app.length,
        crc32: crc32(app).toString(16).padStart(8, "0"),
      });
    },
  );

  it("is no larger than esbuild's output alone: plain code has no overhead", async () => {
    const board = loadBoard("esp32");
    const alone = await minify(await bundle(reference, board));
    const { app } = await buildFirmware({ entry: reference, board });
    expect(app.length).toBeLessThanOrEqual(Buffer.byteLength(alone.code));
  });

  it("contains Wi-Fi only if the board has it, and temperature only if the board measures it", async () => {
    const codeFor = async (id: string): Promise<string> =>
      Buffer.from((await buildFirmware({ entry: reference, board: loadBoard(id) })).app).toString("utf8");
    expect(await codeFor("esp32")).toContain('require("Wifi")');
    expect(await codeFor("esp32")).toContain("getTemperature");
    expect(await codeFor("esp32c3")).not.toContain("getTemperature");
    expect(await codeFor("linux")).not.toContain("Wifi");
  });

  it("writes app.js, a map that names the sources, and the manifest", async () => {
    const result = await buildFirmware({ entry: reference, board: loadBoard("linux") });
    const out = join(folder, "out");
    expect(writeBuild(result, out)).toEqual(
      ["app.js", "app.js.map", "manifest.json"].map((name) => join(out, name)),
    );
    expect(new Uint8Array(readFileSync(join(out, "app.js")))).toEqual(new Uint8Array(result.app));
    const map = JSON.parse(readFileSync(join(out, "app.js.map"), "utf8")) as { sources: string[] };
    expect(map.sources.some((name) => name.endsWith("main.ts"))).toBe(true);
    expect(JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"))).toEqual(result.manifest);
  });
});

describe("bad input to the build", () => {
  it("names the folder that cannot be written to, and leaves nothing behind", async () => {
    const result = await buildFirmware({ entry: reference, board: loadBoard("linux") });
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    expect(() => writeBuild(result, file)).toThrow(/The build cannot be written: EEXIST/);
    const out = join(folder, "in-the-way");
    mkdirSync(join(out, "app.js.map"), { recursive: true });
    expect(() => writeBuild(result, out)).toThrow(/The build cannot be written: EISDIR/);
    expect(readdirSync(out).sort()).toEqual(["app.js", "app.js.map"]);
  });

  it("names every type error with file, line and column", async () => {
    const entry = source("types.ts", 'const a: number = "x";\nlet b: string = 1;\nprint(a, b);\n');
    expect(await problemsOf(entry)).toMatchObject([
      { code: "MK1201", where: { file: entry, line: 1, column: 7 } },
      { code: "MK1201", where: { file: entry, line: 2, column: 5 } },
    ]);
  });

  it("refuses what Espruino does not have: Node's and the browser's globals", async () => {
    const entry = source("globals.ts", "process.exit(1);\nBuffer.from([]);\nwindow.alert();\n");
    expect((await problemsOf(entry)).map((problem) => problem.where?.line)).toEqual([1, 2, 3]);
  });

  it("refuses Wi-Fi on a board without it", async () => {
    const entry = source("wifi.ts", 'require("Wifi").connect("a", {});\n');
    const [problem] = await problemsOf(entry);
    expect(problem?.where).toEqual({ file: entry, line: 1, column: 9 });
    await expect(buildFirmware({ entry, board: loadBoard("esp32") })).resolves.toBeDefined();
  });

  it("names a module that is not there", async () => {
    const entry = source("missing.ts", 'import { a } from "./nowhere";\nprint(a);\n');
    expect(await problemsOf(entry)).toMatchObject([
      { where: { file: entry, line: 1, column: 19 }, message: expect.stringContaining("./nowhere") },
    ]);
  });

  it("places a syntax error", async () => {
    const entry = source("syntax.ts", "print(1);\nconst = 2;\n");
    expect((await problemsOf(entry))[0]).toMatchObject({ where: { file: entry, line: 2 } });
  });
});

describe("the entry", () => {
  it("that does not exist is named", () => {
    expect(() => findEntry("src/nope.ts", folder)).toThrow(
      expect.objectContaining({ code: "MK1001", where: { file: join(folder, "src/nope.ts") } }),
    );
  });

  it("that is a folder is named", () => {
    expect(() => findEntry(".", folder)).toThrow(expect.objectContaining({ code: "MK1001" }));
  });
});
