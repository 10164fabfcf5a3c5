/** A board that is plugged into the computer of whoever looks at the hub's page: its port is the test's. */
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

/** Until the hub has built, too, what the board's traces are explained by. */
async function connect(page: Page): Promise<void> {
  await open(page);
  await page.locator('[data-job="connect"] .job-step').waitFor({ state: "detached", timeout: JOB_MS_MAX });
}

/** The lines in which a job ended. */
async function outcomeOf(page: Page, job: string): Promise<string[]> {
  const lines = page.locator(`[data-job="${job}"] p:not(.job-step)`);
  await lines.first().waitFor({ timeout: JOB_MS_MAX });
  return lines.allTextContents();
}

const logOf = (page: Page) => page.getByRole("log", { name: "Console of the board" });

for (const { name, isThere, isReal, create } of TEST_BOARDS) {
  describe.skipIf(!isThere || !hasChromium)(`with ${name}`, { timeout: TEST_MS_MAX }, () => {
    let board: TestBoard;
    beforeEach(() => {
      board = create();
      board.powerOn();
    });
    afterEach(() => board.dispose());

    test("connects, tells who is there, and passes a line to the interpreter", async () => {
      const { page, complaints } = await openBoardView(board);
      await connect(page);
      await page.getByText("2v29", { exact: false }).waitFor();
      await page.getByLabel("A line for the interpreter").fill("print(6*7)");
      await page.keyboard.press("Enter");
      await logOf(page).getByText("42", { exact: true }).waitFor();
      // Beside the frames too.
      await page.getByRole("link", { name: "Wire" }).click();
      await logOf(page).getByText("42", { exact: true }).waitFor();
      await page.getByRole("link", { name: "Board", exact: true }).click();
      await page.getByRole("button", { name: "Disconnect" }).click();
      await page.getByRole("button", { name: "Connect" }).waitFor();
      expect(complaints).toEqual([]);
    });

    test("uploads the build, and decodes the traces of what runs", async () => {
      writeApp(FAILING_APP);
      const { page, complaints } = await openBoardView(board);
      await connect(page);
      await page.getByRole("button", { name: "Upload the build" }).click();
      expect((await outcomeOf(page, "upload"))[0]).toMatch(
        /^src\/main\.ts, \d+ bytes, in slot \d\. Nothing went wrong/,
      );
      const trace = logOf(page).locator(".console-trace");
      await trace.getByText("the sensor is gone").first().waitFor({ timeout: JOB_MS_MAX });
      expect(await trace.first().textContent()).toMatch(/at measure \(src\/main\.ts:3:\d+\)/);
      expect(complaints).toEqual([]);
    });

    // Espruino for Linux takes bytes 03 and 04 of a packet for keys, which the reference firmware has.
    test(`is configured${isReal ? "" : ", reaches the hub,"} and shows no password`, async () => {
      const { page, hub } = await openBoardView(board);
      await connect(page);
      if (!isReal) {
        await page.getByRole("button", { name: "Upload the build" }).click();
        await outcomeOf(page, "upload");
      }
      await page.getByLabel("Device ID").fill("from-the-page");
      await page.getByLabel("Hub", { exact: true }).fill(`mqtt://127.0.0.1:${hub.port}`);
      await page.getByLabel("User name at the hub").fill("somebody");
      await page.getByLabel("Password at the hub").fill("very secret");
      if (isReal) await page.getByLabel("Wait until it is on its hub").uncheck();
      await page.getByRole("button", { name: "Configure" }).click();
      const [outcome] = await outcomeOf(page, "configure");
      if (isReal) expect(outcome).toBe("from-the-page is configured.");
      else {
        expect(outcome).toContain(`from-the-page is on its hub 127.0.0.1:${hub.port}, `);
        expect(hub.events).toContainEqual(
          expect.objectContaining({ event: "connected", clientId: "from-the-page" }),
        );
      }
      expect(await page.getByLabel("Password at the hub").inputValue()).toBe("");
      await page.getByLabel("A line for the interpreter").fill('print("very"+" secret")');
      await page.keyboard.press("Enter");
      await logOf(page).getByText("••••").first().waitFor();
      expect(await page.locator("body").textContent()).not.toContain("very secret");
      await page.getByRole("button", { name: "Show" }).click();
      const shown = (await outcomeOf(page, "show")).join("\n");
      expect(shown).toContain("from-the-page");
      expect(shown).not.toContain("very secret");
    });
  });
}

test.skipIf(!hasChromium)("reads and turns a pin", async () => {
  const board = new SimulatedDevice({
    clock: systemClock,
    storage: new StorageFiles(262_144),
    board: loadBoard("esp32"),
  });
  board.powerOn();
  const { page, complaints } = await openBoardView(board);
  await connect(page);
  const act = async (name: string, outcome: string): Promise<void> => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.locator('[data-job="pin"]').getByText(outcome, { exact: true }).waitFor();
  };
  await page.getByRole("definition").filter({ hasText: "2v29" }).waitFor();
  expect(await page.getByLabel("Pin", { exact: true }).inputValue()).toBe("D2");
  await act("Reset", "D2 is an input again.");
  await act("Read", "D2 reads 0.");
  await act("Toggle", "D2 was toggled.");
  await act("Read", "D2 reads 1.");
  await page.getByLabel("Pin", { exact: true }).fill("reset()");
  await act("Read", 'MK1711: "reset()" is no pin\'s name.');
  expect(complaints).toEqual([]);
  await board.dispose();
});

describe.skipIf(!hasChromium)("flashing from the page", { timeout: TEST_MS_MAX }, () => {
  const BLANK = { model: chipModel("esp32"), app: interpreterOf };
  /** Of a CP2102, which has the lines that reset a chip. */
  const usb = { usbVendorId: 0x10c4, usbProductId: 0xea60 };

  /** What is written starts an interpreter, as the real one does. */
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
      .getByLabel("Package of the Espruino project's", { exact: false })
      .setInputFiles({ name: "espruino.zip", mimeType: "application/zip", buffer: Buffer.from(archive) });
    return files;
  }

  test("writes a blank board's interpreter, which then answers", async () => {
    const device = new LoaderDevice(BLANK);
    const { page, complaints } = await openBoardView(device, { usb });
    await connect(page);
    const files = await choosePackage(page);
    await page.getByRole("button", { name: "Flash", exact: true }).click();
    const lines = await outcomeOf(page, "flash");
    expect(lines[0]).toMatch(/^ESP32.*, MAC [0-9a-f:]{17}$/);
    expect(lines[1]).toMatch(/written and proved by MD5$/);
    expect(lines[2]).toMatch(/^Espruino 2v29\S* on ESP32 answers\.$/);
    for (const { file, offsetBytes } of loadBoard("esp32").flash?.images ?? []) {
      const bytes = files.get(file) as Uint8Array;
      expect(Buffer.from(device.flash.subarray(offsetBytes, offsetBytes + bytes.length))).toEqual(
        Buffer.from(bytes),
      );
    }
    await page.getByText("ESP32", { exact: false }).first().waitFor();
    expect(complaints).toEqual([]);
  });

  test("erases, and says what, and that it was slower than it might be", async () => {
    const device = new LoaderDevice({ ...BLANK, faults: { baudRateMax: 115_200 } });
    device.flash.fill(0x42);
    const { page } = await openBoardView(device, { usb });
    await connect(page);
    await page.getByLabel("Erase first").selectOption("all");
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    const lines = await outcomeOf(page, "flash");
    expect(lines.slice(1)).toEqual([
      "All of its flash was erased.",
      "The board does not respond at 460800 baud and was flashed at 115200 baud. A shorter cable may help.",
    ]);
    expect(device.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("asks before the page is left in the midst of it", async () => {
    const { page, port } = await openBoardView(new LoaderDevice({ ...BLANK, faults: { diesAtBlock: 1 } }), {
      usb,
    });
    /** Releases of Chromium before 119 go by the value alone. */
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

  test("refuses another chip's package, and writes nothing", async () => {
    const device = new LoaderDevice(BLANK);
    const { page } = await openBoardView(device, { usb });
    await connect(page);
    await choosePackage(page, "esp32c3");
    await page.getByRole("button", { name: "Flash", exact: true }).click();
    expect((await outcomeOf(page, "flash"))[0]).toMatch(/^MK1905: .*Nothing was written to the board\.$/);
    expect(device.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("unplugged half-way tells the state that the board is in", async () => {
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

describe.skipIf(!hasChromium)("the view of a board", { timeout: TEST_MS_MAX }, () => {
  const quiet: SerialDevice = { receive: () => undefined, onSend: () => undefined };

  test("says which browsers have serial ports where this one has none", async () => {
    const { page, complaints } = await openPage({
      async prepare(opened) {
        await opened.addInitScript(() => Object.defineProperty(navigator, "serial", { value: undefined }));
      },
      address: (hub) => `${hub.pageUrl}#view=board`,
    });
    await page.getByText("Chrome and Edge have it").waitFor();
    expect(complaints).toEqual([]);
  });

  test("loads its program, and what it flashes with, when they are needed", async () => {
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

  test("lets a person type while the hub builds what the board's traces are explained by", async () => {
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
    await page.getByLabel("A line for the interpreter").fill("print(6*7)");
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
    await page.getByText("as they come").waitFor({ timeout: JOB_MS_MAX });
    await page
      .getByText("comparing the board's app with the project")
      .waitFor({ state: "detached", timeout: JOB_MS_MAX });
    await board.dispose();
  });

  test("says that the port is in use", async () => {
    const { page, port } = await openBoardView(quiet);
    await port.becomeBusy();
    await page.getByRole("button", { name: "Connect" }).click();
    expect((await outcomeOf(page, "connect"))[0]).toMatch(/^MK1602: .*in use/);
  });

  test("opened without its token, tells which link to open", async () => {
    const port = new BrowserPort(quiet);
    const { page } = await openPage({
      hub: { control: pageActions({ workingFolder: folder, hubUrl: () => undefined }) },
      prepare: port.plugIn,
      address: (hub) => `${hub.pageUrl}#view=board`,
    });
    await page.getByText("not opened by the link that the hub printed", { exact: false }).waitFor();
    await connect(page);
    expect(await page.getByRole("button", { name: "Upload the build" }).isDisabled()).toBe(true);
  });

  test("takes the token out of the address", async () => {
    const { page } = await openBoardView(quiet);
    expect(page.url()).not.toContain("token");
  });
});
