/** `motekit run --flash`: from a chip without an interpreter to an app that is connected to its hub. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { systemClock } from "../../host/serial/line-clock.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { type RunningCommand, runCommand } from "../fixtures/command.ts";
import { openHub } from "../fixtures/hubs.ts";
import { chipModel } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { BoardSetup } from "../fixtures/serial/board-setup.ts";
import { SimulatedDevice } from "../fixtures/serial/simulated-device.ts";

const TEST_MS_MAX = 120_000;
const STEP_MS_MAX = 60_000;
const WIFI = { ssid: "home", password: "longenough" };
const FLASH = ["run", "--flash", "--firmware", ".", "--flash-baud", "115200"];

/** A blank board in download mode, on a port without control lines for a reset. The flashed image starts an interpreter. */
function blankBoard(): LoaderDevice {
  const storage = new StorageFiles(262_144);
  return new LoaderDevice({
    model: chipModel("esp32"),
    startsInDownloadMode: true,
    app(flash) {
      if (flash[0x10000] !== 0xe9) return undefined;
      const board = loadBoard("esp32");
      const device = new SimulatedDevice({ clock: systemClock, storage, board, wifi: [WIFI] });
      device.powerOn();
      return device;
    },
  });
}

describe.skipIf(!hasProgram("socat"))("motekit run --flash", { timeout: TEST_MS_MAX }, () => {
  let setup: BoardSetup<LoaderDevice>;
  let command: RunningCommand | undefined;

  beforeEach(async () => {
    setup = await BoardSetup.create(blankBoard());
    for (const [name, bytes] of packageFiles(loadBoard("esp32"), 30_000)) {
      writeFileSync(join(setup.folder, name), bytes);
    }
  });
  afterEach(async () => {
    await command?.interrupt();
    command = undefined;
    await setup.clear();
  });

  function writeSettings(hubPort: number): void {
    setup.write(
      "motekit.secrets.env",
      `WIFI_SSID=${WIFI.ssid}\nWIFI_PASSWORD=${WIFI.password}\nHUB_URL=mqtt://127.0.0.1:${hubPort}\nDEVICE_ID=out-of-the-box\n`,
    );
  }

  test("flashes, uploads to, configures and monitors a blank board, which connects to its hub", async () => {
    const hub = await openHub();
    writeSettings(hub.port);
    command = setup.start(...FLASH);
    await command.untilLine("Press RESET", STEP_MS_MAX);
    setup.board.setSignals({ requestToSend: true });
    setup.board.setSignals({ requestToSend: false });
    await command.untilLine("in slot 0", STEP_MS_MAX);
    await command.untilLine("out-of-the-box is configured: Wi-Fi home; hub", STEP_MS_MAX);
    await command.untilLine("~mk connected", STEP_MS_MAX);
    expect(hub.events).toContainEqual(
      expect.objectContaining({ event: "connected", clientId: "out-of-the-box" }),
    );
    expect(command.lines.join("\n")).not.toContain(WIFI.password);
    expect((await command.interrupt()).exitCode).toBe(0);
  });

  test("reports missing settings before it writes anything", async () => {
    const { exitCode, stderr } = await setup.motekit(...FLASH);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/MK1803 .*WIFI_SSID.*HUB_URL/);
    expect(setup.board.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test.each<[string, string[], string]>([
    ["a package without --flash", ["--firmware", "."], "MK1913"],
    ["--flash without a package", ["--flash"], "MK1911"],
    ["a board that the package is not for", ["--flash", "--firmware", ".", "--board", "esp32c3"], "MK1902"],
  ])("refuses %s before it opens the port", async (_title, args, code) => {
    const { exitCode, stderr } = await runCommand(["run", ...args, "--port", "/dev/none"], setup.folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error ${code}`);
  });
});
