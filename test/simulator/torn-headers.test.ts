/**
 * Compares simulated Storage with that of the real interpreter after a power failure tore a file's header: both find the same
 * files at the next boot, or erase all files, and behave the same afterwards.
 */
import { afterAll, describe, expect, it } from "vitest";
import { crc32Of } from "../../host/serial/bytes.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { toBytes } from "../../host/simulator/interpreter/byte-strings.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { until } from "../fixtures/waiting.ts";

const STORAGE_BYTES = 262_144;
/** The page size of Espruino for Linux. An ESP32's pages are four times as large. */
const PAGE_BYTES = 1024;
const HEADER_BYTES = 32;
/** Positions in the header: in size, flags, name and the name's padding. */
const CUTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, HEADER_BYTES - 1, HEADER_BYTES];
const TORN_BYTES = 900;
const OWN = "own".repeat(433);
const CORRUPT = "Storage is corrupt.";
const BOOTS = 3;

const PROGRAM =
  `var s=require("Storage"),t="own".repeat(433);` +
  `function l(){print("~",E.CRC32(s.list().join()),s.getFree(),E.CRC32(s.read("own")||""))}` +
  `l();try{s.write("own",t)}catch(e){print("~",e.message)}l();print("~ end")`;

const places = [
  { title: "in the midst of a page", endBytes: 10_000 },
  { title: "across the end of a page", endBytes: 10 * PAGE_BYTES - 8 },
  { title: "at the start of a page", endBytes: 10 * PAGE_BYTES },
  { title: "in the last page but one", endBytes: STORAGE_BYTES - 2 * PAGE_BYTES + 64 },
  { title: "in the last page", endBytes: STORAGE_BYTES - PAGE_BYTES + 4 },
] as const;

/** Files up to `endBytes`, followed by this number of bytes of a header. */
function tornStorage(endBytes: number, headerBytes: number): StorageFiles {
  const files = new StorageFiles(STORAGE_BYTES, PAGE_BYTES);
  files.write(".bootcde", PROGRAM);
  const usedBytes = STORAGE_BYTES - files.freeBytes();
  files.write("filler", "x", 0, endBytes - usedBytes - HEADER_BYTES);
  const whole = new StorageFiles(STORAGE_BYTES, PAGE_BYTES);
  whole.write("app1.js", "x", 0, TORN_BYTES);
  files.flash.bytes.set(whole.flash.bytes.subarray(0, headerBytes), endBytes);
  return files;
}

function bootSimulated(files: StorageFiles): string[] {
  if (files.powerOn()) return [CORRUPT];
  const state = () =>
    `~ ${crc32Of(toBytes(files.names().join()))} ${files.freeBytes()} ${crc32Of(toBytes(files.read("own") ?? ""))}`;
  const before = state();
  const problem = files.write("own", OWN);
  return [before, ...(problem === undefined ? [] : [`~ ${problem}`]), state(), "~ end"];
}

describe.skipIf(!hasProgram("espruino"))("Storage with a torn header", () => {
  const device = new EspruinoDevice();
  afterAll(() => device.dispose());

  async function bootReal(): Promise<string[]> {
    let text = "";
    device.onSend = (bytes) => {
      text += Buffer.from(bytes).toString("latin1");
    };
    device.powerOn();
    await until("the boot", () => /~ end\r?\n|Storage is corrupt\.[\s\S]*>/.test(text));
    await device.powerOff();
    return text.includes(CORRUPT) ? [CORRUPT] : (text.match(/~ .*?(?=\r?\n)/g) ?? []);
  }

  it.each(places)(
    "$title: the same files as on Espruino",
    async ({ endBytes }) => {
      for (const headerBytes of CUTS) {
        const files = tornStorage(endBytes, headerBytes);
        device.writeFlash(files.flash.bytes);
        for (let boot = 1; boot <= BOOTS; boot++) {
          const title = `${headerBytes} bytes, boot ${boot}`;
          const simulated = bootSimulated(files);
          expect(await bootReal(), title).toEqual(simulated);
          expect(Buffer.compare(device.readFlash(), files.flash.bytes), title).toBe(0);
          if (simulated[0] === CORRUPT) break;
        }
      }
    },
    120_000,
  );
});
