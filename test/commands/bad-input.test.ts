/** What a user sees who gets something wrong: place, remedy, exit code, and no stack of ours. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../fixtures/command.ts";
import { findFreePort } from "../fixtures/mosquitto.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-bad-input-"));
let freePort: number;
let takenPort: number;
const squatter = createServer();

beforeAll(async () => {
  writeFileSync(join(folder, "wrong-type.ts"), 'const seconds: number = "ten";\nprint(seconds);\n');
  writeFileSync(join(folder, "broken-board.json"), '{ "id": "x", ');
  freePort = await findFreePort();
  takenPort = await findFreePort();
  await new Promise<void>((resolve) => squatter.listen(takenPort, "127.0.0.1", resolve));
});

afterAll(() => {
  squatter.close();
  rmSync(folder, { recursive: true });
});

const cases: { title: string; args: () => string[]; says: () => (string | RegExp)[] }[] = [
  {
    title: "an unknown board",
    args: () => ["build", "--board", "esp33"],
    says: () => ['MK1101 There is no board "esp33"', "esp32, esp32c3, esp32s3, linux"],
  },
  {
    title: "a missing entry file",
    args: () => ["build", "src/nope.ts", "--board", "linux"],
    says: () => [`MK1001 ${join(folder, "src/nope.ts")}: The entry file does not exist.`, "how to fix:"],
  },
  {
    title: "a TypeScript error",
    args: () => ["build", "wrong-type.ts", "--board", "linux"],
    says: () => [
      `MK1201 ${join(folder, "wrong-type.ts")}:1:7: Type 'string' is not assignable to type 'number'.`,
    ],
  },
  {
    title: "a broken board file",
    args: () => ["build", "--board", "broken-board.json"],
    says: () => ["MK1103 broken-board.json: The board file is not JSON"],
  },
  {
    title: "a board file that is not there",
    args: () => ["build", "--board", "none.json"],
    says: () => ["MK1102 none.json: The board file cannot be read"],
  },
  {
    title: "a hub that is not there",
    args: () => ["simulate", "--board", "linux", "--hub", `mqtt://127.0.0.1:${freePort}`],
    says: () => [`MK1303 No hub listens at 127.0.0.1:${freePort}`, "motekit hub"],
  },
  {
    title: "a hub's address that is none",
    args: () => ["simulate", "--board", "linux", "--hub", "http://u:hidden@x"],
    says: () => ["MK1301", "mqtt://"],
  },
  {
    title: "a taken port",
    args: () => ["hub", "--port", String(takenPort), "--ws-port", String(freePort)],
    says: () => [`MK1401 Port ${takenPort} on 127.0.0.1 (MQTT over TCP, --port) is taken`, "--port"],
  },
];

describe("bad input", () => {
  it.each(cases)("$title", async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await runCommand(args(), folder);
    for (const text of says()) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n\s+at |hidden/);
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });

  it("is JSON on standard output with --json", async () => {
    const { exitCode, stdout } = await runCommand(
      ["build", "wrong-type.ts", "--board", "linux", "--json"],
      folder,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      problems: [{ code: "MK1201", where: { file: join(folder, "wrong-type.ts"), line: 1, column: 7 } }],
    });
    expect(exitCode).toBe(1);
  });

  it("of the command line itself ends with exit code 2", async () => {
    const { exitCode, stderr } = await runCommand(["build", "--board", "linux", "--colour"], folder);
    expect(stderr).toContain("--colour");
    expect(exitCode).toBe(2);
  });
});
