/** The Devices view in Chromium, with a running hub and MQTT.js clients. */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import type { Locator, Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DeviceManager } from "../../host/hub/devices/device-manager.ts";
import type { HubOptions } from "../../host/hub/hub.ts";
import { hasChromium, type OpenPage, type PageOptions, useBrowser } from "../fixtures/browser.ts";
import type { TestHub } from "../fixtures/hubs.ts";
import { until } from "../fixtures/waiting.ts";

const pageTest = test.skipIf(!hasChromium);
const { openPage } = useBrowser();

const ID = "0f0e0d0c-0b0a-4908-8706-050403020100";

let hubFolder: string;
let manager: DeviceManager;
const clients: MqttClient[] = [];
beforeEach(() => {
  hubFolder = mkdtempSync(join(tmpdir(), "motekit-devices-view-"));
  manager = new DeviceManager(hubFolder);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
  rmSync(hubFolder, { recursive: true });
});

function openView(hub: Partial<HubOptions> = {}, options: PageOptions = {}): Promise<OpenPage> {
  return openPage({
    hub: { hubFolder, profile: "dedicated", control: {}, ...hub },
    address: ({ pageLink }) => `${pageLink}&view=devices`,
    ...options,
  });
}

async function connect(hub: TestHub, options: mqtt.IClientOptions): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0, ...options });
  clients.push(client);
  return client;
}

const rowOf = (page: Page, id: string): Locator => page.locator(`tr[data-row="${id}"]`);
const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true });

/** The text of a secret with this label. */
async function secretOf(page: Page, label: string): Promise<string> {
  const secret = page.getByRole("region", { name: label, exact: true }).locator("pre");
  return (await secret.textContent()) ?? "";
}

async function addByPage(page: Page, name: string, id = ""): Promise<void> {
  await button(page, "Add device").click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("ID (a UUID", { exact: false }).fill(id);
}

pageTest("Devices view: adds a device and shows its password once, with which it connects", async () => {
  const { hub, page, pageErrors } = await openView();
  await page.getByText("No devices yet", { exact: false }).waitFor();
  await addByPage(page, "pump", ID);
  await button(page, "Add").click();
  await page.getByRole("dialog", { name: "Secrets of pump" }).waitFor();
  const password = await secretOf(page, "Password");
  expect(password).toMatch(/^[\w-]{32}$/);
  // Escape does not close the dialog by accident.
  for (let times = 0; times < 4; times++) await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Secrets of pump" }).waitFor();
  expect(await secretOf(page, "Password")).toBe(password);
  await button(page, "Done").click();
  await page.getByRole("status").getByText("pump was added", { exact: true }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Add device");
  expect(await page.content()).not.toContain(password);

  const row = rowOf(page, ID);
  await row.getByText("Never connected").waitFor();
  const client = await connect(hub, { clientId: ID, username: ID, password });
  for (const value of ["1", "2", "3"]) await client.publishAsync("pumps/x", value, { qos: 1 });
  await row.getByText("Connected", { exact: true }).waitFor();
  await row.getByText("3 in, 0 out").waitFor();
  expect(await row.textContent()).toMatch(/by TCP.*connected 1 time/);
  expect(await row.textContent()).toContain("Password");
  expect(await row.getByRole("link", { name: "Messages as pump" }).getAttribute("href")).toBe(
    `#view=messages&as=${ID}`,
  );
  expect(pageErrors).toEqual([]);
});

pageTest(
  "Devices view: disables a device, which is disconnected and refused, and shows the rule",
  async () => {
    const { device } = await manager.add("pump", {});
    const { hub, page } = await openView();
    const client = await connect(hub, { clientId: device.id });
    const row = rowOf(page, device.id);
    await row.getByText("Connected", { exact: true }).waitFor();
    await button(page, "Disable pump").click();
    await row.getByText("Disabled", { exact: true }).waitFor();
    await page.getByRole("status").getByText("pump was disabled", { exact: true }).waitFor();
    await until("the end", () => !client.connected);
    await expect(connect(hub, { clientId: device.id })).rejects.toThrow(/Not authorized/);
    await row.getByText('the device "pump" is disabled.').waitFor();
    expect(await row.textContent()).toContain("Enable it: motekit hub device enable pump");
    await button(page, "Enable pump").press("Enter");
    await row.getByText("Refused", { exact: true }).waitFor();
    await connect(hub, { clientId: device.id });
    await row.getByText("Connected", { exact: true }).waitFor();
  },
);

pageTest("Devices view: renews a password, after which the hub refuses the old one", async () => {
  const { device, secrets } = await manager.add("pump", { password: true });
  const { hub, page } = await openView();
  await button(page, "Renew pump").click();
  await page.getByLabel("Generate a new password").check();
  await button(page, "Renew").click();
  const password = await secretOf(page, "Password");
  expect(password).not.toBe(secrets.password);
  await button(page, "Done").click();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Renew pump");
  const by = (given = "") => connect(hub, { clientId: device.id, username: device.id, password: given });
  await expect(by(secrets.password)).rejects.toThrow(/Bad username/);
  await by(password);
  await rowOf(page, device.id)
    .locator(".row-rule", { hasText: 'wrong password for device "pump"' })
    .waitFor();
  await button(page, "Renew pump").click();
  await page.getByLabel("Require no password").check();
  await button(page, "Renew").click();
  await rowOf(page, device.id).getByText("ID only (no password)").waitFor();
  await connect(hub, { clientId: device.id });
});

pageTest(
  "Devices view: issues a certificate, and offers it and its key as downloads and for the clipboard",
  async () => {
    const { device } = await manager.add("pump", {});
    const { page, pageErrors } = await openView(
      {},
      { prepare: (opened) => opened.context().grantPermissions(["clipboard-read", "clipboard-write"]) },
    );
    await button(page, "Renew pump").click();
    await page.getByLabel("Issue a new certificate").check();
    await button(page, "Renew").click();
    await page.getByText("Copy these secrets now", { exact: false }).waitFor();
    const loading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download Certificate" }).click();
    const download = await loading;
    expect(download.suggestedFilename()).toBe(`${device.id}.crt.pem`);
    const certificate = new X509Certificate(readFileSync(await download.path()));
    expect(certificate.fingerprint256).toBe(manager.find("pump").certificate);
    await button(page, "Copy Private key").click();
    await page.getByRole("status").getByText("Copied: Private key").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^-----BEGIN PRIVATE KEY-----[\s\S]*-----END PRIVATE KEY-----\n$/);
    expect(pageErrors).toEqual([]);
  },
);

pageTest("Devices view: reports a browser without clipboard, and the text can be selected", async () => {
  const { device } = await manager.add("pump", {});
  const { page } = await openView(
    {},
    {
      prepare: async (opened) => {
        await opened.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
      },
    },
  );
  await button(page, "Copy ID of pump").click();
  await page.getByRole("status").getByText("copy it yourself", { exact: false }).waitFor();
  expect(await rowOf(page, device.id).locator("code").textContent()).toBe(device.id);
});

pageTest("Devices view: changes the topics of a device, and shows a message that was refused", async () => {
  const { device } = await manager.add("pump", { subscribeReject: ["kept/#"] });
  const { hub, page } = await openView();
  await button(page, "Permissions pump").click();
  await page.getByLabel("Publish to", { exact: true }).selectOption("these topics only");
  await page.getByLabel("Publish to: One topic filter per line", { exact: false }).fill("pumps/#");
  await page.getByLabel("Allow several connections at the same time").check();
  await button(page, "Save").click();
  const row = rowOf(page, device.id);
  await row.getByText("Publishes to pumps/# only").waitFor();
  expect(await row.textContent()).toContain("Subscribes to all topics except kept/#");
  expect(manager.find("pump")).toMatchObject({
    allowsMultiple: true,
    publish: { policy: "accept", topics: ["pumps/#"] },
    subscribe: { policy: "reject", topics: ["kept/#"] },
  });
  const client = await connect(hub, { clientId: device.id });
  await client.publishAsync("elsewhere", "x", { qos: 1 });
  await row.getByText("its publish filter accepts only pumps/#.").waitFor();
  expect(await row.textContent()).toContain("0 refused, 1 denied");
});

pageTest(
  "Devices view: asks before it removes a device, and then moves the focus to the search",
  async () => {
    const { device } = await manager.add("pump", {});
    await manager.add("gate", {});
    const { hub, page } = await openView();
    const client = await connect(hub, { clientId: device.id });
    await button(page, "Remove pump").click();
    await page.getByRole("dialog", { name: "Remove pump?" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Remove pump");
    expect(client.connected).toBe(true);
    await page.keyboard.press("Enter");
    await button(page, "Remove").click();
    await page.getByRole("status").getByText("pump was removed").waitFor();
    await until("the end", () => !client.connected);
    expect(manager.list().map(({ name }) => name)).toEqual(["gate"]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
      "Find by name or ID",
    );
    // Its client is unregistered now.
    const unregistered = page.getByRole("table", { name: "Unregistered clients" });
    await unregistered.getByRole("rowheader", { name: device.id }).waitFor();
  },
);

pageTest("Devices view: shows the problem of a new device in the dialog, and adds none", async () => {
  const { page } = await openView();
  await addByPage(page, "pump", "7");
  await button(page, "Add").click();
  const alert = page.getByRole("dialog").getByRole("alert");
  await alert.getByText("MK1413", { exact: false }).waitFor();
  expect(await alert.textContent()).toMatch(/"7".*UUID/);
  await page.getByLabel("ID (a UUID", { exact: false }).fill(ID);
  await button(page, "Add").click();
  await page.getByRole("dialog", { name: "Secrets of pump" }).waitFor();
  expect(await alert.count()).toBe(0);
});

pageTest("Devices view: shows names and refusals with HTML as text", async () => {
  const name = '<img src=x onerror="alert(1)">';
  const { device } = await manager.add(name, { publishAccept: ["<b>bold<b>"] });
  const { hub, page, pageErrors } = await openView();
  const unregistered = '"><script>alert(1)</script>';
  await expect(connect(hub, { clientId: unregistered })).rejects.toThrow();
  await manager.change(name, { isEnabled: false });
  await expect(connect(hub, { clientId: device.id })).rejects.toThrow();
  const row = rowOf(page, device.id);
  await row.getByText(`the device "${name}" is disabled.`).waitFor();
  expect(await row.getByRole("rowheader").textContent()).toContain(name);
  expect(await row.textContent()).toContain("Publishes to <b>bold<b> only");
  await page.getByRole("rowheader", { name: unregistered }).waitFor();
  expect(await page.locator("main :is(img, b, script)").count()).toBe(0);
  expect(pageErrors).toEqual([]);
});

pageTest("Devices view: lists unregistered clients, and adds one with a UUID as a device", async () => {
  const { hub, page } = await openView({ profile: "open" });
  await page.getByText("one connection of the hub's own page", { exact: false }).waitFor();
  const sim = await connect(hub, { clientId: "esp32-sim" });
  await sim.publishAsync("t", "x", { qos: 1 });
  const unregistered = page.getByRole("table", { name: "Unregistered clients" });
  await unregistered.locator('[data-row="esp32-sim"]').getByText("1 in, 0 out").waitFor();
  await connect(hub, { clientId: ID });
  await button(page, `Add as device ${ID}`).click();
  await page.getByLabel("Name", { exact: true }).fill("pump");
  await button(page, "Add").click();
  await button(page, "Done").click();
  await page.getByRole("table", { name: "Devices" }).locator(`[data-row="${ID}"]`).waitFor();
  expect(await unregistered.locator("tbody tr").count()).toBe(1);
  expect(manager.find("pump").id).toBe(ID);
});

pageTest("Devices view: finds devices by name, ID and status", async () => {
  const { device } = await manager.add("pump", {});
  await manager.add("gate", {});
  await manager.change("gate", { isEnabled: false });
  const { page } = await openView();
  const names = page.getByRole("table", { name: "Devices" }).getByRole("rowheader");
  const search = page.getByLabel("Find by name or ID");
  await expect.poll(() => names.count()).toBe(2);
  await search.fill("PUM");
  await expect.poll(() => names.allTextContents()).toEqual([expect.stringContaining("pump")]);
  await search.fill(device.id.slice(0, 13));
  await expect.poll(() => names.allTextContents()).toEqual([expect.stringContaining("pump")]);
  await search.fill("");
  await page.getByLabel("Status").selectOption("disabled");
  await expect.poll(() => names.allTextContents()).toEqual([expect.stringContaining("gate")]);
  await search.fill("pump");
  await page.getByText("No matches.").waitFor();
});

pageTest("Devices view: keeps the order of rows, and the focus, while a row has the focus", async () => {
  for (const name of ["gate", "pump"]) await manager.add(name, {});
  const { hub, page } = await openView();
  const cells = page.getByRole("table", { name: "Devices" }).getByRole("rowheader");
  const names = () => cells.evaluateAll((found) => found.map((cell) => cell.firstChild?.textContent));
  await page.getByLabel("Sort").selectOption("by messages");
  await expect.poll(names).toEqual(["gate", "pump"]);
  await button(page, "Permissions gate").focus();
  const { id } = manager.find("pump");
  const client = await connect(hub, { clientId: id });
  await client.publishAsync("t", "x", { qos: 1 });
  await rowOf(page, id).getByText("1 in, 0 out").waitFor();
  expect(await names()).toEqual(["gate", "pump"]);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Permissions gate");
  await page.getByLabel("Find by name or ID").focus();
  // The next counters sort the rows again.
  await expect.poll(names).toEqual(["pump", "gate"]);
});

pageTest("Devices view: shows changes by the command line, and a damaged file of devices", async () => {
  const { page } = await openView();
  await page.getByText("No devices yet", { exact: false }).waitFor();
  await manager.add("pump", {});
  await page.getByRole("rowheader", { name: "pump" }).waitFor();
  writeFileSync(join(hubFolder, "devices.json"), "{");
  await button(page, "Disable pump").click();
  await page.getByRole("alert").getByText("MK1410", { exact: false }).waitFor();
});

pageTest("Devices view: shows 200 of 10,000 devices at first, and searches quickly", async () => {
  await manager.add("pump", {});
  const file = join(hubFolder, "devices.json");
  const [pump] = (JSON.parse(readFileSync(file, "utf8")) as { devices: object[] }).devices;
  const devices = Array.from({ length: 10_000 }, (_, index) => ({
    ...pump,
    name: `pump ${index}`,
    id: `11111111-2222-4333-8444-${String(index).padStart(12, "0")}`,
  }));
  writeFileSync(file, JSON.stringify({ version: 1, devices }));
  const { page } = await openView();
  const rows = page.getByRole("table", { name: "Devices" }).locator("tbody tr");
  await button(page, "Show 200 more of 9800").waitFor();
  expect(await rows.count()).toBe(200);
  await button(page, "Show 200 more of 9800").click();
  await button(page, "Show 200 more of 9600").waitFor();
  expect(await rows.count()).toBe(400);
  const startedMs = performance.now();
  await page.getByLabel("Find by name or ID").fill("pump 9999");
  await rows.getByRole("rowheader", { name: "pump 9999" }).waitFor();
  expect(await rows.count()).toBe(1);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

pageTest.each(["light", "dark"] as const)(
  "Devices view: fits a phone without horizontal scrolling (%s)",
  async (colorScheme) => {
    await manager.add("a-name-that-is-as-long-as-a-name-may-be-and-has-no-place-to-brk", {
      publishAccept: [`devices/${"x".repeat(200)}/#`],
    });
    const { page } = await openView({}, { colorScheme, width: 390 });
    const widest = () => page.evaluate(() => document.documentElement.scrollWidth);
    await page.getByRole("rowheader").waitFor();
    expect(await widest()).toBe(390);
    for (const name of ["Renew", "Permissions", "Remove"]) {
      await page.getByRole("button", { name: new RegExp(`^${name} a-name`) }).click();
      const dialog = page.getByRole("dialog");
      expect(await dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
      expect(await widest()).toBe(390);
      await button(page, "Cancel").click();
    }
  },
);

pageTest("Devices view: reports that the hub does not answer, and keeps showing the devices", async () => {
  await manager.add("pump", {});
  const { hub, page } = await openView();
  await page.getByRole("rowheader", { name: "pump" }).waitFor();
  await hub.close();
  await page.getByRole("alert").getByText("MK1405", { exact: false }).waitFor();
  expect(await page.getByRole("rowheader", { name: "pump" }).count()).toBe(1);
});

pageTest("Devices view: asks to open the hub's link without the token, and shows no devices", async () => {
  await manager.add("pump", {});
  const { page } = await openView(
    { profile: "open" },
    { address: ({ pageUrl }) => `${pageUrl}#view=devices` },
  );
  await page.getByText("with the link that the hub printed", { exact: false }).waitFor();
  expect(await page.getByText("pump").count()).toBe(0);
});

pageTest(
  "Devices view: explains how to start a hub that stores devices, at a hub that does not",
  async () => {
    const { page } = await openPage({
      hub: { control: {} },
      address: ({ pageLink }) => `${pageLink}&view=devices`,
    });
    await page.getByText("This hub does not store devices", { exact: false }).waitFor();
    expect(await button(page, "Add device").count()).toBe(0);
  },
);
