/** Another client than ours and another library than esptool-js flashes the simulated loader: so it is not our own mirror. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { type Board, loadBoard } from "../../host/boards.ts";
import { type FirmwarePackage, firmwarePackage } from "../../host/flash/firmware-package.ts";
import { flash } from "../../host/flash/flasher.ts";
import { type UsbIds, WebSerialPort } from "../../host/flash/web-serial-port.ts";
import { CHIPS, type ChipModel } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
import { OP } from "../fixtures/loader/protocol.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";

const TEST_MS_MAX = 60_000;
const ROM_BAUD_RATE = 115_200;

interface Stub {
  flashData(
    data: ArrayBuffer,
    onProgress: (written: number, total: number) => void,
    offset: number,
    compress: boolean,
  ): Promise<void>;
  readFlash(offset: number, sizeBytes: number): Promise<Uint8Array>;
  /** Resolves with the answer's value and data. */
  checkCommand(op: number, data: number[]): Promise<[number, number[]]>;
}

interface OtherLoader {
  initialize(): Promise<void>;
  runStub(): Promise<Stub>;
  chipName: string | null;
}

interface OtherClient {
  ESPLoader: new (port: unknown, logger: object) => OtherLoader;
}

/** The package is made for bundlers: Node does not find its modules. */
async function otherClient(): Promise<OtherClient> {
  const result = await build({
    stdin: {
      contents: 'export { ESPLoader } from "tasmota-webserial-esptool";',
      resolveDir: join(import.meta.dirname, "../.."),
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    loader: { ".json": "json" },
  });
  const code = Buffer.from((result.outputFiles[0] as { contents: Uint8Array }).contents).toString("base64");
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as OtherClient;
}

const logger = { log: () => undefined, error: () => undefined, debug: () => undefined };

/** The other client's stub loader on the chip. */
async function connectOther(device: LoaderDevice, model: ChipModel): Promise<Stub> {
  const { ESPLoader } = await otherClient();
  const port = new WebSerialPort(new MemoryLine(device), usbOf(model));
  await port.open({ baudRate: ROM_BAUD_RATE });
  const loader = new ESPLoader(port, logger);
  await loader.initialize();
  expect(loader.chipName?.toLowerCase().replace("-", "")).toBe(model.chip);
  return loader.runStub();
}

function usbOf(model: ChipModel): UsbIds {
  return model.reset === "usb-jtag" ? { usbVendorId: 0x303a, usbProductId: 0x1001 } : {};
}

/** Read back over the line, byte for byte, and proved by the MD5 that the chip makes of it. */
async function expectImages(stub: Stub, { images }: FirmwarePackage): Promise<void> {
  for (const { bytes, offsetBytes } of images) {
    const read = await stub.readFlash(offsetBytes, bytes.length);
    expect(Buffer.compare(read, bytes)).toBe(0);
    const range = Buffer.alloc(16);
    range.writeUInt32LE(offsetBytes, 0);
    range.writeUInt32LE(bytes.length, 4);
    const [, md5] = await stub.checkCommand(OP.md5, [...range]);
    expect(Buffer.from(md5).toString("hex")).toBe(createHash("md5").update(bytes).digest("hex"));
  }
}

function packageFor(board: Board): FirmwarePackage {
  return firmwarePackage(packageFiles(board, 20_000), [board], "a test's package");
}

describe.each(CHIPS)("tasmota-webserial-esptool and $chip:", { timeout: TEST_MS_MAX }, (model) => {
  const board = loadBoard(model.chip);
  const firmware = packageFor(board);

  test.each([true, false])("it flashes, compressed %s, and reads back what it wrote", async (compress) => {
    const device = new LoaderDevice({ model });
    const stub = await connectOther(device, model);
    for (const { bytes, offsetBytes } of firmware.images) {
      await stub.flashData(Uint8Array.from(bytes).buffer, () => undefined, offsetBytes, compress);
      const written = device.flash.subarray(offsetBytes, offsetBytes + bytes.length);
      expect(Buffer.compare(written, bytes)).toBe(0);
    }
    await expectImages(stub, firmware);
  });

  test("it reads back what motekit wrote", async () => {
    const device = new LoaderDevice({ model });
    await flash(new MemoryLine(device), { firmware, boards: [board], baudRate: 460_800, usb: usbOf(model) });
    await expectImages(await connectOther(device, model), firmware);
  });
});
