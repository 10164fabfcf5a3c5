/** The interpreter into three chips, by esptool-js over a line, and what happens when that breaks off. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Board, loadBoard } from "../../host/boards.ts";
import { type FirmwarePackage, firmwarePackage } from "../../host/flash/firmware-package.ts";
import { type FlashOptions, flash } from "../../host/flash/flasher.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { systemClock } from "../../host/serial/line-clock.ts";
import { nextFraction, seededRandom } from "../../host/simulator/random.ts";
import { StorageFiles } from "../../host/simulator/storage.ts";
import { CHIPS, type ChipModel, MAC } from "../fixtures/loader/chips.ts";
import { LoaderDevice, type LoaderFaults } from "../fixtures/loader/loader-device.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
import { MemoryLine, type MemoryLineOptions } from "../fixtures/serial/memory-line.ts";
import { SimulatedDevice } from "../fixtures/serial/simulated-device.ts";

const TEST_MS_MAX = 120_000;
const CUTS = 200;
const CUTS_AT_ONCE = 25;
const FLASH_BAUD = 460_800;
const USB_JTAG = { usbVendorId: 0x303a, usbProductId: 0x1001 };

function packageOf(board: Board): FirmwarePackage {
  return firmwarePackage(packageFiles(board), [board], "a test's package");
}

/** A chip that starts the simulated interpreter where its flash holds the package. */
function chipWith(model: ChipModel, faults: LoaderFaults = {}): LoaderDevice {
  const board = loadBoard(model.chip);
  const { images } = packageOf(board);
  return new LoaderDevice({
    model,
    faults,
    app: (content) => {
      if (!images.every(({ bytes, offsetBytes }) => holds(content, offsetBytes, bytes))) return undefined;
      const device = new SimulatedDevice({ clock: systemClock, storage: new StorageFiles(65_536), board });
      device.powerOn();
      return device;
    },
  });
}

function holds(content: Uint8Array, offset: number, bytes: Uint8Array): boolean {
  return Buffer.compare(content.subarray(offset, offset + bytes.length), bytes) === 0;
}

function flashTo(
  device: LoaderDevice,
  model: ChipModel,
  more: Partial<FlashOptions> = {},
  cable: MemoryLineOptions = {},
) {
  const line = new MemoryLine(device, cable);
  const result = flash(line, {
    firmware: packageOf(loadBoard(model.chip)),
    boards: CHIPS.map(({ chip }) => loadBoard(chip)),
    baudRate: FLASH_BAUD,
    usb: model.reset === "usb-jtag" ? USB_JTAG : {},
    md5: (bytes) => createHash("md5").update(bytes).digest("hex"),
    ...more,
  });
  return { line, result };
}

describe.each(CHIPS)("$chip", { timeout: TEST_MS_MAX }, (model) => {
  const firmware = packageOf(loadBoard(model.chip));

  test("is flashed, proved, and starts the interpreter", async () => {
    const device = chipWith(model);
    const steps: string[] = [];
    const progress: number[] = [];
    const { line, result } = flashTo(device, model, {
      onStep: (step) => steps.push(step),
      onProgress: (written) => progress.push(written),
    });
    const flashed = await result;
    expect(flashed).toMatchObject({ mac: MAC, wasReset: true, flashBytes: 4 * 1024 * 1024 });
    expect(flashed.chip.toLowerCase().replace("-", "")).toBe(model.chip);
    for (const { bytes, offsetBytes } of firmware.images)
      expect(holds(device.flash, offsetBytes, bytes)).toBe(true);
    expect(steps).toEqual(["connect", "stub", "write", "reset"]);
    expect(progress).toEqual([...progress].sort((one, other) => one - other));
    expect(progress.at(-1)).toBe(flashed.writtenBytes);
    const interpreter = await new BoardConsole(line).identify();
    expect(interpreter.board).toBe(loadBoard(model.chip).espruinoBoard);
  });

  test("takes fewer bytes compressed", async () => {
    const bytesOn: number[] = [];
    for (const compress of [true, false]) {
      const { line, result } = flashTo(chipWith(model), model, { compress });
      await result;
      bytesOn.push(line.bytesWritten);
    }
    const [compressed = 0, raw = 0] = bytesOn;
    process.stdout.write(`${model.chip}: ${compressed} bytes on the line compressed, ${raw} raw\n`);
    expect(compressed).toBeLessThan(0.85 * raw);
  });

  test("forgets its files by erasing Storage, or everything", async () => {
    const { storage } = loadBoard(model.chip);
    const device = chipWith(model);
    device.flash.fill(0x42);
    await flashTo(device, model, { firmware: undefined, erase: "storage" }).result;
    const end = storage.addressBytes + storage.sizeBytes;
    expect(device.flash.subarray(storage.addressBytes, end).every((byte) => byte === 0xff)).toBe(true);
    expect(device.flash[storage.addressBytes - 1]).toBe(0x42);
    await flashTo(device, model, { firmware: undefined, erase: "all" }).result;
    expect(device.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("refuses another chip's package before anything is written", async () => {
    const other = CHIPS.find(({ chip }) => chip !== model.chip) as ChipModel;
    const device = chipWith(model);
    await expect(
      flashTo(device, model, { firmware: packageOf(loadBoard(other.chip)), erase: "all" }).result,
    ).rejects.toMatchObject({ code: "MK1905", message: expect.stringContaining("Nothing was written") });
  });
});

describe("a flashing that goes wrong", { timeout: TEST_MS_MAX }, () => {
  const model = CHIPS[0] as ChipModel;

  test.each<[string, LoaderFaults, RegExp]>([
    ["dies in the midst", { diesAtBlock: 2 }, /MK1908.*half written/],
    ["writes other bits than it got", { flipsBit: true }, /MK1908.*MD5.*half written/],
    ["has a stub loader that stays silent", { stubIsSilent: true }, /MK1908.*Nothing was written/],
  ])("tells of a chip that %s, and the next try works", async (_, faults, message) => {
    const device = chipWith(model, faults);
    const error = await flashTo(device, model).result.catch((one: Error & { code: string }) => one);
    expect(
      `${"code" in error && error.code} ${"message" in error && error.message}`.replace(/\s+/g, " "),
    ).toMatch(message);
    device.faults = {};
    expect(await flashTo(device, model).result).toMatchObject({ mac: MAC });
  });

  test("sends a block again whose checksum was found wrong", async () => {
    expect(await flashTo(chipWith(model, { wrongChecksumAtBlock: 2 }), model).result).toMatchObject({
      mac: MAC,
    });
  });

  test("needs the stub loader, which a locked chip does not take", async () => {
    const locked = CHIPS[1] as ChipModel;
    await expect(flashTo(chipWith(locked, { isLocked: true }), locked).result).rejects.toMatchObject({
      code: "MK1906",
    });
  });

  test("keeps esptool's diagnosis where no loader answers", async () => {
    const device = chipWith(model);
    device.setSignals = () => undefined;
    await expect(flashTo(device, model, { attemptsMax: 1 }).result).rejects.toMatchObject({
      code: "MK1904",
      message: expect.stringMatching(/No chip in download mode answers on memory\. \S+/),
      remedy: expect.stringContaining("Hold BOOT"),
    });
  });

  test(`cut at ${CUTS} random points leaves a board that the next try flashes, and says what state it is in`, async () => {
    const { line, result } = flashTo(chipWith(model), model);
    await result;
    const random = seededRandom(7);
    const points = Array.from({ length: CUTS }, () => Math.floor(nextFraction(random) * line.bytesWritten));
    let halfWritten = 0;
    for (let first = 0; first < points.length; first += CUTS_AT_ONCE) {
      await Promise.all(
        points.slice(first, first + CUTS_AT_ONCE).map(async (cutAtByte) => {
          const device = chipWith(model);
          const blank = device.flash.slice();
          const error = await flashTo(device, model, {}, { cutAtByte }).result.catch((one: Error) => one);
          expect(error, `cut at ${cutAtByte}`).toMatchObject({ code: "MK1604" });
          const { message } = error as Error;
          const isChanged = Buffer.compare(blank, device.flash) !== 0;
          if (isChanged) expect(message).toContain("half written");
          else expect(message).toMatch(/unplugged|half written/);
          if (message.includes("half written")) halfWritten++;
          await flashTo(device, model).result;
          const again = packageOf(loadBoard(model.chip)).images.every(({ bytes, offsetBytes }) =>
            holds(device.flash, offsetBytes, bytes),
          );
          expect(again, `after a cut at ${cutAtByte}`).toBe(true);
        }),
      );
    }
    process.stdout.write(
      `${CUTS} cuts of ${line.bytesWritten} bytes: ${halfWritten} left the flash half written\n`,
    );
    expect(halfWritten).toBeGreaterThan(CUTS / 4);
  });
});
