import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { buildFirmware } from "../../host/build/build.ts";
import { hasProgram } from "../fixtures/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "apps-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hasEspruino = hasProgram("espruino");

const entryOf = (app: string): string => join(import.meta.dirname, "apps", app, "main.ts");

/**
 * Returns the output of the app's checks: the interpreter puts its prompt before some lines, and writes characters beyond
 * ASCII as escapes, which are the same JSON.
 */
function checksIn(output: string): string[] {
  return output
    .split(/\r?\n/)
    .map((line) => line.slice(line.lastIndexOf("\u001b[J") + 1).replace(/^\[J/, ""))
    .filter((line) => line.startsWith("check "))
    .map((line) =>
      line.replace(/\\u([\dA-F]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
    );
}

function run(command: string, file: string): string[] {
  return checksIn(spawnSync(command, [file], { encoding: "utf8", timeout: 45_000 }).stdout);
}

async function onNode(app: string): Promise<string[]> {
  const file = join(folder, `${app}.node.cjs`);
  await esbuild.build({ entryPoints: [entryOf(app)], bundle: true, format: "cjs", outfile: file });
  return run(process.execPath, file);
}

async function onEspruino(app: string): Promise<string[]> {
  const file = join(folder, `${app}.js`);
  const { app: code } = await buildFirmware({ entry: entryOf(app), board: loadBoard("linux") });
  writeFileSync(file, code);
  return run("espruino", file);
}

describe.each(["irrigation", "sensors", "shell"])("the app %s", (app) => {
  it("builds for a board without a refusal", async () => {
    await expect(buildFirmware({ entry: entryOf(app), board: loadBoard("linux") })).resolves.toBeDefined();
  });

  it.skipIf(!hasEspruino)("prints on Espruino what it prints on Node", async () => {
    const expected = await onNode(app);
    expect(expected.length).toBeGreaterThan(50);
    expect(expected.at(-1)).toBe(`check all: ${expected.length - 1}`);
    expect(await onEspruino(app)).toEqual(expected);
  });
});
