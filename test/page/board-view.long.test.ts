/** The Board view, for a board that is plugged into the computer of the browser. The test replaces the browser's port. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { pageActions } from "../../host/local-hub/page-actions.ts";
import { systemClock } from "../../host/serial/line-clock.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { hasChromium, type OpenPage, useBrowser } from "../fixtures/browser.ts";
import { chipModel } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
import { BrowserPort, type BrowserPortOptions } from "../fixtures/serial/browser-port.ts";
import type { SerialDevice } from "../fixtures/serial/serial-device.ts";
import { SimulatedDevice } from "../fixtures/serial/simulated-device.ts";
import { TEST_BOARDS, type TestBoard } from "../fixtures/serial/test-boards.ts";

const JOB_MS_MAX = 60_000;
const TEST_MS_MAX = 120_000;
const FAILING_APP = `
function measure(): number {
  throw new Error("the sensor is gone");
}
print("this app runs");
setTimeout(() => print(measure()), 6500);
`;

const { openPage } = useBrowser();
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-board-view-"));
  mkdirSync(join(folder, "src"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeApp(source: string): void {
  writeFileSync(join(folder, "src", "main.ts"), source);
}

/** The Board view of a hub, with the device on the browser's only port. */
async function openBoardView(
  device: SerialDevice,
  options: BrowserPortOptions = {},
): Promise<OpenPage & { port: BrowserPort }> {
  const port = new BrowserPort(device, options);
  let hubUrl = "";
  const control = pageActions({ workingFolder: folder, hubUrl: () => hubUrl });
  const opened = await openPage({ hub: { control }, prepare: port.plugIn });
  hubUrl = `mqtt://127.0.0.1:${opened.hub.port}`;
  await opened.page.getByRole("link", { name: "Board", exact: true }).click({ timeout: JOB_MS_MAX });
  await opened.page.getByRole("heading", { name: "Flash the interpreter" }).waitFor();
  return { ...opened, port };
}

async function open(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByRole("button", { name: "Disconnect" }).waitFor();
}

/** Connects, and waits until the hub has built the project for decoding stack traces. */
async function connect(page: Page): Promise<void> {
  await open(page);
  await page.locator('[data-job="connect"] .job-step').waitFor({ state: "detached", timeout: JOB_MS_MAX });
}

/** The lines of a job's outcome. */
async function outcomeOf(page: Page, job: string): Promise<string[]> {
  const lines = page.locator(`[data-job="${job}"] p:not(.job-step)`);
  await lines.first().waitFor({ timeout: JOB_MS_MAX });
  return lines.allTextContents();
}

const logOf = (page: Page) => page.getByRole("log", { name: "Console of the board" });

for (const { name, isThere, isReal, create } of TEST_BOARDS) {
  describe.skipIf(!isThere || !hasChromium)(`Board view with ${name}`, { timeout: TEST_MS_MAX }, () => {
    let board: TestBoard;
    beforeEach(() => {
      board = create();
      board.powerOn();
    });
    afterEach(() => board.dispose());

    test("connects, shows the interpreter's version, and sends a line to it", async () => {
      const { page, pageErrors } = await openBoardView(board);
      await connect(page);
      await page.getByText("2v29", { exact: false }).waitFor();
      await page.getByLabel("Input for the interpreter").fill("print(6*7)");
      await page.keyboard.press("Enter");
      await logOf(page).getByText("42", { exact: true }).waitFor();
      // The Wire view shows the console too.
      await page.getByRole("link", { name: "Wire" }).click();
      await logOf(page).getByText("42", { exact: true }).waitFor();
      await page.getByRole("link", { name: "Board", exact: true }).click();
      await page.getByRole("button", { name: "Disconnect" }).click();
      await page.getByRole("button", { name: "Connect" }).waitFor();
      expect(pageErrors).toEqual([]);
    });

    test("uploads the project and decodes its stack traces", async () => {
      writeApp(FAILING_APP);
      const { page, pageErrors } = await openBoardView(board);
      await connect(page);
      await page.getByRole("button", { name: "Build and upload" }).click();
      expect((await outcomeOf(page, "upload"))[0]).toMatch(
        /^src\/main\.ts, \d+ bytes, written to slot \d\. /,
      );
      const trace = logOf(page).locator(".console-trace");
      await trace.getByText("the sensor is gone").first().waitFor({ timeout: JOB_MS_MAX });
      expect(await trace.first().textContent()).toMatch(/at measure \(src\/main\.ts:3:\d+\)/);
      expect(pageErrors).toEqual([]);
    });

    // Not with Espruino for Linux, which treats the bytes 03 and 04 in packets of the reference firmware as key presses.
    test(`configures the board${isReal ? "" : ", which reaches the hub,"} without showing a password`, async () => {
      const { page, hub } = await openBoardView(board);
      await connect(page);
      if (!isReal) {
        await page.getByRole("button", { name: "Build and upload" }).click();
        await outcomeOf(page, "upload");
      }
      await page.getByLabel("Device ID").fill("from-the-page");
      await page.getByLabel("Hub address").fill(`mqtt://127.0.0.1:${hub.port}`);
      await page.getByLabel("Hub user name").fill("somebody");
      await page.getByLabel("Hub password").fill("very secret");
      if (isReal) await page.getByLabel("Wait until the device is connected").uncheck();
      await page.getByRole("button", { name: "Configure" }).click();
      const [outcome] = await outcomeOf(page, "configure");
      if (isReal) expect(outcome).toBe("from-the-page is configured.");
      else {
        expect(outcome).toContain(`from-the-page connected to the hub 127.0.0.1:${hub.port}, `);
        expect(hub.events).toContainEqual(
          expect.objectContaining({ event: "connected", clientId: "from-the-page" }),
        );
      }
      expect(await page.getByLabel("Hub password").inputValue()).toBe("");
      await page.getByLabel("Input for the interpreter").fill('print("very"+" secret")');
      await page.keyboard.press("Enter");
      await logOf(page).getByText("••••").first().waitFor();
      expect(await page.locator("body").textContent()).not.toContain("very secret");
      await page.getByRole("button", { name: "Show current" }).click();
      const shown = (await outcomeOf(page, "show")).join("\n");
      expect(shown).toContain("from-the-page");
      expect(shown).not.toContain("very secret");
    });
  });
}

test.skipIf(!hasChromium)("Board view: reads, toggles and resets a pin", async () => {
  const board = new SimulatedDevice({
    clock: systemClock,
    storage: new StorageFiles(262_144),
    board: loadBoard("esp32"),
  });
  board.powerOn();
  const { page, pageErrors } = await openBoardView(board);
  await connect(page);
  const act = async (name: string, outcome: string): Promise<void> => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.locator('[data-job="pin"]').getByText(outcome, { exact: true }).waitFor();
  };
  await page.getByRole("definition").filter({ hasText: "2v29" }).waitFor();
  expect(await page.getByLabel("Pin", { exact: true }).inputValue()).toBe("D2");
  await act("Reset", "D2 was reset to an input.");
  await act("Read", "D2 reads 0.");
  await act("Toggle", "D2 was toggled.");
  await act("Read", "D2 reads 1.");
  await page.getByLabel("Pin", { exact: true }).fill("reset()");
  await act("Read", 'MK1711: "reset()" is not the name of a pin.');
  expect(pageErrors).toEqual([]);
  await board.dispose();
});

describe.skipIf(!hasChromium)("Board view: flashing", { timeout: TEST_MS_MAX }, () => {
  const BLANK = { model: chipModel("esp32"), app: interpreterOf };
  /** A CP2102, whose control lines can reset the chip. */
  const usb = { usbVendorId: 0x10c4, usbProductId: 0xea60 };

  /** Starts an interpreter from the written flash. */
  function interpreterOf(flash: Uint8Array): SerialDevice | undefined {
    if (flash[0x10000] !== 0xe9) return undefined;
    const device = new SimulatedDevice({
      clock: systemClock,
      storage: new StorageFiles(262_144),
      board: loadBoard("esp32"),
    });
    device.powerOn();
    return device;
  }

  async function choosePackage(page: Page, board = "esp32"): Promise<Map<string, Uint8Array>> {
    const files = packageFiles(loadBoard(board));
    const archive = zipSync(Object.fromEntries(files));
    await page
      .getByLabel("Espruino package", { exact: false })
      .setInputFiles({ name: "espruino.zip", mimeType: "application/zip", buffer: Buffer.from(archive) });
    return files;
  }

  test("writes the interpreter to a blank board, which then answers", async () => {
    const device = new LoaderDevice(BLANK);
    const { page, pageErrors } = await openBoardView(device, { usb });
    await connect(page);
    const files = await choosePackage(page);
    await page.getByRole("button", { name: "Flash", exact: true }).click();
    const lines = await outcomeOf(page, "flash");
    expect(lines[0]).toMatch(/^ESP32.*, MAC [0-9a-f:]{17}$/);
    expect(lines[1]).toMatch(/written and verified by MD5$/);
    expect(lines[2]).toMatch(/^Espruino 2v29\S* is running on ESP32\.$/);
    for (const { file, offsetBytes } of loadBoard("esp32").flash?.images ?? []) {
      const bytes = files.get(file) as Uint8Array;
      expect(Buffer.from(device.flash.subarray(offsetBytes, offsetBytes + bytes.length))).toEqual(
        Buffer.from(bytes),
      );
    }
    await page.getByText("ESP32", { exact: false }).first().waitFor();
    expect(pageErrors).toEqual([]);
  });

  test("erases the flash, and reports the result and the reduced baud rate", async () => {
    const device = new LoaderDevice({ ...BLANK, faults: { baudRateMax: 115_200 } });
    device.flash.fill(0x42);
    const { page } = await openBoardView(device, { usb });
    await connect(page);
    await page.getByLabel("Erase before writing").selectOption("all");
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    const lines = await outcomeOf(page, "flash");
    expect(lines.slice(1)).toEqual([
      "All of its flash was erased.",
      "The board does not respond at 460800 baud and was flashed at 115200 baud. A shorter cable may help.",
    ]);
    expect(device.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("asks before the page is left during flashing", async () => {
    const { page, port } = await openBoardView(new LoaderDevice({ ...BLANK, faults: { diesAtBlock: 1 } }), {
      usb,
    });
    /** Dispatches a beforeunload event. Chromium before 119 checks only `returnValue`. */
    const answer = () =>
      page.evaluate(() => {
        const event = document.createEvent("BeforeUnloadEvent") as BeforeUnloadEvent;
        event.initEvent("beforeunload", false, true);
        window.dispatchEvent(event);
        return { isPrevented: event.defaultPrevented, hasValue: event.returnValue !== "" };
      });
    const asked = { isPrevented: true, hasValue: true };
    const notAsked = { isPrevented: false, hasValue: false };
    await connect(page);
    await choosePackage(page);
    expect(await answer()).toEqual(notAsked);
    await page.getByRole("button", { name: "Flash", exact: true }).click();
    await page.getByRole("progressbar", { name: "writing" }).waitFor();
    expect(await answer()).toEqual(asked);
    const dialogs: string[] = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.type());
      void dialog.dismiss();
    });
    await page.evaluate(() => location.reload());
    await expect.poll(() => dialogs).toEqual(["beforeunload"]);
    expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(0);
    expect((await logOf(page).boundingBox())?.y, "the console is in sight").toBeGreaterThan(0);
    await port.unplug();
    await outcomeOf(page, "flash");
    expect(await answer()).toEqual(notAsked);
  });

  test("refuses a package for another chip, and writes nothing", async () => {
    const device = new LoaderDevice(BLANK);
    const { page } = await openBoardView(device, { usb });
    await connect(page);
    await choosePackage(page, "esp32c3");
    await page.getByRole("button", { name: "Flash", exact: true }).click();
    expect((await outcomeOf(page, "flash"))[0]).toMatch(/^MK1905: .*Nothing was written to the board\.$/);
    expect(device.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("reports the state of a board that was unplugged during flashing", async () => {
    const device = new LoaderDevice(BLANK);
    const { page } = await openBoardView(device, { usb, unplugAfterBytes: 30_000 });
    await connect(page);
    await choosePackage(page);
    await page.getByRole("button", { name: "Flash", exact: true }).click();
    expect((await outcomeOf(page, "flash"))[0]).toMatch(/^MK1604: .*was unplugged.* flashed again/);
    await page.getByRole("button", { name: "Connect" }).waitFor();
    await logOf(page).getByText("was unplugged").waitFor();
  });
});

describe.skipIf(!hasChromium)("Board view", { timeout: TEST_MS_MAX }, () => {
  const quiet: SerialDevice = { receive: () => undefined, onSend: () => undefined };

  test("names browsers with Web Serial in a browser without it", async () => {
    const { page, pageErrors } = await openPage({
      async prepare(opened) {
        await opened.addInitScript(() => Object.defineProperty(navigator, "serial", { value: undefined }));
      },
      address: (hub) => `${hub.pageUrl}#view=board`,
    });
    await page.getByText("does not support Web Serial").waitFor();
    expect(pageErrors).toEqual([]);
  });

  test("loads its program when it is opened, and the flasher when it is needed", async () => {
    const asked: string[] = [];
    const { page } = await openPage({
      prepare: async (opened) => void opened.on("request", (request) => asked.push(request.url())),
    });
    expect(asked.filter((url) => url.includes("/chunks/board-tab"))).toEqual([]);
    await page.getByRole("link", { name: "Board", exact: true }).click();
    await page.getByRole("heading", { name: "Console" }).waitFor();
    expect(asked.filter((url) => url.includes("/chunks/board-tab"))).toHaveLength(1);
    expect(asked.filter((url) => /flashing|core-controller/.test(url))).toEqual([]);
  });

  test("accepts console input while the hub builds the project for decoding stack traces", async () => {
    const board = new SimulatedDevice({
      clock: systemClock,
      storage: new StorageFiles(262_144),
      board: loadBoard("esp32"),
    });
    board.powerOn();
    const { page } = await openBoardView(board);
    let answer = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route("**/control/build", async (route) => {
      await isAsked;
      await route.continue();
    });
    await open(page);
    await page.getByText("comparing the board's app with the project").waitFor();
    await page.getByLabel("Input for the interpreter").fill("print(6*7)");
    await page.keyboard.press("Enter");
    await logOf(page).getByText("42", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Disconnect" }).click();
    answer();
    await page
      .getByRole("button", { name: "Connect" })
      .and(page.locator(":enabled"))
      .waitFor({ timeout: JOB_MS_MAX });
    expect(await page.locator('[data-job="connect"] .alarm').count()).toBe(0);
    await open(page);
    await page.getByText("not decoded").waitFor({ timeout: JOB_MS_MAX });
    await page
      .getByText("comparing the board's app with the project")
      .waitFor({ state: "detached", timeout: JOB_MS_MAX });
    await board.dispose();
  });

  test("reports a port that is in use", async () => {
    const { page, port } = await openBoardView(quiet);
    await port.becomeBusy();
    await page.getByRole("button", { name: "Connect" }).click();
    expect((await outcomeOf(page, "connect"))[0]).toMatch(/^MK1602: .*in use/);
  });

  test("asks to open the hub's link if it was opened without the token", async () => {
    const port = new BrowserPort(quiet);
    const { page } = await openPage({
      hub: { control: pageActions({ workingFolder: folder, hubUrl: () => undefined }) },
      prepare: port.plugIn,
      address: (hub) => `${hub.pageUrl}#view=board`,
    });
    await page.getByText("not opened with the link that the hub printed", { exact: false }).waitFor();
    await connect(page);
    expect(await page.getByRole("button", { name: "Build and upload" }).isDisabled()).toBe(true);
  });

  test("removes the token from the address", async () => {
    const { page } = await openBoardView(quiet);
    expect(page.url()).not.toContain("token");
  });
});
