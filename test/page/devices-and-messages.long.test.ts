import mqtt, { type MqttClient } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { hasChromium, useBrowser } from "../fixtures/browser.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";

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

pageTest("Messages view: shows 50 devices and finds the others by ID", async () => {
  const { hub, page } = await openPage();
  await openDevice(hub);
  for (let number = 1; number <= 60; number++) {
    await devices[0]?.publishAsync(`devices/pump${number}/telemetry/speed`, String(number), { qos: 1 });
  }
  await page.getByText("50 of 61 shown").waitFor();
  expect(await page.locator("[data-device]").count()).toBe(50);
  const shown = () => page.locator("[data-device] .device-id").allTextContents();
  expect((await shown()).slice(0, 3)).toEqual(["fake", "pump1", "pump2"]);
  await page.getByLabel("Find devices by ID").fill("PUMP6");
  await expect.poll(shown).toEqual(["pump6", "pump60"]);

  // The search applies to one connection only.
  await page.getByRole("button", { name: "New connection" }).click();
  const form = page.getByRole("form", { name: "New connection" });
  await form.getByLabel("Connection name").fill("Second");
  await form.getByRole("button", { name: "Connect" }).click();
  const subscriptions = page.locator("section", {
    has: page.getByRole("heading", { name: "Subscriptions" }),
  });
  await subscriptions.getByLabel("Topic filter").fill("devices/fake/#");
  await subscriptions.getByRole("button", { name: "Subscribe", exact: true }).click();
  await expect.poll(shown).toEqual(["fake"]);
  await page.getByRole("button", { name: /^This hub/ }).click();
  await page.getByText("50 of 61 shown").waitFor();
});

pageTest("Messages view: shows the hub's message counters of a device", async () => {
  const { hub, page } = await openPage({ hub: { control: {} } });
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { clientId: "fake" });
  devices.push(device);
  for (const value of ["1", "2", "3"]) await device.publishAsync("devices/fake/telemetry/x", value);
  await page.getByText("3 messages from the device, 0 to it; connected 1 time").waitFor();
});

pageTest(
  "Messages view: removes counters after the hub was replaced while the pointer was pressed",
  async () => {
    const { hub, page } = await openPage({ hub: { control: {} } });
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { clientId: "fake" });
    devices.push(device);
    await device.publishAsync("devices/fake/telemetry/x", "1");
    const counts = page.getByText("1 messages from the device", { exact: false });
    await counts.waitFor();
    // The hub answers once more. Then another hub answers at its address.
    const refusal = { code: "MK1403", message: "Another hub.", remedy: "Its link." };
    const point = (event: string) =>
      page.evaluate((type) => void document.dispatchEvent(new Event(type)), event);
    let asked = 0;
    await page.route("**/control/metrics", async (route) => {
      // Each request presses again, because a long press counts as none.
      await point("pointerdown");
      if (++asked === 1) await route.continue();
      else await route.fulfill({ status: 403, body: JSON.stringify({ problems: [refusal] }) });
    });
    await page.waitForResponse((response) => response.status() === 403);
    await counts.waitFor();
    await point("pointerup");
    await counts.waitFor({ state: "detached" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await counts.count()).toBe(0);
  },
);

pageTest("Messages view: a click plots a field of a JSON payload", async () => {
  const { hub, page } = await openPage();
  await openDevice(hub);
  const publish = (value: number) =>
    devices[0]?.publishAsync("devices/fake/telemetry/air", JSON.stringify({ celsius: value, mark: "a" }));
  for (const value of [20, 21.5, 23]) await publish(value);
  await page.getByTitle("Plot devices/fake/telemetry/air celsius").click();
  const plot = page.locator('.plot[data-series="devices/fake/telemetry/air celsius"]');
  await plot.locator("canvas").waitFor();
  expect(await plot.locator(".plot-value").textContent()).toBe("23");
  await publish(24.25);
  await plot.locator(".plot-value").getByText("24.25").waitFor();
  await plot.getByRole("button", { name: /Stop plotting/ }).click();
  await page.getByText("No plots.", { exact: false }).waitFor();
});

pageTest(
  "Messages view: filters, pauses and clears the list, which stores 10,000 messages and shows 200",
  async () => {
    const { hub, page } = await openPage();
    await openDevice(hub);
    for (let count = 0; count < 10_500; count++) devices[0]?.publish(`load/${count % 7}`, String(count));
    await devices[0]?.publishAsync("load/end", "end", { qos: 1 });
    await page.locator('.message[data-topic="load/end"]').waitFor();
    await page.getByText("of 10000 stored", { exact: false }).waitFor();
    await page.getByLabel("Filter messages").fill("load/3 1046");
    // The numbers that contain 1046 and have the remainder 3.
    await expect
      .poll(() => page.locator(".message-payload").allTextContents())
      .toEqual(["10468", "10461", "1046"]);
    await page.getByLabel("Filter messages").fill("");
    await page.getByRole("button", { name: "Pause" }).click();
    await devices[0]?.publishAsync("load/late", "late", { qos: 1 });
    await page.getByText("Paused. 1 new message.").waitFor();
    expect(await page.locator('.message[data-topic="load/late"]').count()).toBe(0);
    expect(await page.locator(".message").count()).toBe(200);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.locator('.message[data-topic="load/late"]').waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("No messages yet.").waitFor();
  },
);

pageTest("Messages view: shows a lost connection and reconnects by itself", async () => {
  const { hub, page } = await openPage();
  await openDevice(hub);
  const status = page.locator('[data-device="fake"] .status');
  await status.getByText("Online", { exact: true }).waitFor();
  const led = page.locator('[data-device="fake"] .led-state');
  await devices[0]?.publishAsync("devices/fake/event/led", '{"ok":true,"value":true}', { qos: 1 });
  await led.getByText("On", { exact: true }).waitFor();
  await hub.close();
  await status.getByText("Was online", { exact: true }).waitFor();
  await led.getByText("Was on", { exact: true }).waitFor();
  await page.getByText("Not connected. Retrying in", { exact: false }).first().waitFor();
  // The status text is long, but does not cover the links to the views.
  const [board, count, link] = await Promise.all(
    [".view-link >> nth=-1", ".bar-count", ".bar .link"].map((selector) =>
      page.locator(selector).boundingBox(),
    ),
  );
  if (!board || !count || !link) throw new Error("A part of the header is not drawn.");
  expect(board.x + board.width).toBeLessThanOrEqual(count.x);
  expect(count.x + count.width).toBeLessThanOrEqual(link.x);
  const again = await openHub({ port: hub.port, wsPort: hub.wsPort });
  await page.getByText("Connected", { exact: true }).waitFor();
  // The new hub has no message of the device.
  expect([await status.textContent(), await led.textContent()]).toEqual(["Was online", "Was on"]);
  await openDevice(again);
  await status.getByText("Online", { exact: true }).waitFor();
});
