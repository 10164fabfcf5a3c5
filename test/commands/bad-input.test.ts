/** Errors of the user: the command prints the place and the remedy, no stack trace, and exits with 1 or 2. */
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
const otherServer = createServer();

beforeAll(async () => {
  writeFileSync(join(folder, "wrong-type.ts"), 'const seconds: number = "ten";\nprint(seconds);\n');
  writeFileSync(join(folder, "broken-board.json"), '{ "id": "x", ');
  freePort = await findFreePort();
  takenPort = await findFreePort();
  await new Promise<void>((resolve) => otherServer.listen(takenPort, "127.0.0.1", resolve));
});

afterAll(() => {
  otherServer.close();
  rmSync(folder, { recursive: true });
});

const cases: { title: string; args: () => string[]; texts: () => string[] }[] = [
  {
    title: "an unknown board",
    args: () => ["build", "--board", "esp33"],
    texts: () => ["MK1101", '"esp33"', "esp32, esp32c3, esp32s3, linux"],
  },
  {
    title: "a missing entry file",
    args: () => ["build", "src/nope.ts", "--board", "linux"],
    texts: () => [`MK1001 ${join(folder, "src/nope.ts")}: The entry file does not exist.`, "how to fix:"],
  },
  {
    title: "a TypeScript error",
    args: () => ["build", "wrong-type.ts", "--board", "linux"],
    texts: () => [
      `MK1201 ${join(folder, "wrong-type.ts")}:1:7: Type 'string' is not assignable to type 'number'.`,
    ],
  },
  {
    title: "a broken board file",
    args: () => ["build", "--board", "broken-board.json"],
    texts: () => ["MK1103 broken-board.json: The board file is not valid JSON"],
  },
  {
    title: "a missing board file",
    args: () => ["build", "--board", "none.json"],
    texts: () => ["MK1102 none.json: The board file cannot be read"],
  },
  {
    title: "no hub at the address",
    args: () => ["simulate", "--board", "linux", "--hub", `mqtt://127.0.0.1:${freePort}`],
    texts: () => [`MK1303 No hub listens at 127.0.0.1:${freePort}`, "motekit hub"],
  },
  {
    title: "a hub address with the wrong scheme",
    args: () => ["simulate", "--board", "linux", "--hub", "http://u:hidden@x"],
    texts: () => ["MK1301", "mqtt://"],
  },
  {
    title: "a port in use by another program",
    args: () => ["hub", "--port", String(takenPort), "--ws-port", String(freePort)],
    texts: () => ["MK1401", `${takenPort}`, "--port"],
  },
];

describe("an error of the user", () => {
  it.each(cases)(
    "$title: the message has the code, the place and a remedy, and the exit code is 1",
    async ({ args, texts }) => {
      const { exitCode, stdout, stderr } = await runCommand(args(), folder);
      for (const text of texts()) expect(stderr).toContain(text);
      expect(stderr).not.toMatch(/\n\s+at |hidden/);
      expect(stdout).toBe("");
      expect(exitCode).toBe(1);
    },
  );

  it("a type error with --json is JSON on standard output", async () => {
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

  it("an unknown option ends the command with exit code 2", async () => {
    const { exitCode, stderr } = await runCommand(["build", "--board", "linux", "--colour"], folder);
    expect(stderr).toContain("--colour");
    expect(exitCode).toBe(2);
  });
});
