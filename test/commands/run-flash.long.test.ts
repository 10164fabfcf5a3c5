/** `motekit run --flash`: from a chip without an interpreter to an app that is on its hub. */
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
import { Desk } from "../fixtures/serial/desk.ts";
import { SimulatedDevice } from "../fixtures/serial/simulated-device.ts";

const TEST_MS_MAX = 120_000;
const STEP_MS_MAX = 60_000;
const WIFI = { ssid: "home", password: "longenough" };
const FLASH = ["run", "--flash", "--firmware", ".", "--flash-baud", "115200"];

/** Blank, in download mode, on a port without lines for a reset. What is flashed starts an interpreter. */
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

describe.skipIf(!hasProgram("socat"))("run --flash", { timeout: TEST_MS_MAX }, () => {
  let desk: Desk<LoaderDevice>;
  let command: RunningCommand | undefined;

  beforeEach(async () => {
    desk = await Desk.create(blankBoard());
    for (const [name, bytes] of packageFiles(loadBoard("esp32"), 30_000)) {
      writeFileSync(join(desk.folder, name), bytes);
    }
  });
  afterEach(async () => {
    await command?.interrupt();
    command = undefined;
    await desk.clear();
  });

  function writeSettings(hubPort: number): void {
    desk.write(
      "motekit.secrets.env",
      `WIFI_SSID=${WIFI.ssid}\nWIFI_PASSWORD=${WIFI.password}\nHUB_URL=mqtt://127.0.0.1:${hubPort}\nDEVICE_ID=out-of-the-box\n`,
    );
  }

  test("flashes, uploads, configures and watches a blank board, until it is on its hub", async () => {
    const hub = await openHub();
    writeSettings(hub.port);
    command = desk.start(...FLASH);
    await command.untilLine("Press RESET", STEP_MS_MAX);
    desk.board.setSignals({ requestToSend: true });
    desk.board.setSignals({ requestToSend: false });
    await command.untilLine("in slot 0", STEP_MS_MAX);
    await command.untilLine("out-of-the-box is configured: Wi-Fi home; hub", STEP_MS_MAX);
    await command.untilLine("~mk connected", STEP_MS_MAX);
    expect(hub.events).toContainEqual(
      expect.objectContaining({ event: "connected", clientId: "out-of-the-box" }),
    );
    expect(command.lines.join("\n")).not.toContain(WIFI.password);
    expect((await command.interrupt()).exitCode).toBe(0);
  });

  test("tells what is missing before anything is written", async () => {
    const { exitCode, stderr } = await desk.motekit(...FLASH);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("MK1803 The configuration has no WIFI_SSID and no HUB_URL.");
    expect(desk.board.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test.each<[string, string[], string]>([
    ["a package without --flash", ["--firmware", "."], "MK1913"],
    ["--flash without a package", ["--flash"], "MK1911"],
    ["a board that the package is not for", ["--flash", "--firmware", ".", "--board", "esp32c3"], "MK1902"],
  ])("%s is refused before the port is touched", async (_title, args, code) => {
    const { exitCode, stderr } = await runCommand(["run", ...args, "--port", "/dev/none"], desk.folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error ${code}`);
  });
});
