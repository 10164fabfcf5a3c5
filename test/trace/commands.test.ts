/** The commands that show a console, as a user runs them. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ENGINES } from "../../host/simulator/board-api/simulated-board.ts";
import { COMMAND, type RunningCommand, runCommand, startCommand } from "../fixtures/command.ts";
import { CAPTURES, capture, copySlowSources, expectedTraces, markedPlace } from "../fixtures/crashing-app.ts";
import { hasProgram } from "../fixtures/programs.ts";

let folder: string;
const running: RunningCommand[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-decode-"));
  copySlowSources(folder);
  mkdirSync(join(folder, "build"));
  for (const name of ["app.js", "app.js.map"]) cpSync(join(CAPTURES, name), join(folder, "build", name));
  // The map's sources are relative to it.
  const map = JSON.parse(capture("app.js.map"));
  map.sources = map.sources.map((source: string) => `../${source}`);
  writeFileSync(join(folder, "build", "app.js.map"), JSON.stringify(map));
  for (const name of ["2v24", "2v28"]) cpSync(join(CAPTURES, `${name}.txt`), join(folder, `${name}.log`));
  writeFileSync(join(folder, "no-map.json"), '{ "version": 2 }');
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.interrupt()));
});

afterAll(() => rmSync(folder, { recursive: true }));

function frame(id: string, name: string, engine: "node" | "espruino" = "espruino"): string {
  const { file, line, column } = markedPlace(id, engine);
  return `    at ${name} (${file}:${line}:${column})`;
}

function decodeInput(input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [COMMAND, "decode"], { cwd: folder }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
}

describe("motekit decode", () => {
  it.each(["2v24.log", "2v28.log"])("shows %s with the places of the sources", async (file) => {
    const { exitCode, stdout, stderr } = await runCommand(["decode", file], folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(frame("named", "rawOf"));
    expect(stdout).toContain(frame("other-file", "measure"));
    expect(stdout).toContain(frame("callback", "visit"));
    expect(stdout).not.toContain("app.js");
    expect(stdout.startsWith("größer als ASCII\n")).toBe(true);
    expect(stdout.endsWith("\nend\n")).toBe(true);
  });

  it("reads standard input, and a last line without an end", async () => {
    const output = await decodeInput("ready\nUncaught Error: x\n    at t (app.js:1:298)");
    expect(output.split("\n").slice(0, 3)).toEqual(["ready", "Uncaught Error: x", frame("named", "rawOf")]);
  });

  it("prints text without traces byte for byte", async () => {
    const text = readFileSync(join(CAPTURES, "src", "main.ts"), "utf8");
    expect(await decodeInput(text)).toBe(text);
  });

  it("reports that there is no stack trace, or none of the app", async () => {
    writeFileSync(join(folder, "plain.log"), "hello\n");
    writeFileSync(join(folder, "foreign.log"), "Uncaught Error: x\n    at f (.boot0:1:3)\n");
    const none = await runCommand(["decode", "plain.log"], folder);
    expect(none.stderr).toContain("The text has no stack trace");
    expect({ exitCode: none.exitCode, stdout: none.stdout }).toEqual({ exitCode: 0, stdout: "hello\n" });
    const foreign = await runCommand(["decode", "foreign.log", "--json"], folder);
    expect(foreign.stderr).toContain(
      "The text has a stack trace, but none with a place in the app of build/app.js.map",
    );
    expect({ exitCode: foreign.exitCode, stdout: foreign.stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("ends without an error if the reader closes the pipe", async () => {
    writeFileSync(join(folder, "long.log"), "line\n".repeat(200_000));
    const child = execFile(process.execPath, [COMMAND, "decode", "long.log"], { cwd: folder });
    let stderr = "";
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    child.stdout?.once("data", () => child.stdout?.destroy());
    const exitCode = await new Promise((resolve) => child.once("close", resolve));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  it("prints an object for each trace with --json", async () => {
    const { stdout } = await runCommand(["decode", "2v24.log", "--json"], folder);
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(
      records.map(({ message, frames }) => ({
        message,
        frames: frames.map((each: { function?: string; source: object }) => [each.function, each.source]),
      })),
    ).toEqual(expectedTraces("espruino"));
    expect(records[0].frames[0].generated).toEqual({ file: "app.js", line: 1, column: 298 });
    expect(records[0].codeFrame.join("\n")).toContain("return reading.value.raw;");
  });

  it.each([
    { says: "MK1501 nowhere.log: ", args: ["nowhere.log"] },
    { says: "MK1501 src: ", args: ["src"] },
    { says: "MK1502 none.map: ", args: ["2v24.log", "--map", "none.map"] },
    { says: "MK1503 2v24.log: The file is not a source map", args: ["2v28.log", "--map", "2v24.log"] },
    { says: "MK1503 no-map.json: ", args: ["2v28.log", "--map", "no-map.json"] },
  ])("refuses what it cannot read: $args", async ({ says, args }) => {
    const { exitCode, stdout, stderr } = await runCommand(["decode", ...args], folder);
    expect(stderr).toContain(`error ${says}`);
    expect(stderr).toContain("how to fix:");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  });

  it("reads the map that motekit build writes, from any folder", async () => {
    const args = ["build", "src/main.ts", "--board", "linux", "--out", "deep/er/out"];
    expect(await runCommand(args, folder)).toMatchObject({ exitCode: 0 });
    const app = readFileSync(join(folder, "deep/er/out/app.js"), "latin1");
    const column = app.indexOf(".raw}");
    writeFileSync(join(folder, "new.log"), `    at app.js:2:${column}\n`);
    const { stdout } = await runCommand(["decode", "new.log", "--map", "deep/er/out/app.js.map"], folder);
    const { file, line, column: sourceColumn } = markedPlace("named", "espruino");
    expect(stdout.split("\n")[0]).toBe(`    at ${file}:${line}:${sourceColumn}`);
  });
});

describe.each(ENGINES)("motekit simulate on the engine %s", (engine) => {
  const absent = engine === "espruino" && !hasProgram("espruino");
  it.skipIf(absent)("shows traces with the places of the sources", async () => {
    const hub = "mqtt://127.0.0.1:1";
    const args = ["simulate", "src/main.ts", "--board", "linux", "--engine", engine, "--hub", hub, "--wait"];
    const command = startCommand(args, folder);
    running.push(command);
    const reaction = markedPlace("reaction", engine);
    const nameless = `    at ${reaction.file}:${reaction.line}:${reaction.column}`;
    for (const line of [nameless, frame("named", "rawOf", engine), frame("other-file", "measure", engine)]) {
      expect(await command.untilLine(line)).toBe(line);
    }
    expect(command.lines.join("\n")).toContain("Uncaught Error: no sensor: wärme\n    at measure (");
    expect(command.lines.join("\n")).not.toContain("app.js");
  });
});

describe("motekit dev", () => {
  it("shows the trace of the last thing that the board did", async () => {
    writeFileSync(
      join(folder, "src", "last.ts"),
      'setTimeout(() => {\n  throw new Error("last");\n}, 10);\n',
    );
    const command = startCommand(["dev", "src/last.ts", "--board", "linux"], folder);
    running.push(command);
    expect(await command.untilLine("    at src/")).toBe("    at src/last.ts:2:9");
  });
});
