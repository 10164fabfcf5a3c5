/** The faults of esptool-js that host/flash/loader.ts works around. A test that fails here says that one was mended. */
import { ESPLoader, Transport } from "esptool-js";
import { expect, test, vi } from "vitest";
import { WebSerialPort } from "../../host/flash/web-serial-port.ts";
import type { LineSignals } from "../../host/serial/line.ts";
import { chipModel } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";

const terminal = { clean: () => undefined, write: () => undefined, writeLine: () => undefined };

test("trace() writes to the console though tracing is off", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  new Transport(
    new WebSerialPort(new MemoryLine(new LoaderDevice({ model: chipModel("esp32") }))) as never,
  ).trace("x");
  expect(log).toHaveBeenCalled();
  log.mockRestore();
});

test("write() to a port that is gone is silent", async () => {
  const port = new WebSerialPort(new MemoryLine(new LoaderDevice({ model: chipModel("esp32") })));
  await expect(new Transport(port as never).write(new Uint8Array(1))).resolves.toBeUndefined();
});

test("after('hard_reset') never asserts RTS, and leaves DTR as it is", async () => {
  const device = new LoaderDevice({ model: chipModel("esp32"), startsInDownloadMode: true });
  const seen: LineSignals[] = [];
  device.setSignals = (signals) => void seen.push(signals);
  const transport = new Transport(new WebSerialPort(new MemoryLine(device)) as never);
  const loader = new ESPLoader({ transport, baudrate: 115_200, terminal });
  await loader.after("hard_reset", false);
  expect(seen.some(({ requestToSend }) => requestToSend === true)).toBe(false);
});

test("connect() gives no reason", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const device = new LoaderDevice({ model: chipModel("esp32") });
  device.setSignals = () => undefined;
  const transport = new Transport(new WebSerialPort(new MemoryLine(device)) as never);
  const loader = new ESPLoader({ transport, baudrate: 115_200, terminal });
  await expect(loader.detectChip("default_reset", 1)).rejects.toThrow(
    /^(Error: )?Failed to connect with the device$/,
  );
  await transport.disconnect();
  log.mockRestore();
});
