/**
 * The line is cut at random bytes of a configuration of a real Espruino, whose power fails then every other time.
 * `MOTEKIT_CUTS=50` cuts more often, `MOTEKIT_SEED` repeats a run.
 */
import { expect, test } from "vitest";
import { showConfiguration } from "../../host/configure/board-record.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { nextFraction, seededRandom } from "../../host/simulator/interpreter/random.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";
import { configuring, recordBoard } from "../fixtures/serial/power-cut-board.ts";

const CUTS = Number(process.env.MOTEKIT_CUTS ?? 3);
const SEED = Number(process.env.MOTEKIT_SEED ?? Date.now() % 1_000_000);
const CUT_MS_MAX = 30_000;

test.skipIf(!hasProgram("espruino"))(
  `a configuration whose line is cut leaves the old record or the new (seed ${SEED})`,
  { timeout: (CUTS + 2) * CUT_MS_MAX },
  async () => {
    const device = new EspruinoDevice();
    try {
      const configure = async (deviceId: string): Promise<number> => {
        const line = new MemoryLine(device);
        await configuring(deviceId)(new BoardConsole(line));
        return line.bytesWritten;
      };
      const shownId = async (): Promise<string> => {
        const console = new BoardConsole(new MemoryLine(device));
        await console.identify();
        return (await showConfiguration(recordBoard(console))).deviceId;
      };
      device.powerOn();
      await configure("one");
      await configure("two");
      await device.powerOff();
      const flash = device.readFlash();
      device.powerOn();
      const bytes = await configure("three");
      await device.powerOff();

      const random = seededRandom(SEED);
      for (let count = 0; count < CUTS; count++) {
        const cut = Math.floor(nextFraction(random) * bytes);
        const title = `cut at ${cut} of ${bytes}`;
        device.writeFlash(flash);
        device.powerOn();
        const cutOff = configuring("three")(new BoardConsole(new MemoryLine(device, { cutAtByte: cut })));
        await expect(cutOff, title).rejects.toMatchObject({ code: "MK1604" });
        if (count % 2 === 0) {
          await device.powerOff();
          device.powerOn();
        }
        expect(["two", "three"], title).toContain(await shownId());
        await configure("four");
        expect(await shownId(), title).toBe("four");
        await device.powerOff();
      }
    } finally {
      await device.dispose();
    }
  },
);
