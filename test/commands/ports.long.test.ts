/**
 * Which port a command takes. The computer's ports are told by a stand-in for udevadm, whose ports are pseudo-terminals
 * with boards behind them.
 */
import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { openNodeLine } from "../../host/serial/node-line.ts";
import { type Outcome, runCommand, runProcess } from "../fixtures/command.ts";
import { chipModel, MAC } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { Desk, describeOnBoards } from "../fixtures/serial/desk.ts";
import { installPorts, type Listed } from "../fixtures/serial/listed-ports.ts";
import { TEST_BOARDS } from "../fixtures/serial/test-boards.ts";

const COMMAND_MS_MAX = 60_000;
const CP210X = { vendor: "10c4", product: "ea60" };

describeOnBoards("the ports", (desk) => {
  function motekit(ports: readonly Listed[], args: string[], environment = {}): Promise<Outcome> {
    const PATH = installPorts(desk().folder, ports);
    return runCommand(args, desk().folder, { PATH, MOTEKIT_PORT: "", ...environment });
  }

  test("are listed with what is on them, and asked only when that is wanted", async () => {
    const { port } = desk();
    const ports = [{ path: port, usb: CP210X }, { path: "/dev/no-such-port" }];
    expect(await motekit(ports, ["ports"])).toEqual({
      exitCode: 0,
      stdout: `/dev/no-such-port\n${port} (CP210x)\n`,
      stderr: "",
    });
    const probed = await motekit(ports, ["ports", "--probe"]);
    expect(probed.stdout).toMatch(/no-such-port: The port \/dev\/no-such-port does not exist\.\n/);
    expect(probed.stdout).toMatch(/port \(CP210x\): Espruino 2v29\S* on LINUX\n$/);
    const { ports: records } = JSON.parse((await motekit(ports, ["ports", "--probe", "--json"])).stdout) as {
      ports: unknown[];
    };
    expect(records[1]).toMatchObject({
      name: port,
      vendorId: "10c4",
      bridge: "CP210x",
      interpreter: { board: "LINUX" },
    });
  });

  test("with one that is likely: it is taken", async () => {
    const ports = [{ path: desk().port, usb: CP210X }, { path: "/dev/ttyS0" }];
    expect(await motekit(ports, ["eval", "6*7"])).toMatchObject({ exitCode: 0, stdout: "42\n" });
  });

  test("with several that are likely: they are listed, and none is opened", async () => {
    let received = 0;
    desk().board.receive = (bytes) => {
      received += bytes.length;
    };
    const ports = [
      { path: desk().port, usb: CP210X },
      { path: "/dev/ttyUSB7", usb: { vendor: "303a", product: "1001" } },
    ];
    const { exitCode, stdout, stderr } = await motekit(ports, ["eval", "6*7"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(`MK1607 Several ports may be the board's: /dev/ttyUSB7 (`);
    expect(stderr).toContain(`${desk().port} (CP210x).`);
    expect(stderr).toContain("--port");
    expect(received).toBe(0);
  });

  test("are named by MOTEKIT_PORT before the project file, and by --port before both", async () => {
    const { port } = desk();
    const several = [
      { path: "/dev/ttyUSB7", usb: CP210X },
      { path: "/dev/ttyUSB8", usb: CP210X },
    ];
    desk().write("motekit.config.ts", 'export default { port: "/dev/of-the-project" };\n');
    expect((await motekit(several, ["eval", "1"])).stderr).toContain(
      "MK1601 The port /dev/of-the-project does not exist.",
    );
    const named = { MOTEKIT_PORT: "/dev/of-the-environment" };
    expect((await motekit(several, ["eval", "1"], named)).stderr).toContain("The port /dev/of-the-environment does not exist.");
    expect(await motekit(several, ["eval", "1", "--port", port], named)).toMatchObject({ stdout: "1\n" });
    desk().write("motekit.config.ts", `export default { port: ${JSON.stringify(port)} };\n`);
    expect(await motekit(several, ["eval", "2"])).toMatchObject({ stdout: "2\n" });
  });

  test("are none, or are not to be had: that is said", async () => {
    expect((await motekit([], ["ports"])).stdout).toBe("There is no serial port on this computer.\n");
    expect((await motekit([], ["eval", "1"])).stderr).toContain("MK1607 This computer has no serial port");
    const broken = await runCommand(["eval", "1"], desk().folder, { PATH: "/nowhere", MOTEKIT_PORT: "" });
    expect(broken).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("MK1608") });
  });
});

/** Of the account that a process of the superuser's gives itself up for. */
const NOBODY = 65_534;
const [simulated] = TEST_BOARDS;

describe.skipIf(!hasProgram("socat"))("a port that may not be used", { timeout: COMMAND_MS_MAX }, () => {
  let desk: Desk;

  beforeEach(async () => {
    if (!simulated) throw new Error("There is no simulated board.");
    desk = await Desk.create(simulated.create());
  });

  afterEach(() => desk.clear());

  const COMMANDS = [
    ["upload"],
    ["files", "ls"],
    ["eval", "1"],
    ["configure", "--show"],
    ["monitor"],
    ["run"],
  ];

  test.each(COMMANDS)("because another program has it: %s %s names both", async (...args) => {
    const line = await openNodeLine(desk.port);
    const { exitCode, stdout, stderr } = await runProcess([...args, "--port", desk.port], desk.folder);
    await line.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`MK1602 ${desk.port} is in use by \\S+.* \\(process ${process.pid}\\)[. ]`),
    );
    expect(stderr).toContain("how to fix: Close that program");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each(COMMANDS)("because there is none: %s %s names it", async (...args) => {
    const { exitCode, stderr } = await runCommand([...args, "--port", "/dev/no-such-port"], desk.folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("MK1601 The port /dev/no-such-port does not exist.");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "for want of its group: the remedy has the command that adds it",
    async () => {
      const { chownSync, realpathSync } = await import("node:fs");
      const device = realpathSync(desk.port);
      const dialout = 20;
      chownSync(device, 0, dialout);
      chmodSync(device, 0o660);
      const { exitCode, stderr } = await runCommand(["eval", "1", "--port", device], "/", {}, NOBODY);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`MK1603 You have no permission to use ${device}.`);
      expect(stderr).toContain(
        "It belongs to the group dialout. Join it with `sudo usermod -a -G dialout nobody`",
      );
      chmodSync(device, 0o600);
      const closed = await runCommand(["eval", "1", "--port", device], "/", {}, NOBODY);
      expect(closed.stderr).toContain(`sudo setfacl -m u:nobody:rw ${device}`);
    },
  );
});

describe.skipIf(!hasProgram("socat"))("a chip in download mode", { timeout: COMMAND_MS_MAX }, () => {
  it.each([
    ["ESP32", "esp32"],
    ["ESP32-C3", "esp32c3"],
    ["ESP32-S3", "esp32s3"],
  ] as const)("is told by chip and MAC: %s", async (name, chip) => {
    const desk = await Desk.create(new LoaderDevice({ model: chipModel(chip), startsInDownloadMode: true }));
    try {
      const ask = (ports: readonly Listed[], ...args: string[]) =>
        runCommand(["ports", "--probe", ...args], desk.folder, { PATH: installPorts(desk.folder, ports) });
      const likely = [{ path: desk.port, usb: CP210X }];
      const { stdout } = await ask(likely);
      expect(stdout).toContain(`${desk.port} (CP210x): ${name}`);
      expect(stdout).toContain(` in download mode, MAC ${MAC}\n`);
      const { ports } = JSON.parse((await ask(likely, "--json")).stdout) as { ports: unknown[] };
      expect(ports).toMatchObject([{ name: desk.port, chip: { chip: name, mac: MAC } }]);
      const bytes: number[] = [];
      desk.board.receive = (piece) => void bytes.push(...piece);
      expect((await ask([{ path: desk.port }])).stdout).toContain("no answer");
      expect(bytes).toEqual([5]);
    } finally {
      await desk.clear();
    }
  });
});
