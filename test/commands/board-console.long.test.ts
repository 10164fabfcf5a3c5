/** `motekit configure` and `motekit monitor` on a board's port, through a pseudo-terminal. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { BoardConsole } from "../../host/serial/console.ts";
import { sendFile } from "../../host/serial/file-transfer.ts";
import { openNodeLine } from "../../host/serial/node-line.ts";
import { runCommand } from "../fixtures/command.ts";
import { serveMockHub } from "../fixtures/mock-hub-server.ts";
import { describeOnBoards } from "../fixtures/serial/desk.ts";
import { installPorts } from "../fixtures/serial/listed-ports.ts";
import { until } from "../fixtures/waiting.ts";

const SECRETS = "WIFI_SSID=home\nWIFI_PASSWORD=hunter2hunter2\nHUB_USERNAME=dev\nHUB_PASSWORD=s3cr3t-hub\n";
const SECRET = /hunter2|s3cr3t/;

describeOnBoards("a board on a line", (desk) => {
  beforeEach(() => desk().write("motekit.secrets.env", SECRETS));

  const configure = (...args: string[]) => desk().motekit("configure", ...args);

  /** What the board does at its start. */
  async function installBootCode(code: string): Promise<void> {
    const line = await openNodeLine(desk().port);
    const console = new BoardConsole(line);
    await console.identify();
    await sendFile(console, ".bootcde", Buffer.from(code));
    await line.close();
  }

  it("is configured, and shows what it has without its secrets", async () => {
    const written = await configure("--hub", "mqtt://10.0.0.2:1884", "--device-id", "dev-7");
    expect(written).toMatchObject({
      exitCode: 0,
      stdout: "dev-7 is configured: Wi-Fi home; hub 10.0.0.2:1884\n",
    });
    const shown = await configure("--show");
    expect(shown.stdout).toMatch(
      /device +dev-7\nwi-fi +home, •••• \([0-9a-f]{4}\)\nhub +10\.0\.0\.2:1884, dev, •••• \(/,
    );
    const json = await configure("--show", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      configuration: { sequence: 1, deviceId: "dev-7" },
    });
    expect(JSON.stringify([written, shown, json])).not.toMatch(SECRET);
  });

  it("takes what is not given from its serial number and the project file", async () => {
    desk().write(
      "motekit.config.ts",
      `export default { port: ${JSON.stringify(desk().port)}, hubs: [{ url: "mqtt://hub.example" }] };\n`,
    );
    const { stdout, exitCode } = await runCommand(["configure", "--json"], desk().folder);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      sequence: 1,
      deviceId: expect.stringMatching(/^linux-\w+$/),
    });
  });

  it("says with --wait that the device is on its hub, and how far away that is", async () => {
    const server = await serveMockHub();
    const hub = `127.0.0.1:${server.port}`;
    const connects: unknown[] = [];
    server.hub.rules = { refuseConnect: (connect) => connects.push(connect) * 0 };
    await installBootCode(`print("~mk boot dev");setTimeout(function(){print("~mk connected ${hub}")},300)`);
    const { stdout, exitCode } = await configure("--hub", `mqtt://${hub}`, "--wait");
    expect({ stdout, exitCode }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /on its hub 127\.0\.0\.1:\d+, \d\.\d s after its start\n {2}to the hub and back in [\d.]+ ms \(PINGREQ to PINGRESP/,
      ),
    });
    expect(connects).toEqual([
      expect.objectContaining({
        clientId: "linux-deadde-ping",
        userName: "dev",
        password: Buffer.from("s3cr3t-hub"),
      }),
    ]);

    server.hub.rules = { refuseConnect: () => 5 };
    const refused = await configure("--hub", `mqtt://${hub}`, "--wait", "--json");
    expect(JSON.parse(refused.stdout)).toMatchObject({
      ok: true,
      connection: { hub, roundTrip: { unknown: "the hub refused a second connection (CONNACK 5)" } },
    });
    await server.close();
    const gone = await configure("--hub", `mqtt://${hub}`, "--wait");
    expect(gone.stdout).toContain("is not known: a second connection to the hub could not be opened");
  });

  it.each([
    ["connack 4: bad user name or password; next try in 304 s", "user name or password are wrong"],
    ["dns: InternalError: Unable to locate host; next try in 5 s", "cannot resolve the hub's name"],
    ["refused: bad user name or password (CONNACK 4); next try in 2 s", "user name or password are wrong"],
    ["refused: identifier rejected (CONNACK 2); next try in 5 s", "refuses the device's identifier"],
    ["Connect failed; next try in 4 s", "no hub responds at the configured address"],
    ["Unable to locate host; next try in 5 s", "cannot resolve the hub's name"],
  ])("says with --wait why it is not: %s", async (said, words) => {
    await installBootCode(
      `print("~mk boot dev");print("~mk network home");print("~mk disconnected ${said}")`,
    );
    const { stderr, exitCode } = await configure("--hub", "mqtt://10.0.0.2", "--wait", "--timeout", "2");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("MK1808");
    expect(stderr).toContain(words);
  });

  it("is not touched by a configuration that is wrong", async () => {
    const wrong = await configure("--hub", "http://10.0.0.2");
    expect(wrong).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("MK1802 HUB_URL (from --hub)"),
    });
    const missing = await configure("--json");
    expect(JSON.parse(missing.stdout)).toMatchObject({ ok: false, problems: [{ code: "MK1803" }] });
    expect(await configure("--show")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("MK1806"),
    });
  });

  it("is one of a table, with a line of result for each", async () => {
    const table = `port,device_id,hub_url\n${desk().port},dev-1,mqtt://10.0.0.2\n${desk().port}-none,dev-2,mqtt://10.0.0.2\n`;
    desk().write("devices.csv", table);
    const { stdout, exitCode } = await runCommand(["configure", "--from", "devices.csv"], desk().folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`✓ ${desk().port} dev-1\n`);
    expect(stdout).toMatch(/✗ \S+-none dev-2: MK1601 /);
  });

  it("is watched: lines, a log, and no secret in either", async () => {
    const command = desk().start("monitor", "--log", "board.log", "--filter", "tick|key");
    await until("the monitor", () => command.errors.some((line) => line.includes("Ctrl-] quits")));
    desk().board.receive(
      Buffer.from(
        '\x10setInterval(function(){print("tick");print("noise");print("key hunter2hunter2")},200)\n',
      ),
    );
    await command.untilLine("tick");
    await command.untilLine("key");
    const { exitCode } = await command.interrupt();
    expect(exitCode).toBe(0);
    const log = Buffer.from(desk().read("board.log"), "latin1").toString("utf8");
    expect(command.lines).toContain("key ••••");
    expect(log).toMatch(/^\d\d:\d\d:\d\d\.\d{3} (tick|key ••••)$/m);
    expect(command.lines.join() + log).not.toMatch(/noise|hunter2/);
  });
});

it("says plainly where there is no such port, or nothing to choose from", async () => {
  const missing = await runCommand(["monitor", "--port", "/dev/ttyNONE"]);
  expect(missing).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("MK1601 The port /dev/ttyNONE does not exist."),
  });
  const folder = mkdtempSync(join(tmpdir(), "motekit-no-ports-"));
  try {
    const none = await runCommand(["configure", "--show"], folder, { PATH: installPorts(folder, []) });
    expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("MK1607") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
