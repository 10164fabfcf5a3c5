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

/** A device that obeys `led` and says so, as the reference firmware does. */
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

pageTest("shows a device, its live message with QoS, and asks nothing of another origin", async () => {
  const { hub, page, complaints } = await openPage();
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
  expect(complaints).toEqual([]);
});

pageTest("shows whom the hub refused, why, and what to do", async () => {
  const { hub, page } = await openPage({ hub: { profile: "dedicated", control: {} } });
  const stranger = { reconnectPeriod: 0, clientId: "<b>stranger</b>" };
  await expect(mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, stranger)).rejects.toThrow();
  const refused = page.locator(".refusals li");
  await refused.waitFor();
  expect(await refused.textContent()).toMatch(
    /^<b>stranger<\/b> connect, .*neither the client identifier nor the user name is the ID of a device.*hub device add/,
  );
});

pageTest.each(["dedicated", "shared"] as const)(
  "is let in by the token of its link to a hub of the profile %s, and by nothing else",
  async (profile) => {
    const { hub, page } = await openPage({ hub: { profile, control: {} } });
    const stranger = { reconnectPeriod: 0, username: "page", password: "0".repeat(32) };
    await expect(mqtt.connectAsync(`ws://127.0.0.1:${hub.wsPort}/mqtt`, stranger)).rejects.toThrow();
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(JSON.stringify(hub.events)).not.toContain(hub.pageLink.split("token=")[1]);
  },
);

pageTest("the switch sends the command and shows what the device confirms", async () => {
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

pageTest("the switch shows a refusal in the device's words and does not turn", async () => {
  const { hub, page } = await openPage();
  await openDevice(hub, () => ({ ok: false, error: "no LED on this board" }));
  const light = page.getByRole("switch", { name: "LED" });
  await light.click();
  await page.getByText("no LED on this board", { exact: true }).waitFor();
  expect(await light.getAttribute("aria-checked")).toBe("false");
});

pageTest("publishes what the form says, retained", async () => {
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

pageTest("fits a narrow screen without sideways scrolling", async () => {
  const { hub, page } = await openPage();
  await page.setViewportSize({ width: 390, height: 844 });
  await openDevice(hub);
  await devices[0]?.publishAsync("devices/fake/telemetry/long", `"${"x".repeat(300)}"`, { qos: 1 });
  await page.locator('.message[data-topic="devices/fake/telemetry/long"]').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
