/** An app built and run on each engine: what it throws is shown at its place in TypeScript. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { type BuildResult, buildFirmware } from "../../host/build/build.ts";
import { positionsOnDisk } from "../../host/trace/disk-positions.ts";
import {
  CAPTURES,
  copySlowSources,
  decodePieces,
  expectedTraces,
  LAST_LINE,
  shown,
} from "../fixtures/crashing-app.ts";
import { boot, describeEngine } from "../fixtures/engine-suite.ts";

let folder: string;
let build: BuildResult;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "motekit-throws-"));
  copySlowSources(folder);
  build = await buildFirmware({ entry: join(folder, "src", "main.ts"), board: loadBoard("linux") });
});

afterAll(() => rmSync(folder, { recursive: true }));

describeEngine("an app that throws", (engine) => {
  it("in a named function, a callback and a promise has its positions in the sources reported", async () => {
    const { lines, untilLine } = await boot(engine, Buffer.from(build.app).toString("latin1"));
    await untilLine(LAST_LINE);
    const positions = positionsOnDisk({ ...build, workingFolder: folder });
    const { text, traces } = decodePieces([`${lines.join("\n")}\n`], positions);
    expect(traces.map(shown)).toEqual(expectedTraces(engine));
    expect(traces.map((trace) => trace.codeFrame.length > 0)).toEqual(traces.map(() => true));
    expect(text).toEqual(["größer als ASCII", LAST_LINE]);
  });
});

describeEngine("an app whose text has the letters of Modules.addCached", (engine) => {
  it("still has correct line numbers in its traces", async () => {
    const folder = mkdtempSync(join(tmpdir(), "motekit-line-"));
    const entry = join(folder, "main.ts");
    writeFileSync(
      entry,
      `print("Modules.addCached");\nconst none: { x(): void }[] = [];\nsetTimeout(() => {\n  none[0]!.x();\n}, 50);\nsetTimeout(() => print("end"), 300);\n`,
    );
    const built = await buildFirmware({ entry, board: loadBoard("linux") });
    const { lines, untilLine } = await boot(engine, Buffer.from(built.app).toString("latin1"));
    await untilLine("end");
    const positions = positionsOnDisk({ ...built, workingFolder: folder });
    const { traces } = decodePieces([`${lines.join("\n")}\n`], positions);
    expect(traces[0]?.codeFrame.join("\n")).toContain("> 4 |");
    rmSync(folder, { recursive: true });
  });
});

it("the sources of the captures are those on disk", () => {
  const { sources, sourcesContent } = JSON.parse(readFileSync(`${CAPTURES}/app.js.map`, "utf8"));
  const onDisk = sources.map((source: string) => readFileSync(`${CAPTURES}/${source}`, "utf8"));
  expect(sourcesContent).toEqual(onDisk);
});
