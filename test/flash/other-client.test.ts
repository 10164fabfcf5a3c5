/** Another client than ours and another library than esptool-js flashes the simulated loader: so it is not our own mirror. */
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { firmwarePackage } from "../../host/flash/firmware-package.ts";
import { WebSerialPort } from "../../host/flash/web-serial-port.ts";
import { CHIPS } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
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

test.each(CHIPS)(
  "tasmota-webserial-esptool flashes $chip and reads it back",
  { timeout: TEST_MS_MAX },
  async (model) => {
    const { ESPLoader } = await otherClient();
    const board = loadBoard(model.chip);
    const { images } = firmwarePackage(packageFiles(board, 20_000), [board], "a test's package");
    for (const compress of [true, false]) {
      const device = new LoaderDevice({ model });
      const port = new WebSerialPort(
        new MemoryLine(device),
        model.reset === "usb-jtag" ? { usbVendorId: 0x303a, usbProductId: 0x1001 } : {},
      );
      await port.open({ baudRate: ROM_BAUD_RATE });
      const loader = new ESPLoader(port, logger);
      await loader.initialize();
      expect(loader.chipName?.toLowerCase().replace("-", "")).toBe(model.chip);
      const stub = await loader.runStub();
      for (const { bytes, offsetBytes } of images) {
        await stub.flashData(Uint8Array.from(bytes).buffer, () => undefined, offsetBytes, compress);
        const written = device.flash.subarray(offsetBytes, offsetBytes + bytes.length);
        expect(Buffer.compare(written, bytes)).toBe(0);
      }
      for (const { bytes, offsetBytes } of images) {
        const read = await stub.readFlash(offsetBytes, bytes.length);
        expect(Buffer.compare(read, bytes)).toBe(0);
      }
    }
  },
);
