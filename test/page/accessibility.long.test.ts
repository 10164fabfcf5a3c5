/** Checks every view with axe-core, and uses the page with the keyboard only. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import mqtt, { type MqttClient } from "mqtt";
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { BoardFleet } from "../../host/fleet/board-fleet.ts";
import { fleetActions } from "../../host/fleet/fleet-actions.ts";
import type { Hub } from "../../host/hub/hub.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import { hasChromium, useBrowser } from "../fixtures/browser.ts";

const pageTest = test.skipIf(!hasChromium);
const { openPage } = useBrowser();
const clients: MqttClient[] = [];
const fleets: BoardFleet[] = [];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()));
});

/** The serious and critical problems that axe-core finds: rule and place. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

const LOOKS = [
  ["light", 1440],
  ["dark", 390],
  ["dark", 1440],
  ["light", 390],
] as const;

pageTest.each(LOOKS)(
  "accessibility: axe-core finds no serious problem in any view (%s, %i pixels wide)",
  { timeout: 60_000 },
  async (colorScheme, width) => {
    const place: { hub?: Hub } = {};
    const fleet = new BoardFleet({
      entry: () => findEntry("firmware/main.ts", process.cwd()),
      workingFolder: process.cwd(),
      hub: () => ({ host: "127.0.0.1", port: place.hub?.port ?? 0 }),
      engine: "node",
    });
    fleets.push(fleet);
    const { page, hub } = await openPage({ hub: { control: fleetActions(fleet) }, colorScheme, width });
    place.hub = hub;
    await fleet.boot({ board: "esp32", id: "pump" });
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
    clients.push(client);
    for (const speed of [1, 2]) {
      await client.publishAsync("plant/pump", JSON.stringify({ speed }), { qos: 1, retain: true });
    }
    await page.getByRole("treeitem", { name: "pump", exact: false }).last().waitFor();
    await page.locator('[data-branch="plant/pump"]').click();
    await page.locator(".message-line").first().click();
    await page.getByTitle("Plot plant/pump speed").first().click();
    await page.getByRole("button", { name: "New connection" }).click();
    expect(await violations(page)).toEqual([]);
    for (const [view, heading] of [
      ["Devices", "Devices"],
      ["Wire", "Frames"],
      ["Simulator", "Start a board"],
      ["Board", "Board"],
    ] as const) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await page.getByRole("heading", { name: heading, exact: false }).first().waitFor();
      if (view === "Wire") await page.locator("button.frame").first().click();
      expect(await violations(page), view).toEqual([]);
    }
  },
);

/** Presses Tab until an element that matches the selector has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let count = 0; count < 120; count++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}.`);
}

pageTest(
  "accessibility: the keyboard is enough to subscribe, publish, plot a value and change the view",
  async () => {
    const { page, hub } = await openPage();
    await tabTo(page, 'input[name="topic-filter"]');
    await page.keyboard.type("a/+");
    await page.keyboard.press("Enter");
    await page.locator('[data-filter="a/+"]').getByText("QoS 1", { exact: true }).waitFor();
    await tabTo(page, 'input[name="topic"]');
    await page.keyboard.type("a/b");
    await page.keyboard.press("Tab");
    await page.keyboard.type("7.5");
    await tabTo(page, 'input[name="qos"]');
    await page.keyboard.press("ArrowRight");
    await tabTo(page, 'input[name="retain"]');
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Published to a/b").waitFor();
    expect(hub.events.at(-1)).toMatchObject({ topic: "a/b", payload: "7.5", qos: 1, retain: true });
    await page.locator(".message-line").waitFor();
    await tabTo(page, ".message-line");
    await page.keyboard.press("Enter");
    await tabTo(page, ".detail .chip");
    await page.keyboard.press("Enter");
    await page.locator('.plot[data-series="a/b"]').waitFor();
    await tabTo(page, ".plot-canvas");
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("button", { name: "Live" }).waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await tabTo(page, 'a[href*="view=wire"]');
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Frames" }).waitFor();
    await tabTo(page, "button.frame");
    await page.keyboard.press("Enter");
    await page.locator(".fields").waitFor();
  },
);
