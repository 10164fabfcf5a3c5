import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatForMachine } from "../../host/terminal/problem-formats.ts";
import { runCommand } from "../fixtures/command.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-check-"));

beforeAll(() => {
  writeFileSync(join(folder, "wrong.ts"), 'const seconds: number = "ten";\nprint(seconds);\n');
  writeFileSync(join(folder, "right.ts"), "print(1);\n");
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("motekit check", () => {
  it("--format unix prints file, line, column, message and code", async () => {
    const { exitCode, stdout } = await runCommand(
      ["check", "wrong.ts", "-b", "linux", "--format", "unix"],
      folder,
    );
    expect(stdout).toMatch(/^wrong\.ts:1:7: Type 'string' is not assignable .* \[MK1201\]\n$/);
    expect(exitCode).toBe(1);
  });

  it("--format github prints a workflow command", async () => {
    const { exitCode, stdout } = await runCommand(
      ["check", "wrong.ts", "-b", "linux", "--format", "github"],
      folder,
    );
    expect(stdout).toMatch(/^::error file=wrong\.ts,line=1,col=7,title=MK1201::Type 'string'/);
    expect(exitCode).toBe(1);
  });

  it.each([
    ["--json", ""],
    ["--format", "json"],
  ])("%s %s prints JSON", async (...flags) => {
    const args = ["check", "wrong.ts", "-b", "linux", ...flags.filter((flag) => flag !== "")];
    const { exitCode, stdout } = await runCommand(args, folder);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, problems: [{ code: "MK1201" }] });
    expect(exitCode).toBe(1);
  });

  it("a program without problems gives exit code 0 and no problems", async () => {
    const { exitCode, stdout } = await runCommand(["check", "right.ts", "-b", "linux", "--json"], folder);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [], board: "linux" });
    expect(exitCode).toBe(0);
  });
});

describe("motekit build", () => {
  it("prints a bar for each budget, and with --analyze the bytes of each module", async () => {
    const { stdout } = await runCommand(["build", "right.ts", "-b", "esp32", "--analyze"], folder);
    expect(stdout).toMatch(/Storage: \[= {9}\] .*\nJsVars: {2}\[/);
    expect(stdout).toMatch(/ B +[\d.]+% {2}right\.ts\n/);
  });

  it("refuses a budget that is not a number", async () => {
    const { exitCode, stderr } = await runCommand(["build", "-b", "esp32", "--max-bytes", "many"], folder);
    expect(stderr).toContain("whole number");
    expect(exitCode).toBe(2);
  });
});

it("motekit check --format github escapes line ends, commas, colons and percent signs", () => {
  const problem = { code: "MK1", message: "100 %\nof it", where: { file: "/x/a,b:c.ts", line: 3 } };
  expect(formatForMachine(problem, { format: "github", severity: "error", folder: "/x" })).toBe(
    "::error file=a%2Cb%3Ac.ts,line=3,title=MK1::100 %25%0Aof it",
  );
});
