/** Whether a file is compressed depends on a test of the connected interpreter. These tests run in virtual time. */
import { expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { bytesOf, crc32Of } from "../../host/serial/bytes.ts";
import { chooseCompression, TRIAL_FILE } from "../../host/serial/compression.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { occupiedBytes, sendFile, statFile, storageRoom } from "../../host/serial/file-transfer.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";
import { SimulatedDevice, type SimulatedDeviceOptions } from "../fixtures/serial/simulated-device.ts";
import { unpackWrongly } from "../fixtures/serial/unpack.ts";
import { inVirtualTime } from "../fixtures/serial/virtual-run.ts";

const STORAGE_BYTES = 65_536;
const APP = bytesOf(Array.from({ length: 600 }, (_, index) => `call(${index});`).join("\n"));

interface Outcome {
  readonly isCompressed: boolean;
  readonly wireBytes: number;
  readonly files: string[];
}

/** Sends the app as `upload` does, twice if told so, and gives what the last time was like. */
function send(
  options: Partial<SimulatedDeviceOptions>,
  { baudRate = 115_200, storage = new StorageFiles(STORAGE_BYTES), times = 1 } = {},
): Promise<Outcome> {
  return inVirtualTime(async (timeline) => {
    const clock = timeline.createLane();
    const device = new SimulatedDevice({
      clock,
      storage,
      board: loadBoard("esp32"),
      version: "2v30",
      ...options,
    });
    device.powerOn();
    const line = new MemoryLine(device, { baudRate });
    const console = new BoardConsole(line, { clock });
    await console.identify();
    let isCompressed = false;
    let startedBytes = 0;
    for (let time = 0; time < times; time++) {
      startedBytes = line.bytesWritten;
      isCompressed = await chooseCompression(console, APP);
      await sendFile(console, "app", APP, { isCompressed });
    }
    expect(await statFile(console, "app")).toEqual({ lengthBytes: APP.length, crc: crc32Of(APP) });
    return { isCompressed, wireBytes: line.bytesWritten - startedBytes, files: storage.names().sort() };
  });
}

test("an interpreter that unpacks correctly gets the app compressed, and is tested once", async () => {
  const once = await send({});
  expect(once).toMatchObject({ isCompressed: true, files: ["app", TRIAL_FILE].sort() });
  expect(once.wireBytes).toBeLessThan(APP.length);
  const twice = await send({}, { times: 2 });
  expect(twice.isCompressed).toBe(true);
  expect(twice.wireBytes).toBeLessThan(once.wireBytes - 150);
});

test("an interpreter of another version is tested again", async () => {
  const storage = new StorageFiles(STORAGE_BYTES);
  await send({}, { storage });
  expect(await send({ version: "2v31", unpack: unpackWrongly }, { storage })).toMatchObject({
    isCompressed: false,
  });
});

test("an interpreter that unpacks wrongly gets the app uncompressed", async () => {
  expect(await send({ unpack: unpackWrongly })).toMatchObject({ isCompressed: false });
});

test.each([
  ["release 2v29, which is known to do it wrongly", { version: "2v29" }, {}],
  ["an older release", { version: "2v28" }, {}],
  [
    "Espruino for Linux, which ends at bytes that compressed data may hold",
    { board: loadBoard("linux") },
    {},
  ],
  ["a line so fast that nothing is won", {}, { baudRate: 921_600 }],
])("the compression is not tested on %s", async (_, options, more) => {
  expect(await send(options, more)).toMatchObject({ isCompressed: false, files: ["app"] });
});

test("a build on the way to 2v30 is tested", async () => {
  expect(await send({ version: "2v29.277" })).toMatchObject({ isCompressed: true });
});

test("the test of the compression takes no space that the app needs", async () => {
  const storage = new StorageFiles(4_096 * 4);
  storage.write("filler", "x", 0, storage.stats().freeBytes - 4_096 - occupiedBytes(APP.length) - 200);
  expect(await send({}, { storage })).toMatchObject({ isCompressed: false, files: ["app", "filler"] });
});

test("an app that was damaged on its way compressed is sent again uncompressed, and is verified", async () => {
  await inVirtualTime(async (timeline) => {
    const clock = timeline.createLane();
    const device = new SimulatedDevice({
      clock,
      storage: new StorageFiles(STORAGE_BYTES),
      board: loadBoard("esp32"),
      unpack: unpackWrongly,
    });
    device.powerOn();
    const console = new BoardConsole(new MemoryLine(device), { clock });
    await console.identify();
    await sendFile(console, "app", APP, { isCompressed: true });
    expect(await statFile(console, "app")).toEqual({ lengthBytes: APP.length, crc: crc32Of(APP) });
    expect((await storageRoom(console)).trashBytes).toBeGreaterThan(0);
  });
});
