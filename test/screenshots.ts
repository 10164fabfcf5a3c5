/**
 * Makes the screenshots of the hub's page for docs/page, light and dark, on a desktop and on a phone:
 *
 *     npm run screenshots
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mqtt, { type MqttClient } from "mqtt";
import { type Browser, chromium, type Page } from "playwright-core";
import { BoardFleet } from "../host/fleet/board-fleet.ts";
import { DeviceRegistry } from "../host/hub/devices/device-registry.ts";
import { newDevice } from "../host/hub/devices/device-settings.ts";
import { type Hub, startHub } from "../host/hub/hub.ts";
import { pageActions } from "../host/local-hub/page-actions.ts";
import { VIEWS, type View } from "../host/page/model/view-state.ts";
import { findEntry } from "../host/project/find-entry.ts";
import { requireProgram } from "./fixtures/programs.ts";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(REPOSITORY, "docs", "page");
const SCHEMES = ["light", "dark"] as const;
const WIDTHS = [1440, 390] as const;
const TELEMETRY_MS = 250;
const SETTLE_MS = 2_500;

async function addDevices(hubFolder: string): Promise<void> {
  const pump = newDevice([], "pump", { publishAccept: ["devices/{{device.id}}/#"] });
  const fan = { ...newDevice([], "fan", { insecure: "deny" }), isEnabled: false };
  const gate = newDevice([], "gate", {});
  await new DeviceRegistry(hubFolder).change(() => ({ devices: [pump, fan, gate], result: undefined }));
}

/** Publishes telemetry of a greenhouse periodically. */
function publishTelemetry(client: MqttClient): NodeJS.Timeout {
  let count = 0;
  return setInterval(() => {
    count++;
    const celsius = 21 + 3 * Math.sin(count / 9);
    const humidity = 55 + 8 * Math.cos(count / 13);
    const air = {
      celsius: Number(celsius.toFixed(2)),
      humidity: Number(humidity.toFixed(1)),
      fan: count % 8 > 3,
    };
    client.publish("devices/greenhouse/telemetry/air", JSON.stringify(air), { qos: 1 });
    if (count % 3 === 0) client.publish("devices/greenhouse/telemetry/soil", String(40 - (count % 9)));
    if (count % 7 === 0) client.publish("plant/valve/raw", Buffer.from([1, count & 255, 250]));
  }, TELEMETRY_MS);
}

const AIR = "devices/greenhouse/telemetry/air";

/** Actions of the user in each view before the screenshot. */
const PREPARE: Readonly<Record<View, (page: Page) => Promise<void>>> = {
  async messages(page) {
    await page.getByTitle(`Plot ${AIR} celsius`).first().click();
    await page.getByTitle(`Plot ${AIR} humidity`).first().click();
    await page.getByLabel(`Plot of ${AIR} humidity`).selectOption("0");
  },
  async devices(page) {
    await page.getByText("greenhouse", { exact: false }).first().waitFor();
  },
  async wire(page) {
    await page.locator("button.frame", { hasText: "QoS 1" }).first().click();
  },
  async simulated(page) {
    await page.getByRole("log").first().getByText("connected").waitFor();
  },
  async board(page) {
    await page.getByRole("heading").nth(1).waitFor();
  },
};

async function take(browser: Browser, hub: Hub): Promise<void> {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      await page.goto(hub.pageLink);
      await page.getByText("Connected", { exact: true }).waitFor();
      for (const view of VIEWS) {
        await page.goto(`${hub.pageUrl}#view=${view}`);
        await page.waitForTimeout(SETTLE_MS);
        await PREPARE[view](page);
        await page.waitForTimeout(SETTLE_MS);
        await page.screenshot({ path: join(FOLDER, `${view}-${colorScheme}-${width}.png`) });
      }
      await page.close();
    }
  }
}

const hubFolder = mkdtempSync(join(tmpdir(), "motekit-screenshots-"));
mkdirSync(FOLDER, { recursive: true });
await addDevices(hubFolder);
const place: { hub?: Hub } = {};
const fleet = new BoardFleet({
  entry: () => findEntry("firmware/main.ts", REPOSITORY),
  workingFolder: REPOSITORY,
  hub: () => ({ host: "127.0.0.1", port: place.hub?.port ?? 0 }),
  engine: "node",
});
const control = pageActions({ workingFolder: REPOSITORY, hubUrl: () => undefined, fleet });
const hub = await startHub({ host: "127.0.0.1", port: 0, wsPort: 0, hubFolder, control });
place.hub = hub;
await fleet.boot({ board: "esp32" });
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, {
  clientId: "greenhouse",
  username: "greenhouse",
  password: "secret",
});
await client.publishAsync("devices/greenhouse/status", "online", { qos: 1, retain: true });
const timer = publishTelemetry(client);
const browser = await chromium.launch({
  executablePath: requireProgram("chromium"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  await take(browser, hub);
  // The README's screenshot, which is part of the package.
  copyFileSync(join(FOLDER, "messages-light-1440.png"), join(REPOSITORY, "docs", "page.png"));
} finally {
  clearInterval(timer);
  await browser.close();
  client.end(true);
  await fleet.close();
  await hub.close();
  rmSync(hubFolder, { recursive: true });
}
