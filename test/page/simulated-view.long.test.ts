/** The Simulator view. Its boards run the reference firmware and connect to the hub by TCP. */
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { BoardFleet } from "../../host/fleet/board-fleet.ts";
import type { Hub } from "../../host/hub/hub.ts";
import { pageActions } from "../../host/local-hub/page-actions.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import { hasChromium, type OpenPage, useBrowser } from "../fixtures/browser.ts";

const pageTest = test.skipIf(!hasChromium);
const { openPage } = useBrowser();
const fleets: BoardFleet[] = [];
const BUILD_MS_MAX = 40_000;

afterEach(async () => {
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()));
});

async function openSimulator({
  isOpenToNetwork = false,
  ...options
}: {
  width?: number;
  isOpenToNetwork?: boolean;
} = {}): Promise<OpenPage & { fleet: BoardFleet }> {
  const place: { hub?: Hub } = {};
  const workingFolder = process.cwd();
  const fleet = new BoardFleet({
    entry: () => findEntry("firmware/main.ts", workingFolder),
    workingFolder,
    hub: () => ({ host: "127.0.0.1", port: place.hub?.port ?? 0 }),
    engine: "node",
    isOpenToNetwork,
  });
  fleets.push(fleet);
  const control = pageActions({ workingFolder, hubUrl: () => undefined, fleet });
  const opened = await openPage({ hub: { control }, ...options });
  place.hub = opened.hub;
  await opened.page.getByRole("link", { name: "Simulator" }).click();
  return { ...opened, fleet };
}

function card(page: Page, id: string) {
  const board = page.locator(`[data-board="${id}"]`);
  return {
    board,
    state: (text: string) => board.locator(".simulated-state").getByText(text, { exact: true }).waitFor(),
    prints: (text: string) => board.getByRole("log").getByText(text, { exact: false }).first().waitFor(),
    toggle: (name: string) => board.getByRole("switch", { name }).click(),
  };
}

pageTest("Simulator view: starts a board, whose LED, power and Wi-Fi follow their switches", async () => {
  const { page, pageErrors, hub } = await openSimulator();
  await page.getByText("No simulated boards.", { exact: false }).waitFor();
  await page.getByLabel("Device ID").fill("pump");
  await page.getByRole("button", { name: "Start" }).click();
  const pump = card(page, "pump");
  // The first build takes longest.
  await pump.board.waitFor({ timeout: BUILD_MS_MAX });
  await pump.state("Running");
  await pump.prints("connected 127.0.0.1");
  expect(await pump.board.locator(".lamp-text").textContent()).toBe("off");

  await page.getByRole("link", { name: "Messages" }).click();
  await page.locator('[data-device="pump"]').getByRole("switch", { name: "LED" }).click();
  await page.locator('[data-device="pump"] .led').getByText("On", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Simulator" }).click();
  await expect.poll(() => pump.board.locator(".lamp-text").textContent()).toBe("on");

  await pump.toggle("Power");
  await pump.state("Off");
  await expect.poll(() => pump.board.locator(".lamp-text").textContent()).toBe("off");
  await expect
    .poll(() => hub.events.at(-1))
    .toMatchObject({ topic: "devices/pump/status", payload: "offline" });
  await pump.toggle("Power");
  await pump.state("Running");
  await pump.toggle("Wi-Fi");
  await expect
    .poll(() => pump.board.getByRole("switch", { name: "Wi-Fi" }).getAttribute("aria-checked"))
    .toBe("false");
  await page.getByRole("link", { name: "Wire" }).click();
  await page.getByLabel("Client", { exact: true }).first().selectOption("pump");
  await page.getByRole("log", { name: "Console of pump" }).getByText("connected 127.0.0.1").first().waitFor();
  expect(pageErrors).toEqual([]);
});

pageTest("Simulator view: holds the board's button by pointer and by key, and sets any pin", async () => {
  const { page, fleet } = await openSimulator();
  await fleet.boot({ board: "esp32", id: "pump" });
  const pump = card(page, "pump");
  const levels: unknown[] = [];
  fleet.watch((event) => {
    if (event.kind === "board") levels.push(event.board.pins.find(({ pin }) => pin === "D0")?.level);
  }, new AbortController().signal);
  const button = pump.board.getByRole("button", { name: "Hold button (D0)" });
  await button.hover();
  await page.mouse.down();
  // The pressed button has level 0.
  await expect.poll(() => levels.at(-1)).toBe(0);
  await page.mouse.up();
  await expect.poll(() => levels.at(-1)).toBe(1);
  await button.focus();
  await page.keyboard.down("Space");
  await expect.poll(() => levels.at(-1)).toBe(0);
  await page.keyboard.up("Space");
  await expect.poll(() => levels.at(-1)).toBe(1);
  await pump.board.getByLabel("Pin", { exact: true }).fill("d34");
  await pump.board.getByLabel("Level", { exact: false }).fill("0.25");
  await pump.board.getByRole("button", { name: "Set pin" }).click();
  await pump.board.locator(".pin-list").getByText("D34").waitFor();
  expect(await pump.board.locator(".pin-list li").textContent()).toBe("D34 0.25 set here");
  await pump.board.getByLabel("Pin", { exact: true }).fill("D99");
  await pump.board.getByRole("button", { name: "Set pin" }).click();
  await page.locator(".alarm", { hasText: "D99" }).waitFor();
});

pageTest("Simulator view: resets and removes a board, reports a duplicate ID, and fits a phone", async () => {
  const { page, fleet } = await openSimulator({ width: 390 });
  await fleet.boot({ board: "esp32", id: "pump" });
  const pump = card(page, "pump");
  await pump.prints("connected 127.0.0.1");
  await pump.board.getByRole("button", { name: "Reset" }).click();
  await expect
    .poll(async () => (await pump.board.getByRole("log").textContent())?.split("boot pump").length)
    .toBe(3);
  await page.getByLabel("Device ID").fill("pump");
  await page.getByRole("button", { name: "Start" }).click();
  await page.locator(".boot-outcome", { hasText: "pump" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await pump.board.getByRole("button", { name: "Remove" }).click();
  await page.getByText("No simulated boards.", { exact: false }).waitFor();
});

pageTest("Simulator view: sends lines to the interpreter, also in the Wire view", async () => {
  const { page, fleet, pageErrors } = await openSimulator();
  await fleet.boot({ board: "esp32", id: "pump" });
  const pump = card(page, "pump");
  await pump.prints("connected 127.0.0.1");
  const line = pump.board.getByLabel("Input for the interpreter");
  await line.fill("LED1.set(), 6 * 7");
  await line.press("Enter");
  await pump.prints("> LED1.set(), 6 * 7");
  await pump.prints("= 42");
  await expect.poll(() => pump.board.locator(".lamp-text").textContent()).toBe("on");
  await line.press("ArrowUp");
  expect(await line.inputValue()).toBe("LED1.set(), 6 * 7");
  await pump.toggle("Power");
  await pump.state("Off");
  expect(await line.isDisabled()).toBe(true);
  await pump.toggle("Power");
  await pump.state("Running");
  await page.getByRole("link", { name: "Wire" }).click();
  await page.getByLabel("Client", { exact: true }).first().selectOption("pump");
  const wireLine = page.getByLabel("Input for the interpreter");
  await wireLine.fill('"typed " + "here"');
  await wireLine.press("Enter");
  await page.getByRole("log", { name: "Console of pump" }).getByText('= "typed here"').waitFor();
  expect(pageErrors).toEqual([]);
});

pageTest("Simulator view: has no console input if the hub is open to the network", async () => {
  const { page, fleet } = await openSimulator({ isOpenToNetwork: true });
  await fleet.boot({ board: "esp32", id: "pump" });
  await card(page, "pump").prints("connected 127.0.0.1");
  await page.getByText("Console input is disabled, because this hub is open to the network.").waitFor();
  expect(await page.getByLabel("Input for the interpreter").count()).toBe(0);
});

pageTest("Simulator view: asks to open the hub's link if it was opened without the token", async () => {
  const { page } = await openPage({ address: (hub) => `${hub.pageUrl}#view=simulated` });
  await page.getByText("not opened with the link that the hub printed", { exact: false }).waitFor();
});
