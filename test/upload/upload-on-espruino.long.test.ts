import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BOOT_CODE_MARK } from "../../firmware/contract/boot-code.ts";
import { loadBoard } from "../../host/boards.ts";
import { buildBootCode } from "../../host/build/boot-code.ts";
import { bytesOf } from "../../host/serial/bytes.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { sendFile } from "../../host/serial/file-transfer.ts";
import { type UploadOptions, upload } from "../../host/upload/upload.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";
import { until } from "../fixtures/waiting.ts";

const bootCode = await buildBootCode(loadBoard("linux"));

/** An app that says who it is, whose variable is global, and that is of some size. */
function appOf(name: string, more = ""): Uint8Array {
  return bytesOf(`var appName="${name}";print("~mk boot "+appName);${more}//${"x".repeat(3_000)}`);
}

describe.skipIf(!hasProgram("espruino"))("an upload to a real Espruino", { timeout: 90_000 }, () => {
  let device: EspruinoDevice;

  beforeEach(() => {
    device = new EspruinoDevice();
    device.powerOn();
  });

  afterEach(() => device.dispose());

  const open = (line = new MemoryLine(device)) => new BoardConsole(line);
  const send = (app: Uint8Array, more: Partial<UploadOptions> = {}, console = open()) =>
    upload(console, { app, bootCode, watchMs: 3_000, ...more });

  /** Returns the board's line about its app after its power came back. */
  async function bootedApp(): Promise<string> {
    await device.powerOff();
    let text = "";
    new BoardConsole(new MemoryLine(device), { onText: (piece) => (text += piece) });
    device.powerOn();
    return until("the app's first line", () => /~mk boot (\S+)\r?\n/.exec(text)?.[1]);
  }

  test("boots it, then the next one from the other slot, and leaves nothing of the boot code in memory", async () => {
    expect(await send(appOf("first"))).toMatchObject({ verdict: "up", slot: 0, sequence: 1, written: true });
    expect(await bootedApp()).toBe("first");
    const console = open();
    expect(await send(appOf("second"), {}, console)).toMatchObject({ verdict: "up", slot: 1, sequence: 2 });
    expect(await console.evaluateJson("appName")).toBe("second");
    expect(await console.evaluateJson("Object.keys(global).filter(name=>/^[a-z]$/.test(name))")).toEqual([]);
    expect(await bootedApp()).toBe("second");
  });

  test("of the app that is already on the board writes nothing", async () => {
    await send(appOf("same"));
    const console = open();
    await console.identify();
    const hash = await console.evaluate('require("Storage").hash()');
    expect(await send(appOf("same"))).toMatchObject({ verdict: "up", slot: 0, sequence: 1, written: false });
    expect(await open().identify()).toBeTruthy();
    const after = open();
    await after.identify();
    expect(await after.evaluate('require("Storage").hash()')).toBe(hash);
  });

  test.each([
    ["crashed", "undefinedName.x();"],
    ["restarting", "setTimeout(function(){load()},300);"],
    ["stuck", "setTimeout(function(){while(true);},100);"],
  ])("reports that the app %s", async (verdict, more) => {
    expect(await send(appOf("bad", more))).toMatchObject({ verdict });
    await device.powerOff();
  });

  test("keeps the user's boot code, unless an option says to replace it", async () => {
    const console = open();
    await console.identify();
    await sendFile(console, ".bootcde", bytesOf('print("mine")'));
    const hash = await console.evaluate('require("Storage").hash()');
    await expect(send(appOf("first"))).rejects.toMatchObject({ code: "MK1701" });
    const after = open();
    await after.identify();
    expect(await after.evaluate('require("Storage").hash()')).toBe(hash);
    expect(await send(appOf("first"), { replaceBootCode: true })).toMatchObject({ verdict: "up" });
  });

  test("replaces motekit's boot code of any release if a power failure damaged it", async () => {
    const console = open();
    await console.identify();
    await sendFile(console, ".bootcde", bytesOf(`${BOOT_CODE_MARK}eval(${"\xff".repeat(200)}`));
    expect(await send(appOf("first"))).toMatchObject({ verdict: "up" });
    expect(await bootedApp()).toBe("first");
  });

  test("keeps a boot code of another release, unless an option says to replace it", async () => {
    const other = bytesOf(
      `${BOOT_CODE_MARK}${Buffer.from(bootCode).toString("latin1").slice(BOOT_CODE_MARK.length)} `,
    );
    await send(appOf("first"), { bootCode: other });
    expect(await send(appOf("second"))).toMatchObject({ verdict: "up", keepsOtherBootCode: true });
    expect(await bootedApp()).toBe("second");
    const replaced = await send(appOf("third"), { replaceBootCode: true });
    expect(replaced).toMatchObject({ verdict: "up", keepsOtherBootCode: false });
    expect(await send(appOf("third"))).toMatchObject({ keepsOtherBootCode: false });
  });

  test("changes nothing if there is no space for the app", async () => {
    await send(appOf("first"));
    await expect(send(bytesOf("x".repeat(262_000)))).rejects.toMatchObject({ code: "MK1622" });
    expect(await bootedApp()).toBe("first");
  });
});
