/**
 * The choice of a port. A program in place of udevadm lists the computer's ports, which are pseudo-terminals with boards
 * behind them.
 */
import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { openNodeLine } from "../../host/serial/node-line.ts";
import { type Outcome, runCommand, runProcess } from "../fixtures/command.ts";
import { chipModel, MAC } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { BoardSetup, describeOnBoards } from "../fixtures/serial/board-setup.ts";
import { installPorts, type Listed } from "../fixtures/serial/listed-ports.ts";
import { TEST_BOARDS } from "../fixtures/serial/test-boards.ts";

const COMMAND_MS_MAX = 60_000;
const CP210X = { vendor: "10c4", product: "ea60" };

describeOnBoards("the choice of a port", (setup) => {
  function motekit(ports: readonly Listed[], args: string[], environment = {}): Promise<Outcome> {
    const PATH = installPorts(setup().folder, ports);
    return runCommand(args, setup().folder, { PATH, MOTEKIT_PORT: "", ...environment });
  }

  test("motekit ports lists the ports, and probes them only with --probe", async () => {
    const { port } = setup();
    const ports = [{ path: port, usb: CP210X }, { path: "/dev/no-such-port" }];
    expect(await motekit(ports, ["ports"])).toEqual({
      exitCode: 0,
      stdout: `/dev/no-such-port\n${port} (CP210x)\n`,
      stderr: "",
    });
    const probed = await motekit(ports, ["ports", "--probe"]);
    expect(probed.stdout).toMatch(/no-such-port: .*\/dev\/no-such-port.*\n/);
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

  test("a command without --port uses the only port that looks like a board", async () => {
    const ports = [{ path: setup().port, usb: CP210X }, { path: "/dev/ttyS0" }];
    expect(await motekit(ports, ["eval", "6*7"])).toMatchObject({ exitCode: 0, stdout: "42\n" });
  });

  test("a command without --port lists several possible ports and opens none", async () => {
    let received = 0;
    setup().board.receive = (bytes) => {
      received += bytes.length;
    };
    const ports = [
      { path: setup().port, usb: CP210X },
      { path: "/dev/ttyUSB7", usb: { vendor: "303a", product: "1001" } },
    ];
    const { exitCode, stdout, stderr } = await motekit(ports, ["eval", "6*7"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("MK1607");
    expect(stderr).toContain("/dev/ttyUSB7 (");
    expect(stderr).toContain(`${setup().port} (CP210x)`);
    expect(stderr).toContain("--port");
    expect(received).toBe(0);
  });

  test("MOTEKIT_PORT takes precedence over the project file, and --port over both", async () => {
    const { port } = setup();
    const several = [
      { path: "/dev/ttyUSB7", usb: CP210X },
      { path: "/dev/ttyUSB8", usb: CP210X },
    ];
    setup().write("motekit.config.ts", 'export default { port: "/dev/of-the-project" };\n');
    expect((await motekit(several, ["eval", "1"])).stderr).toMatch(/MK1601 .*\/dev\/of-the-project/);
    const named = { MOTEKIT_PORT: "/dev/of-the-environment" };
    expect((await motekit(several, ["eval", "1"], named)).stderr).toContain("/dev/of-the-environment");
    expect(await motekit(several, ["eval", "1", "--port", port], named)).toMatchObject({ stdout: "1\n" });
    setup().write("motekit.config.ts", `export default { port: ${JSON.stringify(port)} };\n`);
    expect(await motekit(several, ["eval", "2"])).toMatchObject({ stdout: "2\n" });
  });

  test("commands report a computer without ports, and one where ports cannot be listed", async () => {
    expect((await motekit([], ["ports"])).stdout).toBe("This computer has no serial ports.\n");
    expect((await motekit([], ["eval", "1"])).stderr).toContain("MK1607");
    const broken = await runCommand(["eval", "1"], setup().folder, { PATH: "/nowhere", MOTEKIT_PORT: "" });
    expect(broken).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("MK1608") });
  });
});

/** The user ID of `nobody`, which a test that runs as root switches to. */
const NOBODY = 65_534;
const [simulated] = TEST_BOARDS;

describe.skipIf(!hasProgram("socat"))("a port that cannot be opened", { timeout: COMMAND_MS_MAX }, () => {
  let setup: BoardSetup;

  beforeEach(async () => {
    if (!simulated) throw new Error("There is no simulated board.");
    setup = await BoardSetup.create(simulated.create());
  });

  afterEach(() => setup.clear());

  const COMMANDS = [
    ["upload"],
    ["files", "ls"],
    ["eval", "1"],
    ["configure", "--show"],
    ["monitor"],
    ["run"],
  ];

  test.each(COMMANDS)(
    "in use by another program: motekit %s %s names the port and the program",
    async (...args) => {
      const line = await openNodeLine(setup.port);
      const { exitCode, stdout, stderr } = await runProcess([...args, "--port", setup.port], setup.folder);
      await line.close();
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
      expect(stderr).toMatch(
        new RegExp(`MK1602 ${setup.port} is in use by \\S+.* \\(process ${process.pid}\\)[. ]`),
      );
      expect(stderr).toContain("how to fix: ");
      expect(stderr).not.toMatch(/\n\s+at /);
    },
  );

  test.each(COMMANDS)("missing: motekit %s %s names the port", async (...args) => {
    const { exitCode, stderr } = await runCommand([...args, "--port", "/dev/no-such-port"], setup.folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/MK1601 .*\/dev\/no-such-port/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "without permission: the message has the command that gives it",
    async () => {
      const { chownSync, realpathSync } = await import("node:fs");
      const device = realpathSync(setup.port);
      const dialout = 20;
      chownSync(device, 0, dialout);
      chmodSync(device, 0o660);
      const { exitCode, stderr } = await runCommand(["eval", "1", "--port", device], "/", {}, NOBODY);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("MK1603");
      expect(stderr).toContain(device);
      expect(stderr).toContain("`sudo usermod -a -G dialout nobody`");
      chmodSync(device, 0o600);
      const closed = await runCommand(["eval", "1", "--port", device], "/", {}, NOBODY);
      expect(closed.stderr).toContain(`sudo setfacl -m u:nobody:rw ${device}`);
    },
  );
});

describe.skipIf(!hasProgram("socat"))("motekit ports --probe", { timeout: COMMAND_MS_MAX }, () => {
  it.each([
    ["ESP32", "esp32"],
    ["ESP32-C3", "esp32c3"],
    ["ESP32-S3", "esp32s3"],
  ] as const)("prints chip and MAC of a chip in download mode: %s", async (name, chip) => {
    const setup = await BoardSetup.create(
      new LoaderDevice({ model: chipModel(chip), startsInDownloadMode: true }),
    );
    try {
      const ask = (ports: readonly Listed[], ...args: string[]) =>
        runCommand(["ports", "--probe", ...args], setup.folder, { PATH: installPorts(setup.folder, ports) });
      const likely = [{ path: setup.port, usb: CP210X }];
      const { stdout } = await ask(likely);
      expect(stdout).toContain(`${setup.port} (CP210x): ${name}`);
      expect(stdout).toContain(` in download mode, MAC ${MAC}\n`);
      const { ports } = JSON.parse((await ask(likely, "--json")).stdout) as { ports: unknown[] };
      expect(ports).toMatchObject([{ name: setup.port, chip: { chip: name, mac: MAC } }]);
      const bytes: number[] = [];
      setup.board.receive = (piece) => void bytes.push(...piece);
      expect((await ask([{ path: setup.port }])).stdout).toContain("no answer");
      expect(bytes).toEqual([5]);
    } finally {
      await setup.clear();
    }
  });
});
