import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { byteStringOf, bytesOf, crc32Of } from "../../host/serial/bytes.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import {
  listFiles,
  readFile,
  sendByPackets,
  sendFile,
  statFile,
  storageRoom,
} from "../../host/serial/file-transfer.ts";
import { compressPiece } from "../../host/serial/heatshrink.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";

/** All but 03 and 04, at which Espruino for Linux ends. */
const SAFE_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter(
  (byte) => byte !== 3 && byte !== 4,
);

function bytesOfLength(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => SAFE_BYTES[(index * 7) % SAFE_BYTES.length] as number);
}

describe.skipIf(!hasProgram("espruino"))("files in a real Espruino's Storage", { timeout: 60_000 }, () => {
  let device: EspruinoDevice;
  let console: BoardConsole;

  beforeEach(async () => {
    device = new EspruinoDevice();
    device.powerOn();
    console = new BoardConsole(new MemoryLine(device));
    await console.identify();
  });

  afterEach(() => device.dispose());

  test.each([
    ["packets", true],
    ["statements, as before 2v25", false],
  ])("go in by %s, and come out as they were", async (_, hasPackets) => {
    Object.assign(console.interpreter, { hasPackets });
    const bytes = bytesOfLength(9_000);
    const progress: number[] = [];
    await sendFile(console, "data.bin", bytes, { onProgress: (sent) => progress.push(sent) });
    expect(progress.at(-1)).toBe(bytes.length);
    expect(await statFile(console, "data.bin")).toEqual({ lengthBytes: 9_000, crc: crc32Of(bytes) });
    expect(await readFile(console, "data.bin")).toEqual(bytes);
    expect(await listFiles(console)).toEqual(["data.bin"]);
  });

  test("go in compressed if the interpreter unpacks correctly", async ({ skip }) => {
    const { version } = console.interpreter;
    if (!/^2v(29\.|[3-9]\d)/.test(version)) skip(`Espruino ${version} does not.`);
    // Espruino for Linux ends at 03 and 04, so for text that comes to neither.
    const bytes = Uint8Array.from({ length: 900 }, (_, index) => 97 + ((index * index + (index >> 3)) % 26));
    expect(compressPiece(bytes, 0, 4_092).compressed.filter((byte) => byte === 3 || byte === 4)).toEqual(
      new Uint8Array(0),
    );
    await sendByPackets(console, "data.bin", bytes, { isCompressed: true });
    expect(await statFile(console, "data.bin")).toEqual({ lengthBytes: bytes.length, crc: crc32Of(bytes) });
  });

  test("replace files of the same name, whose space becomes trash", async () => {
    await sendFile(console, "text", bytesOf("first version"));
    await sendFile(console, "text", bytesOf("second version\n\r\n"));
    expect(byteStringOf((await readFile(console, "text")) as Uint8Array)).toBe("second version\n\r\n");
    expect((await storageRoom(console)).trashBytes).toBeGreaterThan(0);
  });

  test("that are not there are undefined", async () => {
    expect(await readFile(console, "none")).toBeUndefined();
    expect(await statFile(console, "none")).toBeUndefined();
  });

  test("that do not fit are refused before anything is written or compacted", async () => {
    await sendFile(console, "small", bytesOf("here before"));
    const hash = await console.evaluate('require("Storage").hash()');
    await expect(sendFile(console, "small", bytesOfLength(270_000))).rejects.toMatchObject({
      code: "MK1622",
    });
    expect(await console.evaluate('require("Storage").hash()')).toBe(hash);
  });

  test("are sent again where the line lost a byte", async () => {
    const bytes = bytesOfLength(5_000);
    const receive = device.receive.bind(device);
    let seen = 0;
    device.receive = (sent) => {
      seen += sent.length;
      const losesOne = sent.length === 4096 && seen < 6_000;
      receive(losesOne ? sent.subarray(0, 4_000) : sent);
    };
    await sendFile(console, "data.bin", bytes);
    expect(await statFile(console, "data.bin")).toEqual({ lengthBytes: 5_000, crc: crc32Of(bytes) });
  });
});
