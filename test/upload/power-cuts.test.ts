/**
 * Power fails within each write to flash of what the host does with a board: at every byte of a header, at the ends and in
 * the middle of what is longer. Then the board boots as before or anew, no file is lost, and all that is done next works.
 * Some of these cuts, and those within a file's size; `MOTEKIT_POWER_STRIDE=1` takes each.
 */
import { describe, expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { buildBootCode } from "../../host/build/boot-code.ts";
import { byteStringOf } from "../../host/serial/bytes.ts";
import type { FlashWrite } from "../../host/simulator/world/flash.ts";
import { effort } from "../fixtures/effort.ts";
import {
  type Action,
  configuring,
  PowerCutBoard,
  putting,
  uploading,
} from "../fixtures/serial/power-cut-board.ts";

const STRIDE = effort("powerCutStep");
/** Writes up to this length are cut at every byte: headers, and the marks of erased files. */
const SHORT_WRITE_BYTES = 32;

/** Bytes of a header after which its size is torn. */
const SIZE_BYTES_TORN = [1, 2];
/** Size, flags and the start of the name. */
const REPAIR_BYTES = 8;

const KEPT = "dear to its owner";
const kept = putting("kept", KEPT);
const old = uploading("old", 700);
const newer = uploading("new", 900);
const third = uploading("third", 1_001);

interface Case {
  readonly title: string;
  readonly before: readonly Action[];
  readonly action: Action;
  /** The text that the board may print at its next boot. */
  readonly boots: RegExp;
  /** The owners of the configuration that it may have then. */
  readonly deviceIds: readonly (string | undefined)[];
}

const cases: readonly Case[] = [
  {
    title: "the first upload, with the boot code",
    before: [kept],
    action: old,
    // Without its end the boot code does not parse.
    boots: /^$|^Uncaught |^~mk error no app\r\n$|^~mk boot old\r\n$/,
    deviceIds: [undefined],
  },
  {
    title: "an upload into the other slot",
    before: [kept, old],
    action: newer,
    boots: /^~mk boot (old|new)\r\n$/,
    deviceIds: [undefined],
  },
  {
    title: "an upload over a previous app",
    before: [kept, old, configuring("one"), newer],
    action: third,
    boots: /^~mk boot (new|third)\r\n$/,
    deviceIds: ["one"],
  },
  {
    title: "the first configuration",
    before: [kept, old],
    action: configuring("one"),
    boots: /^~mk boot old\r\n$/,
    deviceIds: [undefined, "one"],
  },
  {
    title: "a configuration over a previous one",
    before: [kept, old, configuring("one"), configuring("two")],
    action: configuring("three"),
    boots: /^~mk boot old\r\n$/,
    deviceIds: ["two", "three"],
  },
];

interface PowerCut {
  readonly nth: number;
  readonly bytes: number;
}

/** The writes of a action that is not disturbed, counted from 1. */
async function writesOf(image: Uint8Array, action: Action): Promise<FlashWrite[]> {
  const writes: FlashWrite[] = [];
  const power = (write: FlashWrite) => {
    writes.push(write);
    return undefined;
  };
  const board = new PowerCutBoard(image);
  expect((await board.perform(action, { power })).failure).toBeUndefined();
  return writes;
}

function cutsOf(writes: readonly FlashWrite[]): PowerCut[] {
  return writes.flatMap(({ lengthBytes }, index) => {
    const all = Array.from({ length: lengthBytes + 1 }, (_, bytes) => bytes);
    const some = [0, 1, Math.floor(lengthBytes / 2), lengthBytes - 1, lengthBytes];
    return (lengthBytes <= SHORT_WRITE_BYTES ? all : some).map((bytes) => ({ nth: index + 1, bytes }));
  });
}

function failingAt({ nth, bytes }: PowerCut): (write: FlashWrite) => number | undefined {
  let count = 0;
  return () => (++count === nth ? bytes : undefined);
}

/** The boot code has repaired what was torn, so a program on the board may write as well. */
async function expectOwnWritesToLast({ image }: PowerCutBoard, title: string): Promise<void> {
  const board = new PowerCutBoard(image);
  const own = "own".repeat(700);
  expect(board.storage.write("own", own), title).toBeUndefined();
  await board.boot();
  expect(board.storage.read("own"), title).toBe(own);
  expect(board.storage.read("kept"), title).toBe(KEPT);
}

describe.each(cases)("power that fails in $title", ({ before, action, boots, deviceIds }) => {
  test("changes nothing else", { timeout: 3_600_000 }, async () => {
    const start = new PowerCutBoard();
    for (const step of before) expect((await start.perform(step)).failure).toBeUndefined();
    const cuts = cutsOf(await writesOf(start.image, action));
    let count = 0;
    for (const cut of cuts.filter(
      ({ bytes }, index) => SIZE_BYTES_TORN.includes(bytes) || index % STRIDE === 0,
    )) {
      const title = `write ${cut.nth}, ${cut.bytes} bytes`;
      const board = new PowerCutBoard(start.image);
      expect((await board.perform(action, { power: failingAt(cut) })).failure, title).toBe("power");
      expect(await board.boot(), title).toMatch(boots);
      expect(deviceIds, title).toContain(board.deviceId);
      if (before.length > 1) await expectOwnWritesToLast(board, title);
      for (const [next, lengthBytes] of [
        ["next", 1_801],
        ["last", 650],
      ] as const) {
        expect((await board.perform(uploading(next, lengthBytes))).failure, title).toBeUndefined();
        expect(await board.boot(), title).toBe(`~mk boot ${next}\r\n`);
        expect((await board.perform(configuring(next))).failure, title).toBeUndefined();
        expect(board.deviceId, title).toBe(next);
      }
      expect(await board.boot(), title).toBe("~mk boot last\r\n");
      expect(board.storage.read("kept"), title).toBe("dear to its owner");
      expect(
        board.storage.names().filter((name) => name.includes("\xff") || name.includes("\0")),
        title,
      ).toEqual([]);
      count++;
    }
    process.stdout.write(`power cut at ${count} of ${cuts.length} places\n`);
  });
});

test("a power failure during the repair is repaired at the next boot", async () => {
  const start = new PowerCutBoard();
  for (const step of [kept, old]) await start.perform(step);
  const [header] = await writesOf(start.image, newer);
  for (const tornBytes of SIZE_BYTES_TORN) {
    const torn = new PowerCutBoard(start.image);
    await torn.perform(newer, { power: failingAt({ nth: 1, bytes: tornBytes }) });
    expect(torn.image[header?.address as number]).not.toBe(0xff);
    for (let bytes = 0; bytes <= REPAIR_BYTES; bytes++) {
      const title = `${tornBytes} bytes of the header, then ${bytes} of its repair`;
      const board = new PowerCutBoard(torn.image);
      let isCut = false;
      await board.boot(() => {
        isCut = true;
        return bytes;
      });
      expect(isCut, title).toBe(true);
      expect(await board.boot(), title).toBe("~mk boot old\r\n");
      await expectOwnWritesToLast(board, title);
    }
  }
});

test("the boot code does not touch a Storage whose size differs from the board's file", async () => {
  const { storage } = loadBoard("linux");
  const bootCode = await buildBootCode({ storage: { ...storage, sizeBytes: storage.sizeBytes / 2 } });
  const board = new PowerCutBoard();
  board.storage.write("kept", KEPT);
  board.storage.write(".bootcde", byteStringOf(bootCode));
  board.storage.flash.write(storage.sizeBytes - board.storage.freeBytes(), Uint8Array.of(0x84));
  const before = board.image;
  expect(await board.boot()).toBe("~mk error no app\r\n");
  expect(Buffer.compare(board.image, before)).toBe(0);
});
