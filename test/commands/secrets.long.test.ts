/**
 * Runs every command that handles a board's secrets, as text and as JSON, and then searches for the secrets in everything
 * that was printed, written to files or sent by the board.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Outcome } from "../fixtures/command.ts";
import { type BoardSetup, describeOnBoards } from "../fixtures/serial/board-setup.ts";

const WIFI_PASSWORD = "hunter2 'hünter";
const HUB_PASSWORD = 's3cr3t"hub\\';
const SECRETS_FILE = "motekit.secrets.env";
const TABLE_FILE = "devices.csv";
/** Parts of the secrets in any encoding, and the first characters of their base64 forms. */
const SECRET = /hunter2|nter\b|s3cr3t|aHVudGVyM|czNjcjN0/;

const READ_BY_ANOTHER_NAME = 'require("Storage").read("mk."+"cfg0")';
const STEP_MS = 60_000;

/** The contents of all files that commands wrote into the project's folder. */
function written(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ![SECRETS_FILE, TABLE_FILE].includes(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

/** Returns a function that gives the bytes that the board has sent so far. */
function record(setup: BoardSetup): () => string {
  let sent = "";
  const { board } = setup;
  const { onSend } = board;
  board.onSend = (bytes) => {
    sent += Buffer.from(bytes).toString("latin1");
    onSend(bytes);
  };
  return () => sent;
}

describeOnBoards("secrets", (setup) => {
  test("configure, eval, files and upload reveal no secret, as text and as JSON", async () => {
    const { port, folder } = setup();
    const sent = record(setup());
    setup().write(
      SECRETS_FILE,
      Buffer.from(
        `WIFI_SSID=home\nWIFI_PASSWORD="${WIFI_PASSWORD}"\nHUB_USERNAME=dev\nHUB_PASSWORD='${HUB_PASSWORD}'\n`,
      ).toString("latin1"),
    );
    setup().write(TABLE_FILE, `port,device_id,hub_password\n${port},dev-1,s3cr3t-of-the-table\n`);
    setup().write("app.ts", 'print("~mk boot dev");\n');
    const hub = ["--hub", "mqtt://10.0.0.2"];
    const commands: string[][] = [
      ["configure", ...hub],
      ["configure", "--show"],
      ["configure", ...hub, "--from", TABLE_FILE],
      ["configure", ...hub, "--keep-alive", "x"],
      ["eval", "6*7"],
      ["eval", READ_BY_ANOTHER_NAME],
      ["eval", `(function(){throw ${READ_BY_ANOTHER_NAME}.length})()`],
      ["eval", 'require("Storage").read("mk.cfg0")'],
      ["files", "ls"],
      ["files", "get", "mk.cfg0", "copy"],
      ["files", "get", ".wificfg", "copy"],
      ["upload", "app.ts"],
    ];
    const outcomes: Record<string, Outcome> = {};
    for (const args of commands) {
      outcomes[args.join(" ")] = await setup().motekit(...args);
      outcomes[[...args, "--json"].join(" ")] = await setup().motekit(...args, "--json");
    }
    const codes = Object.values(outcomes).map(({ exitCode }) => exitCode);
    // In pairs: text and JSON have the same exit code.
    expect(codes).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0]);
    expect(outcomes["eval 6*7"]?.stdout).toBe("42\n");
    expect(outcomes[`eval ${READ_BY_ANOTHER_NAME}`]?.stdout).toMatch(/password\\":\\"\*\*\*\*\\"/);
    expect(outcomes['eval require("Storage").read("mk.cfg0")']?.stderr).toContain("MK1709");
    expect(outcomes["files get mk.cfg0 copy"]?.stderr).toContain("MK1706");
    expect(outcomes["configure --show"]?.stdout).toContain("••••");
    expect(JSON.stringify(outcomes)).not.toMatch(SECRET);
    expect(written(folder)).not.toMatch(SECRET);
    expect(sent()).not.toMatch(SECRET);
  });

  test.each([[[]], [["--json"]]])(
    "monitor and run reveal no secret that the app itself prints, on the terminal or in their logs %j",
    async (form) => {
      setup().write(SECRETS_FILE, "HUB_PASSWORD=s3cr3t-hub\nWIFI_SSID=home\nWIFI_PASSWORD=hunter2hunter2\n");
      setup().write(
        "app.ts",
        'print("~mk boot dev");\nsetInterval(() => print("key s3cr3t-hub"), 300);\n' +
          'setInterval(() => {\n  throw new Error("joins by hunter2hunter2");\n}, 400);\n',
      );
      const run = setup().start("run", "app.ts", "--log", "run.log", ...form);
      await run.untilLine("key ••••", STEP_MS);
      await run.untilLine("joins by ••••", STEP_MS);
      await run.interrupt();
      const monitor = setup().start("monitor", "--log", "monitor.log", ...form);
      await monitor.untilLine("key ••••", STEP_MS);
      await monitor.untilLine("joins by ••••", STEP_MS);
      await monitor.interrupt();
      expect(setup().read("run.log")).toContain("joins by");
      expect([...run.lines, ...run.errors, ...monitor.lines, ...monitor.errors].join("\n")).not.toMatch(
        SECRET,
      );
      // The app has them in its own source.
      expect(setup().read("run.log") + setup().read("monitor.log")).not.toMatch(SECRET);
    },
  );
});
