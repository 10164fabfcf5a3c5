/**
 * Power fails within a write to flash, on a real Espruino. The boot code is tried at every byte of a header; uploads, which
 * take seconds, after the changed bytes that are named here. `MOTEKIT_TORN=1` takes every byte of an upload, in an hour.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sealSlotRecord } from "../../firmware/contract/slots.ts";
import { repairedHeader, STORAGE_HEADER_BYTES } from "../../firmware/contract/storage-header.ts";
import { loadBoard } from "../../host/boards.ts";
import { buildBootCode } from "../../host/build/boot-code.ts";
import { byteStringOf, bytesOf, crc32Of } from "../../host/serial/bytes.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { compactStorage, listFiles, sendFile } from "../../host/serial/file-transfer.ts";
import { repairTornHeader } from "../../host/serial/torn-header.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { crc32 } from "../../host/upload/board-state.ts";
import { upload } from "../../host/upload/upload.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";
import { changedAddresses, tornImage } from "../fixtures/serial/torn-writes.ts";
import { until } from "../fixtures/waiting.ts";

const bootCode = await buildBootCode(loadBoard("linux"));
const { storage } = loadBoard("linux");

const OLD_BYTES = 700;
const NEW_BYTES = 900;
/** A size that differs from the torn app's, so that the headers differ too. */
const NEXT_BYTES = 1_801;
/** Header and bytes of a slot's record. */
const RECORD_WRITE_BYTES = 64;
/** Changed bytes after which the writes of the new app, then of its record, are torn: in sizes, names and contents. */
const APP_CUTS = [1, 2, 500];
const RECORD_CUTS = [2];
const FILE_ALIGNMENT_BYTES = 4;
/** The bytes of a header's size field, with the flags. */
const SIZE_BYTES = 4;
const TORN_FILE_BYTES = 20_480;
/** Written by an app at each of its starts. */
const OWN = 'require("Storage").write("own","own".repeat(433))';

const FILES = [".bootcde", "app0.js", "mk.slot0", "app1.js", "mk.slot1"];

function appOf(name: string, lengthBytes: number): Uint8Array {
  return bytesOf(`print("~mk boot ${name}");//`.padEnd(lengthBytes, name));
}

const isWhole = process.env.MOTEKIT_TORN !== undefined;
const timeout = isWhole ? 7_200_000 : 300_000;

describe.skipIf(!hasProgram("espruino"))("a power failure in a write to flash", { timeout }, () => {
  let device: EspruinoDevice;

  beforeEach(() => {
    device = new EspruinoDevice();
  });

  afterEach(() => device.dispose());

  async function withConsole(work: (console: BoardConsole) => Promise<void>): Promise<void> {
    device.powerOn();
    const console = new BoardConsole(new MemoryLine(device));
    await console.identify();
    await work(console);
    await device.powerOff();
  }

  /** Returns the flash after an upload. */
  async function flashAfter(app: Uint8Array, title: string): Promise<Uint8Array> {
    await withConsole(async (console) => {
      const options = { app, bootCode, storage, watchMs: 5_000 };
      expect(await upload(console, options), title).toMatchObject({ verdict: "up" });
    });
    return device.readFlash();
  }

  /** Returns the line of motekit's that the board prints. */
  async function bootedApp(): Promise<string> {
    let text = "";
    new BoardConsole(new MemoryLine(device), { onText: (piece) => (text += piece) });
    device.powerOn();
    const said = await until("the boot", () => /~mk (.*)\r\n/.exec(text)?.[1]);
    await device.powerOff();
    return said;
  }

  test("in a header is repaired by the boot code before the app writes", async () => {
    const app = `${OWN};var n=require("Storage").read("own");print("~mk own "+n.length+" "+E.CRC32(n))`;
    const own = bytesOf("own".repeat(433));
    const files = new StorageFiles(storage.sizeBytes, storage.pageBytes);
    files.write("kept", "dear to its owner");
    files.write(".bootcde", byteStringOf(bootCode));
    files.write("app0.js", app);
    files.write("mk.slot0", sealSlotRecord({ sequence: 1, lengthBytes: app.length, crc: crc32(app) }, crc32));
    const before = files.flash.bytes.slice();
    files.write("app1.js", "x", 0, TORN_FILE_BYTES);
    const changed = changedAddresses(before, files.flash.bytes);
    const end = changed[0] as number;
    for (let cut = 0; cut <= STORAGE_HEADER_BYTES; cut++) {
      const torn = tornImage(before, files.flash.bytes, changed, cut);
      await expectRepaired(torn, `${cut} bytes`);
      if (cut !== 1 && cut !== 2) continue;
      const header = repairedHeader(torn.subarray(end, end + STORAGE_HEADER_BYTES));
      for (const [index, byte] of header.entries()) {
        torn[end + index] = (torn[end + index] as number) & byte;
        await expectRepaired(torn, `${cut} bytes, then ${index + 1} of the repair`);
      }
    }

    async function expectRepaired(image: Uint8Array, title: string): Promise<void> {
      device.writeFlash(image);
      for (let boot = 1; boot <= 2; boot++) {
        expect(await bootedApp(), `${title}, boot ${boot}`).toBe(`own ${own.length} ${crc32Of(own)}`);
      }
      const after = new StorageFiles(storage.sizeBytes, storage.pageBytes);
      after.flash.bytes.set(device.readFlash());
      expect(after.read("kept"), title).toBe("dear to its owner");
    }
  });

  test("leaves the old app or the new, and the next upload works", async () => {
    const before = await flashAfter(appOf("old", OLD_BYTES), "the old app");
    const after = await flashAfter(appOf("new", NEW_BYTES), "the new app");
    const changed = changedAddresses(before, after);
    const recordStart = changed.length - RECORD_WRITE_BYTES;
    const cuts = isWhole
      ? changed.map((_, index) => index)
      : [...APP_CUTS, ...RECORD_CUTS.map((cut) => recordStart + cut)];
    for (const cut of cuts) {
      const title = `torn after ${cut} of ${changed.length} bytes`;
      device.writeFlash(tornImage(before, after, changed, cut));
      expect(await bootedApp(), title).toBe(cut === changed.length ? "boot new" : "boot old");
      await flashAfter(appOf("next", NEXT_BYTES), title);
      expect(await bootedApp(), title).toBe("boot next");
      await withConsole(async (console) => {
        expect(await listFiles(console), title).toEqual(expect.arrayContaining(FILES));
      });
    }
  });

  test("in a header whose size was already overwritten is reported, and a compaction repairs it", async () => {
    await withConsole(async (console) => {
      await sendFile(console, "kept", bytesOf("of before"));
      await sendFile(console, "kept", bytesOf("dear to its owner"));
    });
    const image = device.readFlash();
    const end = changedAddresses(new Uint8Array(image.length).fill(0xff), image).at(-1) as number;
    const header = Math.ceil((end + 1) / FILE_ALIGNMENT_BYTES) * FILE_ALIGNMENT_BYTES;
    image.fill(0, header, header + SIZE_BYTES);
    device.writeFlash(image);
    await withConsole(async (console) => {
      await expect(repairTornHeader(console, storage)).rejects.toMatchObject({ code: "MK1623" });
      await compactStorage(console);
      expect(await repairTornHeader(console, storage)).toBe(false);
      await sendFile(console, "more", bytesOf("written behind it"));
      expect(await listFiles(console)).toEqual(["kept", "more"]);
    });
  });

  test("is not repaired if Storage differs from the board's file", async () => {
    await withConsole(async (console) => {
      await sendFile(console, "kept", bytesOf("dear to its owner"));
      const elsewhere = { ...storage, addressBytes: storage.addressBytes + storage.pageBytes };
      await expect(repairTornHeader(console, elsewhere)).rejects.toMatchObject({ code: "MK1624" });
      const olderRelease = { ...storage, sizeBytes: storage.sizeBytes / 2 };
      expect(await repairTornHeader(console, olderRelease)).toBe(false);
    });
  });
});
