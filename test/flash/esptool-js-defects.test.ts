/**
 * The defects of esptool-js that host/flash works around, each in the package itself: a test that fails here says that one was
 * fixed, and its workaround can go.
 */
import { createHash } from "node:crypto";
import { ESPLoader, Transport } from "esptool-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chipImageProblem } from "../../host/flash/chip-image.ts";
import { type UsbIds, WebSerialPort } from "../../host/flash/web-serial-port.ts";
import type { LineSignals } from "../../host/serial/line.ts";
import { type ChipModel, chipModel } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import type { LoaderFaults } from "../fixtures/loader/loader-options.ts";
import { chipImage } from "../fixtures/loader/packages.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";

const TEST_MS_MAX = 60_000;
const OFFSET = 0x10000;
const terminal = { clean: () => undefined, write: () => undefined, writeLine: () => undefined };
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const image = chipImage(0, 4_000);

function bare(faults: LoaderFaults = {}, chip: ChipModel["chip"] = "esp32", ids: UsbIds = {}) {
  const device = new LoaderDevice({ model: chipModel(chip), faults });
  const line = new MemoryLine(device);
  const transport = new Transport(new WebSerialPort(line, ids) as never);
  return { device, line, transport, loader: new ESPLoader({ transport, baudrate: 115_200, terminal }) };
}

function writeOptions(more: object = {}) {
  return {
    fileArray: [{ data: image, address: OFFSET }],
    flashMode: "keep",
    flashFreq: "keep",
    flashSize: "keep",
    eraseAll: false,
    compress: true,
    ...more,
  } as Parameters<ESPLoader["writeFlash"]>[0];
}

/** Whether it came to an end, good or bad, in so long. */
function endsWithin(work: Promise<unknown>, durationMs: number): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  );
  return Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, durationMs, false))]);
}

let log: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  log = vi.spyOn(console, "log").mockImplementation(() => undefined);
});

afterEach(() => {
  log.mockRestore();
});

describe("esptool-js on the line", { timeout: TEST_MS_MAX }, () => {
  test("trace() writes to the console though tracing is off", () => {
    bare().transport.trace("x");
    expect(log).toHaveBeenCalled();
  });

  test("write() to a port that is gone is silent", async () => {
    await expect(bare().transport.write(new Uint8Array(1))).resolves.toBeUndefined();
  });

  test("read() waits for its whole time-out on a closed line, and reports noise", async () => {
    const WAIT_MS = 300;
    const readable = new ReadableStream({ start: (controller) => controller.close() });
    const transport = new Transport({ readable, getInfo: () => ({}) } as never);
    await endsWithin(transport.readLoop(), WAIT_MS);
    const startedMs = performance.now();
    await expect(transport.read(WAIT_MS)).rejects.toThrow("Possible serial noise");
    expect(performance.now() - startedMs).toBeGreaterThan(0.9 * WAIT_MS);
  });

  test("a write that fails leaves the port locked, and disconnect() never resolves", async () => {
    const UNLOCK_CHECK_MS = 400;
    const writable = new WritableStream({ write: () => Promise.reject(new Error("gone")) });
    const transport = new Transport({
      writable,
      readable: null,
      getInfo: () => ({}),
      close: async () => undefined,
    } as never);
    await expect(transport.write(new Uint8Array(1))).rejects.toThrow("gone");
    expect(await endsWithin(transport.disconnect(), 4 * UNLOCK_CHECK_MS)).toBe(false);
  });

  test("connect() gives no reason", async () => {
    const { device, loader, transport } = bare();
    device.setSignals = () => undefined;
    await expect(loader.detectChip("default_reset", 1)).rejects.toThrow(
      /^(Error: )?Failed to connect with the device$/,
    );
    await transport.disconnect();
  });

  test("a port without USB identifiers is reset as a USB bridge even if it is the chip's own USB", async () => {
    const { loader, transport } = bare({}, "esp32c3");
    await expect(loader.detectChip("default_reset", 3)).rejects.toThrow("Failed to connect");
    await transport.disconnect();
  });

  test("after('hard_reset') never asserts RTS, and pulls DTR as it was before the last reset", async () => {
    const { device, loader, transport } = bare();
    await loader.detectChip();
    const seen: LineSignals[] = [];
    device.setSignals = (signals) => void seen.push(signals);
    await loader.after("hard_reset", false);
    expect(seen).toEqual([{ requestToSend: false }, { dataTerminalReady: true }]);
    await transport.disconnect();
  });
});

describe("esptool-js in the flash", { timeout: TEST_MS_MAX }, () => {
  test("wrong data is not detected without an MD5 function", async () => {
    const { device, loader, transport } = bare({ flipsBit: true });
    await loader.detectChip();
    await loader.runStub();
    await expect(loader.writeFlash(writeOptions())).resolves.toBeUndefined();
    expect(Buffer.compare(device.flash.subarray(OFFSET, OFFSET + image.length), image)).not.toBe(0);
    await transport.disconnect();
  });

  test("without the stub loader the MD5 of correct data is reported as wrong", async () => {
    const { device, loader, transport } = bare();
    await loader.detectChip();
    await expect(loader.writeFlash(writeOptions({ calculateMD5Hash: md5 }))).rejects.toThrow("MD5");
    expect(Buffer.compare(device.flash.subarray(OFFSET, OFFSET + image.length), image)).toBe(0);
    await transport.disconnect();
  });

  test("without the stub loader eraseAll erases nothing, and reports nothing", async () => {
    const { device, loader, transport } = bare();
    device.flash.fill(0x42);
    await loader.detectChip();
    await expect(loader.writeFlash(writeOptions({ eraseAll: true }))).resolves.toBeUndefined();
    expect(device.flash[0]).toBe(0x42);
    await transport.disconnect();
  });

  test("a chip in secure download mode gets no stub loader, which is not reported", async () => {
    const device = new LoaderDevice({
      model: chipModel("esp32c3"),
      faults: { isLocked: true },
      startsInDownloadMode: true,
    });
    const transport = new Transport(new WebSerialPort(new MemoryLine(device)) as never);
    const loader = new ESPLoader({ transport, baudrate: 115_200, terminal });
    await loader.detectChip("no_reset");
    await expect(loader.runStub()).resolves.toBeDefined();
    expect(loader.IS_STUB).toBe(false);
    await transport.disconnect();
  });

  test.each(["esp32c3", "esp32s3"] as const)(
    "the watchdogs that the own USB of %s leaves running reset it in the midst of its flashing",
    async (chip) => {
      const ids = { usbVendorId: 0x303a, usbProductId: 0x1001 };
      const { device, loader, transport } = bare({ watchdogsBiteAtBlock: 1 }, chip, ids);
      await loader.detectChip();
      await loader.runStub();
      expect(device.mode).toBe("stub");
      // It waits its time-outs out before it says that nobody answers.
      loader.writeFlash(writeOptions()).catch(() => undefined);
      await vi.waitFor(() => expect(device.mode).toBe("app"));
      await transport.disconnect();
    },
  );

  test("only the whole chip can be erased, which takes two minutes without progress reports", () => {
    const { loader } = bare();
    expect(Object.getOwnPropertyNames(ESPLoader.prototype).filter((name) => /erase/i.test(name))).toEqual([
      "eraseFlash",
    ]);
    expect(loader.CHIP_ERASE_TIMEOUT).toBe(120_000);
  });

  test("a file beyond the end of the flash is begun where the size is kept as the image has it", async () => {
    const { device, loader, transport } = bare();
    await loader.detectChip();
    await loader.runStub();
    const beyond = { fileArray: [{ data: image, address: device.flash.length }] };
    await expect(loader.writeFlash(writeOptions(beyond))).rejects.toThrow("enter compressed flash mode");
    await transport.disconnect();
  });

  test("another flash mode than the image's leaves its SHA-256 wrong", async () => {
    const { loader, transport } = bare();
    await loader.detectChip();
    expect(chipImageProblem(image, "esp32")).toBeUndefined();
    const changed = await loader._updateImageFlashParams(image, 0x1000, "qio", "80m", "4MB");
    expect(Buffer.compare(changed, image)).not.toBe(0);
    expect(chipImageProblem(changed, "esp32")).toContain("SHA-256 mismatch");
    await transport.disconnect();
  });
});
