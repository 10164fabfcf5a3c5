/** The interpreter into three chips, by esptool-js over a line, and what happens when that breaks off. */
import { describe, expect, test, vi } from "vitest";
import { type Board, loadBoard } from "../../host/boards.ts";
import { type FirmwarePackage, firmwarePackage } from "../../host/flash/firmware-package.ts";
import { type FlashOptions, flash } from "../../host/flash/flasher.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { systemClock } from "../../host/serial/line-clock.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { nextFraction, seededRandom } from "../../host/simulator/interpreter/random.ts";
import { effort } from "../fixtures/effort.ts";
import { CHIPS, type ChipModel, MAC } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import type { LoaderDeviceOptions, LoaderFaults } from "../fixtures/loader/loader-options.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
import { MemoryLine, type MemoryLineOptions } from "../fixtures/serial/memory-line.ts";
import type { SerialDevice } from "../fixtures/serial/serial-device.ts";
import { SimulatedDevice } from "../fixtures/serial/simulated-device.ts";

const TEST_MS_MAX = 120_000;
const CUTS = effort("flashCuts");
/** They are two flashings each, and other work may run beside. */
const CUTS_MS_MAX = 400_000;
const CUTS_AT_ONCE = 10;
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
  return { line, result: flash(line, { ...optionsOf(model), ...more }) };
}

function optionsOf(model: ChipModel): FlashOptions {
  return {
    firmware: packageOf(loadBoard(model.chip)),
    boards: CHIPS.map(({ chip }) => loadBoard(chip)),
    baudRate: FLASH_BAUD,
    usb: model.reset === "usb-jtag" ? USB_JTAG : {},
  };
}

const STATES = {
  untouched: "Nothing was written to the board.",
  halfWritten: "The board's flash is partly written. The board does not start until it is flashed again",
  storageHalfErased: "The board's files are partly erased. Its interpreter is unchanged and starts.",
  storageErased: "The board's files are erased. Its interpreter is unchanged and starts.",
  halfErased: "The board's flash is partly erased. The board does not start until",
  erased: "The board's flash is erased. The board does not start until",
  written: "The interpreter is written and verified by MD5. Only the restart failed.",
};

/** The one of them that an error tells. */
function stateIn(error: unknown): string {
  const { message } = error as Error;
  const told = Object.entries(STATES).filter(([, sentence]) => message.includes(sentence));
  expect(told, message).toHaveLength(1);
  return (told[0] as [string, string])[0];
}

function failing(result: Promise<unknown>): Promise<Error & { code: string; remedy: string }> {
  return result.then(
    () => {
      throw new Error("The flashing did not fail.");
    },
    (error) => error,
  );
}

const ERASE_STORAGE: Partial<FlashOptions> = { firmware: undefined, erase: "storage" };
const ERASE_ALL: Partial<FlashOptions> = { firmware: undefined, erase: "all" };

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
    expect(flashed).toMatchObject({
      mac: MAC,
      wasReset: true,
      flashBytes: 4 * 1024 * 1024,
      baudRate: FLASH_BAUD,
    });
    expect(flashed.chip.toLowerCase().replace("-", "")).toBe(model.chip);
    for (const { bytes, offsetBytes } of firmware.images)
      expect(holds(device.flash, offsetBytes, bytes)).toBe(true);
    expect(steps).toEqual(["connect", "stub", "write", "reset"]);
    expect(progress).toEqual([...progress].sort((one, other) => one - other));
    expect(progress.at(-1)).toBe(flashed.writtenBytes);
    const interpreter = await new BoardConsole(line).identify();
    expect(interpreter.board).toBe(loadBoard(model.chip).espruinoBoard);
  });

  test("is reset also where nobody can tell what USB it hangs on", async () => {
    const { line, result } = flashTo(chipWith(model), model, { usb: {} });
    expect(await result).toMatchObject({ wasReset: true });
    expect((await new BoardConsole(line).identify()).board).toBe(loadBoard(model.chip).espruinoBoard);
  });

  test("is flashed at the loader's own rate where the line carries no higher one, and tells that", async () => {
    const device = chipWith(model, { baudRateMax: 115_200 });
    expect(await flashTo(device, model).result).toMatchObject({ baudRate: 115_200, wasReset: true });
    for (const { bytes, offsetBytes } of firmware.images)
      expect(holds(device.flash, offsetBytes, bytes)).toBe(true);
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

  test("erases the Storage of the board that is asked for", async () => {
    const own = loadBoard(model.chip);
    const storage = { ...own.storage, addressBytes: 0x100000, sizeBytes: 0x11000 };
    const device = chipWith(model);
    device.flash.fill(0x42);
    await flashTo(device, model, { ...ERASE_STORAGE, board: { ...own, storage } }).result;
    const expected = new Uint8Array(device.flash.length).fill(0x42).fill(0xff, 0x100000, 0x111000);
    expect(Buffer.compare(device.flash, expected)).toBe(0);
  });

  const other = CHIPS.find(({ chip }) => chip !== model.chip) as ChipModel;

  test("refuses to erase it where the board that is asked for has another chip", async () => {
    const device = chipWith(model);
    device.flash.fill(0x42);
    const error = await failing(
      flashTo(device, model, { ...ERASE_STORAGE, board: loadBoard(other.chip) }).result,
    );
    expect(error).toMatchObject({ code: "MK1905", message: expect.stringContaining(`"${other.chip}"`) });
    expect(stateIn(error)).toBe("untouched");
    expect(device.flash.every((byte) => byte === 0x42)).toBe(true);
  });

  test("refuses another chip's package before anything is written, and starts what it was", async () => {
    const device = chipWith(model);
    await flashTo(device, model).result;
    const firmware = packageOf(loadBoard(other.chip));
    const { line, result } = flashTo(device, model, { firmware, erase: "all" });
    const error = await failing(result);
    expect(error.code).toBe("MK1905");
    expect(stateIn(error)).toBe("untouched");
    const interpreter = await new BoardConsole(line).identify();
    expect(interpreter.board).toBe(loadBoard(model.chip).espruinoBoard);
  });
});

describe.concurrent.each(CHIPS)("a flashing of $chip that goes wrong", { timeout: TEST_MS_MAX }, (model) => {
  test.each<[string, LoaderFaults, RegExp]>([
    ["dies in the midst", { diesAtBlock: 2 }, /MK1908.*partly written/],
    ["writes other bits than it got", { flipsBit: true }, /MK1908.*MD5.*partly written/],
    ["loses a byte of an answer", { losesByteOfAnswerToBlock: 2 }, /MK1908.*partly written/],
    ["has a stub loader that stays silent", { stubIsSilent: true }, /MK1908.*Nothing was written/],
    ["takes no stub loader", { isLocked: true }, /MK190[68].*Nothing was written/],
  ])("tells of a chip that %s, and the next try works", async (_, faults, message) => {
    const device = chipWith(model, faults);
    const error = await failing(flashTo(device, model).result);
    expect(`${error.code} ${error.message}`.replace(/\s+/g, " ")).toMatch(message);
    device.faults = {};
    expect(await flashTo(device, model).result).toMatchObject({ mac: MAC });
  });

  test.each<[string, LoaderFaults]>([
    ["was found wrong by its checksum", { wrongChecksumAtBlock: 2 }],
    ["lost a byte on the line", { losesByteOfBlock: 2 }],
  ])("sends a block again that %s", async (_, faults) => {
    expect(await flashTo(chipWith(model, faults), model).result).toMatchObject({ mac: MAC });
  });
});

test.each(CHIPS.filter(({ reset }) => reset === "usb-jtag"))(
  "the watchdogs that $chip's own USB leaves running are stopped, known as it is or not",
  { timeout: TEST_MS_MAX },
  async (model) => {
    for (const usb of [USB_JTAG, {}]) {
      const { result } = flashTo(chipWith(model, { watchdogsBiteAtBlock: 2 }), model, { usb });
      expect(await result).toMatchObject({ mac: MAC });
    }
  },
);

describe("a flashing that breaks off", { timeout: TEST_MS_MAX }, () => {
  const model = CHIPS[0] as ChipModel;

  test.each<[keyof typeof STATES, string, Partial<FlashOptions>, number]>([
    ["storageHalfErased", "an erasing of Storage", ERASE_STORAGE, 1],
    ["storageHalfErased", "an erasing of Storage", ERASE_STORAGE, 2],
    ["halfErased", "an erasing of all", ERASE_ALL, 8],
    ["halfErased", "an erasing of all, before a package", { erase: "all" }, 3],
  ])("says %s of %s that is unplugged", async (state, _, options, erase) => {
    const device = chipWith(model);
    const { line, result } = flashTo(device, model, {
      ...options,
      onProgress: () => {
        if (--left === 0) line.unplug();
      },
    });
    let left = erase - 1;
    if (left === 0) device.onErase = () => line.unplug();
    const error = await failing(result);
    expect(error.code).toBe("MK1604");
    expect(stateIn(error)).toBe(state);
  });

  test.each<[keyof typeof STATES, Partial<FlashOptions>]>([
    ["written", {}],
    ["storageErased", ERASE_STORAGE],
    ["erased", ERASE_ALL],
  ])("says %s where only the reset fails", async (state, options) => {
    const { line, result } = flashTo(chipWith(model), model, {
      ...options,
      onStep: (step) => {
        if (step === "reset") line.unplug();
      },
    });
    const error = await failing(result);
    expect(error.code).toBe("MK1604");
    expect(stateIn(error)).toBe(state);
    if (state === "written") expect(error.remedy).toContain("Press RESET");
  });

  test.each(["storage", "all"] as const)(
    "notices after half a minute a chip that dies while %s is erased, and tells how far it had got",
    async (erase) => {
      vi.useFakeTimers();
      try {
        const erased: number[] = [];
        const outcome = failing(
          flashTo(chipWith(model, { diesAtErase: 2 }), model, {
            firmware: undefined,
            erase,
            onProgress: (bytes) => erased.push(bytes),
          }).result,
        );
        let isOver = false;
        void outcome.then(() => {
          isOver = true;
        });
        let tookMs = 0;
        for (; !isOver && tookMs < TEST_MS_MAX; tookMs += 500) await vi.advanceTimersByTimeAsync(500);
        expect(tookMs).toBeLessThan(35_000);
        expect(tookMs).toBeGreaterThan(20_000);
        expect(erased).toEqual([expect.any(Number)]);
        const error = await outcome;
        expect(error.code).toBe("MK1908");
        expect(stateIn(error)).toBe(erase === "all" ? "halfErased" : "storageHalfErased");
      } finally {
        vi.useRealTimers();
      }
    },
  );

  test.each([
    ["goes by pieces of 512 KiB", undefined, 8],
    ["is one command beyond 16 MiB, which no region can name", 0x19_40_20, 1],
  ])("the erasing of all %s", async (_, flashId, count) => {
    const device = new LoaderDevice({ model, ...(flashId && { flashId }) });
    let erases = 0;
    device.onErase = () => erases++;
    const { flashBytes } = await flashTo(device, model, ERASE_ALL).result;
    expect({ flashBytes, erases }).toEqual({ flashBytes: (flashId ? 32 : 4) * 1024 * 1024, erases: count });
    expect(device.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("says which rate is too high where the port has no lines to reset the chip by", async () => {
    const options: LoaderDeviceOptions = {
      model,
      startsInDownloadMode: true,
      faults: { baudRateMax: 115_200 },
    };
    const line = new MemoryLine(new LoaderDevice(options), { hasSignals: false });
    const error = await failing(flash(line, optionsOf(model)));
    expect(error).toMatchObject({
      code: "MK1908",
      message: expect.stringContaining("memory does not respond at 460800 baud."),
      remedy: expect.stringMatching(/^Hold BOOT .* and repeat the command with `--baud 115200`/),
    });
    expect(stateIn(error)).toBe("untouched");
    const again = new MemoryLine(new LoaderDevice(options), { hasSignals: false });
    const flashed = await flash(again, { ...optionsOf(model), baudRate: 115_200 });
    expect(flashed).toMatchObject({ baudRate: 115_200, wasReset: false });
  });

  test.each<[string, string, RegExp]>([
    ["says nothing", "", /It sent nothing: .* esptool-js: \S+/],
    ["runs an app", "temperature 21\r\n", /It sent \d+ bytes, but no valid response: .* esptool-js: \S+/],
    ["starts what is in its flash", "boot:0x13 (SPI_FAST_FLASH_BOOT)", /Wrong boot mode detected \(0x13\)/],
  ])("keeps esptool's diagnosis of a board that %s", async (_, said, found) => {
    const silent: SerialDevice = {
      onSend: () => undefined,
      receive: () => undefined,
      setSignals: () => silent.onSend(Buffer.from(said)),
    };
    const error = await failing(flash(new MemoryLine(silent), { ...optionsOf(model), attemptsMax: 1 }));
    expect(error).toMatchObject({
      code: "MK1904",
      message: expect.stringMatching(/^No chip in download mode responds on memory\. /),
      remedy: expect.stringContaining("Hold BOOT (IO0), press and release RESET (EN), release BOOT"),
    });
    expect(error.message).toMatch(found);
    expect(stateIn(error)).toBe("untouched");
  });

  test(`cut at ${CUTS} random points leaves a board that the next try flashes, and says what state it is in`, {
    timeout: CUTS_MS_MAX,
  }, async () => {
    const lengths = await Promise.all(
      CHIPS.map(async (chip) => {
        const { line, result } = flashTo(chipWith(chip), chip);
        await result;
        return line.bytesWritten;
      }),
    );
    const random = seededRandom(7);
    const cuts = Array.from({ length: CUTS }, (_, index) => {
      const which = index % CHIPS.length;
      return {
        chip: CHIPS[which] as ChipModel,
        // One in each of as many parts of the whole.
        cutAtByte: Math.floor(((index + nextFraction(random)) / CUTS) * (lengths[which] as number)),
      };
    });
    const told = { untouched: 0, halfWritten: 0 };
    for (let first = 0; first < cuts.length; first += CUTS_AT_ONCE) {
      const states = await Promise.all(
        cuts
          .slice(first, first + CUTS_AT_ONCE)
          .map(({ chip, cutAtByte }) => cutAndFlashAgain(chip, cutAtByte)),
      );
      for (const state of states) told[state]++;
    }
    process.stdout.write(`${CUTS} cuts: ${JSON.stringify(told)}\n`);
    expect(told.untouched).toBeGreaterThan(CUTS / 10);
    expect(told.halfWritten).toBeGreaterThan(CUTS / 4);
  });
});

/** The state that the error told, which is held to the bytes that the board had got. */
async function cutAndFlashAgain(model: ChipModel, cutAtByte: number): Promise<"untouched" | "halfWritten"> {
  const device = chipWith(model);
  device.flash.fill(0x42);
  const before = device.flash.slice();
  let untouchedBytes = Number.POSITIVE_INFINITY;
  const { line, result } = flashTo(
    device,
    model,
    {
      onStep: (step) => {
        if (step === "write") untouchedBytes = line.bytesWritten;
      },
    },
    { cutAtByte },
  );
  const error = await failing(result);
  const where = `${model.chip} cut at ${cutAtByte}`;
  expect(error, where).toMatchObject({ code: "MK1604" });
  const isChanged = Buffer.compare(device.flash, before) !== 0;
  const state = stateIn(error);
  expect(state, where).toBe(cutAtByte >= untouchedBytes ? "halfWritten" : "untouched");
  if (isChanged) expect(state, where).toBe("halfWritten");
  await flashTo(device, model).result;
  for (const { bytes, offsetBytes } of packageOf(loadBoard(model.chip)).images) {
    expect(holds(device.flash, offsetBytes, bytes), `after a ${where}`).toBe(true);
  }
  return state as "untouched" | "halfWritten";
}
