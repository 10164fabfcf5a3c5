/**
 * The line is cut at every byte of an upload: the board then boots the app of before or the new one, and the next upload
 * works as if nothing had been. `MOTEKIT_CUT_STRIDE=1` takes each, in minutes.
 */
import { describe, expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { buildBootCode } from "../../host/build/boot-code.ts";
import { bytesOf } from "../../host/serial/bytes.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { upload } from "../../host/upload/upload.ts";
import { effort } from "../fixtures/effort.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";
import { SimulatedDevice } from "../fixtures/serial/simulated-device.ts";
import { inVirtualTime } from "../fixtures/serial/virtual-run.ts";

const board = loadBoard("linux");
const bootCode = await buildBootCode(board);
const STORAGE_BYTES = 262_144;
const FILLING_BYTES = 400;
const CUT_STRIDE_BYTES = effort("uploadCutStep");

function appOf(name: string): Uint8Array {
  return bytesOf(`print("~mk boot ${name}");//${name.repeat(FILLING_BYTES / name.length)}`);
}

const OLD = appOf("old-");
const NEW = appOf("new!");

/** Uploads over a line that breaks. Gives the bytes that went to the board, and whether the upload was done. */
function send(
  storage: StorageFiles,
  app: Uint8Array,
  cutAtByte: number,
): Promise<{ bytes: number; isDone: boolean }> {
  return inVirtualTime(async (timeline) => {
    const clock = timeline.createLane();
    const device = new SimulatedDevice({ clock, storage });
    device.powerOn();
    const line = new MemoryLine(device, { cutAtByte });
    const console = new BoardConsole(line, { clock });
    try {
      const { verdict } = await upload(console, { app, bootCode, storage: board.storage, watchMs: 1_000 });
      expect(verdict).toBe("up");
      return { bytes: line.bytesWritten, isDone: true };
    } catch (error) {
      expect(error).toMatchObject({ code: "MK1604" });
      return { bytes: line.bytesWritten, isDone: false };
    }
  });
}

/** Returns the text that the board prints at its next boot. */
function boot(storage: StorageFiles): Promise<string> {
  return inVirtualTime(async (timeline) => {
    const device = new SimulatedDevice({ clock: timeline.createLane(), storage });
    let text = "";
    device.onSend = (bytes) => {
      text += Buffer.from(bytes).toString("latin1");
    };
    device.powerOn();
    return text;
  });
}

function copyOf(storage: StorageFiles): StorageFiles {
  const copy = new StorageFiles(storage.sizeBytes);
  for (const name of storage.names()) copy.write(name, storage.read(name) as string);
  return copy;
}

describe("an upload that is cut", () => {
  test("at any byte leaves the old app or the new, and the next one works", {
    timeout: 300_000,
  }, async () => {
    const before = new StorageFiles(STORAGE_BYTES);
    await send(before, OLD, Number.POSITIVE_INFINITY);
    expect(await boot(before)).toBe("~mk boot old-\r\n");
    const whole = copyOf(before);
    const { bytes, isDone } = await send(whole, NEW, Number.POSITIVE_INFINITY);
    expect(isDone).toBe(true);
    expect(await boot(whole)).toBe("~mk boot new!\r\n");

    const booted = new Map<string, number>();
    for (let cut = 0; cut < bytes; cut += CUT_STRIDE_BYTES) {
      const storage = copyOf(before);
      expect((await send(storage, NEW, cut)).isDone, `cut at ${cut}`).toBe(false);
      const said = await boot(storage);
      booted.set(said, (booted.get(said) ?? 0) + 1);
      // The next upload from each place where the board is left, once for each of several bytes.
      if (cut % NEXT_UPLOAD_EVERY_BYTES < CUT_STRIDE_BYTES) {
        expect((await send(storage, NEW, Number.POSITIVE_INFINITY)).isDone).toBe(true);
        expect(await boot(storage), `after a cut at ${cut}`).toBe("~mk boot new!\r\n");
      }
    }
    expect([...booted.keys()].sort()).toEqual(["~mk boot new!\r\n", "~mk boot old-\r\n"]);
    process.stdout.write(
      `cut at every ${CUT_STRIDE_BYTES}. of ${bytes} bytes: ${[...booted.values()].join(" old, ")} new\n`,
    );
  });

  test("at any byte of a board's first upload leaves no app or the new one", {
    timeout: 300_000,
  }, async () => {
    const { bytes } = await send(new StorageFiles(STORAGE_BYTES), NEW, Number.POSITIVE_INFINITY);
    for (let cut = 0; cut < bytes; cut += FIRST_CUT_EVERY_BYTES) {
      const storage = new StorageFiles(STORAGE_BYTES);
      await send(storage, NEW, cut);
      expect(["", "~mk error no app\r\n", "~mk boot new!\r\n"]).toContain(
        (await boot(storage)).replace(/^Uncaught .*$/s, ""),
      );
      expect((await send(storage, NEW, Number.POSITIVE_INFINITY)).isDone, `after a cut at ${cut}`).toBe(true);
      expect(await boot(storage)).toBe("~mk boot new!\r\n");
    }
  });
});

const NEXT_UPLOAD_EVERY_BYTES = 97;
const FIRST_CUT_EVERY_BYTES = 61;
