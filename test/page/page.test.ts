import mqtt, { type MqttClient } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { hasChromium, useBrowser } from "../fixtures/browser.ts";
import type { TestHub } from "../fixtures/hubs.ts";

const STATUS = "devices/fake/status";
const COMMAND = "devices/fake/command/led";
const EVENT = "devices/fake/event/led";

const pageTest = test.skipIf(!hasChromium);

const { openPage } = useBrowser();
const devices: MqttClient[] = [];

afterEach(() => {
  for (const device of devices.splice(0)) device.end(true);
});

/** A device that runs the command `led` and acknowledges it, like the reference firmware. Returns the received commands. */
async function openDevice(hub: TestHub, answer?: (wanted: unknown) => object): Promise<string[]> {
  const will = { topic: STATUS, payload: Buffer.from("offline"), qos: 1, retain: true } as const;
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0, will });
  devices.push(device);
  const commands: string[] = [];
  device.on("message", (_topic, payload) => {
    commands.push(payload.toString());
    const wanted = JSON.parse(payload.toString()) as unknown;
    device.publish(EVENT, JSON.stringify(answer ? answer(wanted) : { ok: true, value: wanted }), {
      qos: 1,
    });
  });
  await device.subscribeAsync(COMMAND, { qos: 1 });
  await device.publishAsync(STATUS, "online", { qos: 1, retain: true });
  return commands;
}

pageTest("page: shows a device and its live message, without requests to other origins", async () => {
  const { hub, page, pageErrors } = await openPage();
  await openDevice(hub);
  await devices[0]?.publishAsync("devices/fake/telemetry/uptime", "12.5", { qos: 1 });
  const row = page.locator('.message[data-topic="devices/fake/telemetry/uptime"]');
  await row.waitFor();
  expect(await row.locator(".message-payload").textContent()).toBe("12.5");
  expect(await row.locator(".message-qos").textContent()).toBe("QoS 1");
  const card = page.locator('[data-device="fake"]');
  await card.getByText("Online", { exact: true }).waitFor();
  devices[0]?.stream.destroy();
  await card.getByText("Offline", { exact: true }).waitFor();
  expect(pageErrors).toEqual([]);
});

pageTest("page: shows a client that the hub refused, with reason and remedy", async () => {
  const { hub, page } = await openPage({ hub: { profile: "dedicated", control: {} } });
  const unknown = { reconnectPeriod: 0, clientId: "<b>unknown</b>" };
  await expect(mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, unknown)).rejects.toThrow();
  const refused = page.locator(".refusals li");
  await refused.waitFor();
  expect(await refused.textContent()).toMatch(/^<b>unknown<\/b> connect, .*hub device add/);
});

pageTest.each(["dedicated", "shared"] as const)(
  "page: connects to a hub with the profile %s by the token of its link only",
  async (profile) => {
    const { hub, page } = await openPage({ hub: { profile, control: {} } });
    const intruder = { reconnectPeriod: 0, username: "page", password: "0".repeat(32) };
    await expect(mqtt.connectAsync(`ws://127.0.0.1:${hub.wsPort}/mqtt`, intruder)).rejects.toThrow();
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(JSON.stringify(hub.events)).not.toContain(hub.pageLink.split("token=")[1]);
  },
);

pageTest("page: the LED switch sends the command and shows the state that the device confirms", async () => {
  const { hub, page } = await openPage();
  const commands = await openDevice(hub);
  const light = page.locator('[data-device="fake"]').getByRole("switch", { name: "LED" });
  await light.click();
  await page.locator('[data-device="fake"] .led').getByText("On", { exact: true }).waitFor();
  expect(await light.getAttribute("aria-checked")).toBe("true");
  await light.focus();
  await page.keyboard.press("Space");
  await page.locator('[data-device="fake"] .led').getByText("Off", { exact: true }).waitFor();
  expect(await light.getAttribute("aria-checked")).toBe("false");
  expect(commands).toEqual(["true", "false"]);
});

pageTest("page: the LED switch shows the device's error and does not change", async () => {
  const { hub, page } = await openPage();
  await openDevice(hub, () => ({ ok: false, error: "no LED on this board" }));
  const light = page.getByRole("switch", { name: "LED" });
  await light.click();
  await page.getByText("no LED on this board", { exact: true }).waitFor();
  expect(await light.getAttribute("aria-checked")).toBe("false");
});

pageTest("page: the form publishes a retained message, and refuses an invalid topic", async () => {
  const { hub, page } = await openPage();
  await page.getByLabel("Topic", { exact: true }).fill("greeting");
  await page.getByLabel("Payload", { exact: true }).fill('{"hello":"<b>world</b>"}');
  await page.locator(".publish-panel").getByText("1", { exact: true }).click();
  await page.getByLabel("Retain").check();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Published to greeting").waitFor();
  expect(hub.events).toContainEqual(
    expect.objectContaining({
      event: "message",
      topic: "greeting",
      qos: 1,
      retain: true,
      payload: '{"hello":"<b>world</b>"}',
    }),
  );
  const row = page.locator('.message[data-topic="greeting"]');
  expect(await row.locator(".message-payload").textContent()).toBe('{"hello":"<b>world</b>"}');
  expect(await row.locator("b").count()).toBe(0);
  await page.getByLabel("Topic", { exact: true }).fill("a/+/b");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("[MQTT-3.3.2-2]", { exact: false }).waitFor();
});

pageTest("page: fits a phone without horizontal scrolling", async () => {
  const { hub, page } = await openPage();
  await page.setViewportSize({ width: 390, height: 844 });
  await openDevice(hub);
  await devices[0]?.publishAsync("devices/fake/telemetry/long", `"${"x".repeat(300)}"`, { qos: 1 });
  await page.locator('.message[data-topic="devices/fake/telemetry/long"]').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
