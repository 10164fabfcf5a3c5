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
import { describeOnBoards } from "../fixtures/serial/board-setup.ts";
import { installPorts } from "../fixtures/serial/listed-ports.ts";
import { until } from "../fixtures/waiting.ts";

const SECRETS = "WIFI_SSID=home\nWIFI_PASSWORD=hunter2hunter2\nHUB_USERNAME=dev\nHUB_PASSWORD=s3cr3t-hub\n";
const SECRET = /hunter2|s3cr3t/;

describeOnBoards("configure and monitor", (setup) => {
  beforeEach(() => setup().write("motekit.secrets.env", SECRETS));

  const configure = (...args: string[]) => setup().motekit("configure", ...args);

  /** Writes code that the board runs when it boots. */
  async function installBootCode(code: string): Promise<void> {
    const line = await openNodeLine(setup().port);
    const console = new BoardConsole(line);
    await console.identify();
    await sendFile(console, ".bootcde", Buffer.from(code));
    await line.close();
  }

  it("configure writes the configuration, and --show prints it without secrets", async () => {
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

  it("configure takes missing settings from the serial number and the project file", async () => {
    setup().write(
      "motekit.config.ts",
      `export default { port: ${JSON.stringify(setup().port)}, hubs: [{ url: "mqtt://hub.example" }] };\n`,
    );
    const { stdout, exitCode } = await runCommand(["configure", "--json"], setup().folder);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      sequence: 1,
      deviceId: expect.stringMatching(/^linux-\w+$/),
    });
  });

  it("configure --wait reports the connection to the hub and its round-trip time", async () => {
    const server = await serveMockHub();
    const hub = `127.0.0.1:${server.port}`;
    const connects: unknown[] = [];
    server.hub.rules = { refuseConnect: (connect) => connects.push(connect) * 0 };
    await installBootCode(`print("~mk boot dev");setTimeout(function(){print("~mk connected ${hub}")},300)`);
    const { stdout, exitCode } = await configure("--hub", `mqtt://${hub}`, "--wait");
    expect({ stdout, exitCode }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /connected to the hub 127\.0\.0\.1:\d+, \d\.\d s after the start\n {2}round trip to the hub: [\d.]+ ms \(PINGREQ to PINGRESP/,
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
    const closed = await configure("--hub", `mqtt://${hub}`, "--wait");
    expect(closed.stdout).toContain(
      "not measured, because a second connection to the hub could not be opened",
    );
  });

  it.each([
    ["connack 4: bad user name or password; next try in 304 s", "the user name or the password is wrong"],
    ["dns: InternalError: Unable to locate host; next try in 5 s", "cannot resolve the hub's name"],
    [
      "refused: bad user name or password (CONNACK 4); next try in 2 s",
      "the user name or the password is wrong",
    ],
    ["refused: identifier rejected (CONNACK 2); next try in 5 s", "refuses the device's identifier"],
    ["Connect failed; next try in 4 s", "no hub responds at the configured address"],
    ["Unable to locate host; next try in 5 s", "cannot resolve the hub's name"],
  ])("configure --wait reports why the device is not connected: %s", async (reason, explanation) => {
    await installBootCode(
      `print("~mk boot dev");print("~mk network home");print("~mk disconnected ${reason}")`,
    );
    const { stderr, exitCode } = await configure("--hub", "mqtt://10.0.0.2", "--wait", "--timeout", "2");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("MK1808");
    expect(stderr).toContain(explanation);
  });

  it("configure refuses an invalid configuration without changing the board", async () => {
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

  it("configure --from prints one result line for each board of the table", async () => {
    const table = `port,device_id,hub_url\n${setup().port},dev-1,mqtt://10.0.0.2\n${setup().port}-none,dev-2,mqtt://10.0.0.2\n`;
    setup().write("devices.csv", table);
    const { stdout, exitCode } = await runCommand(["configure", "--from", "devices.csv"], setup().folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`✓ ${setup().port} dev-1\n`);
    expect(stdout).toMatch(/✗ \S+-none dev-2: MK1601 /);
  });

  it("monitor prints and logs the console lines without secrets", async () => {
    const command = setup().start("monitor", "--log", "board.log", "--filter", "tick|key");
    await until("the monitor", () => command.errors.some((line) => line.includes("Ctrl-] quits")));
    setup().board.receive(
      Buffer.from(
        '\x10setInterval(function(){print("tick");print("noise");print("key hunter2hunter2")},200)\n',
      ),
    );
    await command.untilLine("tick");
    await command.untilLine("key");
    const { exitCode } = await command.interrupt();
    expect(exitCode).toBe(0);
    const log = Buffer.from(setup().read("board.log"), "latin1").toString("utf8");
    expect(command.lines).toContain("key ••••");
    expect(log).toMatch(/^\d\d:\d\d:\d\d\.\d{3} (tick|key ••••)$/m);
    expect(command.lines.join() + log).not.toMatch(/noise|hunter2/);
  });
});

it("monitor and configure report a port that does not exist, and a computer without ports", async () => {
  const missing = await runCommand(["monitor", "--port", "/dev/ttyNONE"]);
  expect(missing).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/MK1601 .*\/dev\/ttyNONE/),
  });
  const folder = mkdtempSync(join(tmpdir(), "motekit-no-ports-"));
  try {
    const none = await runCommand(["configure", "--show"], folder, { PATH: installPorts(folder, []) });
    expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("MK1607") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
