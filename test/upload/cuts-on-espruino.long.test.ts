/**
 * The line is cut and the power fails at random bytes of an upload to a real Espruino. `MOTEKIT_CUTS=50` cuts more often,
 * `MOTEKIT_SEED` repeats a run.
 */
import { expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { buildBootCode } from "../../host/build/boot-code.ts";
import { bytesOf } from "../../host/serial/bytes.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { nextFraction, seededRandom } from "../../host/simulator/interpreter/random.ts";
import { upload } from "../../host/upload/upload.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";
import { until } from "../fixtures/waiting.ts";

const CUTS = Number(process.env.MOTEKIT_CUTS ?? 5);
const SEED = Number(process.env.MOTEKIT_SEED ?? Date.now() % 1_000_000);
const CUT_MS_MAX = 30_000;

const { storage } = loadBoard("linux");
const bootCode = await buildBootCode({ storage });

function appOf(name: string): Uint8Array {
  return bytesOf(`print("~mk boot ${name}");//${name.repeat(2_500)}`);
}

test.skipIf(!hasProgram("espruino"))(
  `a power failure during an upload leaves the old app or the new (seed ${SEED})`,
  { timeout: (CUTS + 2) * CUT_MS_MAX },
  async () => {
    const device = new EspruinoDevice();
    try {
      const send = async (name: string, cutAtByte: number): Promise<number> => {
        const line = new MemoryLine(device, { cutAtByte });
        const sent = upload(new BoardConsole(line), { app: appOf(name), bootCode, storage, watchMs: 2_000 });
        if (cutAtByte === Number.POSITIVE_INFINITY) expect(await sent).toMatchObject({ verdict: "up" });
        else await expect(sent).rejects.toMatchObject({ code: "MK1604" });
        await device.powerOff();
        return line.bytesWritten;
      };
      device.powerOn();
      await send("old", Number.POSITIVE_INFINITY);
      const oldFlash = device.readFlash();
      device.powerOn();
      const bytes = await send("new", Number.POSITIVE_INFINITY);

      const random = seededRandom(SEED);
      for (let count = 0; count < CUTS; count++) {
        const cut = Math.floor(nextFraction(random) * bytes);
        device.writeFlash(oldFlash);
        device.powerOn();
        await send("new", cut);
        let text = "";
        new BoardConsole(new MemoryLine(device), { onText: (piece) => (text += piece) });
        device.powerOn();
        const said = await until(
          `a boot after the cut at ${cut} of ${bytes}`,
          () => /~mk .*\r\n/.exec(text)?.[0],
        );
        expect(said, `cut at ${cut} of ${bytes}`).toMatch(/^~mk boot (old|new)\r\n$/);
        await device.powerOff();
      }
    } finally {
      await device.dispose();
    }
  },
);
