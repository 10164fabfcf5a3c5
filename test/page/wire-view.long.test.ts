/** The Wire view: frames of MQTT.js clients byte by byte, and injected faults. */
import { connect as connectTcp } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { hasChromium, type OpenPage, useBrowser } from "../fixtures/browser.ts";
import { openHub } from "../fixtures/hubs.ts";

const pageTest = test.skipIf(!hasChromium);
const { openPage } = useBrowser();
const clients: MqttClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

async function openWire(options: { width?: number } = {}): Promise<OpenPage & { client: MqttClient }> {
  const opened = await openPage({ hub: { control: {} }, ...options });
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${opened.hub.port}`, {
    clientId: "pump",
    username: "u",
    password: "never-to-be-seen",
    reconnectPeriod: 0,
  });
  clients.push(client);
  await opened.page.getByRole("link", { name: "Wire" }).click();
  return { ...opened, client };
}

pageTest("Wire view: shows the frames of a client and explains each byte", async () => {
  const { page, client, pageErrors } = await openWire();
  await page.getByLabel("Client", { exact: true }).first().selectOption("pump");
  await page.locator("button.frame", { hasText: "CONNECT pump" }).click();
  const fields = page.locator(".fields tbody tr");
  expect(await fields.filter({ hasText: "Client identifier" }).last().textContent()).toContain('"pump"');
  expect(await fields.filter({ hasText: "Password" }).last().textContent()).toContain("16 bytes, not shown");
  expect(await page.content()).not.toContain("never-to-be-seen");

  await client.publishAsync("a/b", "<img src=x onerror=alert(1)>", { qos: 1 });
  const publish = page.locator("button.frame", { hasText: "PUBLISH" }).first();
  await publish.click();
  expect(await publish.textContent()).toMatch(/PUBLISH \d+ · QoS 1 · a\/b · 28 bytes/);
  expect(await page.locator(".frame-bytes").textContent()).toMatch(/^3223/);
  expect(await fields.filter({ hasText: "Topic name" }).last().textContent()).toContain('"a/b"');
  expect(await fields.filter({ hasText: "Payload" }).textContent()).toContain("<img src=x");
  expect(await page.locator(".explanation img").count()).toBe(0);
  expect(pageErrors).toEqual([]);
});

pageTest("Wire view: a paused list keeps frames that the log has dropped", async () => {
  const { page, client } = await openWire();
  await client.publishAsync("a/first", "1", { qos: 1 });
  const first = page.locator("button.frame", { hasText: "a/first" });
  await first.waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  for (let turn = 0; turn < 5; turn++) {
    for (let count = 0; count < 1_000; count++) client.publish("a/later", String(count));
    await client.publishAsync("a/later", "1", { qos: 1 });
  }
  // Each message has at least two frames, and 5,000 to 6,000 frames are stored.
  let previousSize = 0;
  const isFullAndDone = async (): Promise<boolean> => {
    const size = Number(await page.locator(".panel-foot .number").first().textContent());
    const isDone = size >= 5_000 && size === previousSize;
    previousSize = size;
    return isDone;
  };
  await expect.poll(isFullAndDone, { interval: 500 }).toBe(true);
  expect(await first.count()).toBe(1);
  await page.getByLabel("Packet").first().selectOption("PUBLISH");
  await expect.poll(() => page.locator(".frame").count()).toBe(1);
  expect(await first.count()).toBe(1);
  await page.getByLabel("Packet").first().selectOption("");
  await page.getByRole("button", { name: "Resume" }).click();
  // The hub leaves out frames if there are too many at once.
  const end = page.locator("button.frame", { hasText: "a/end" });
  await expect.poll(() => client.publishAsync("a/end", "1", { qos: 1 }).then(() => end.count())).not.toBe(0);
  // The first frame is not among the newest ones. By keyboard, because the toolbar may move while frames arrive.
  await page.getByRole("button", { name: "Pause" }).press("Enter");
  await expect.poll(() => page.locator(".frame").count()).toBe(300);
  expect(await first.count()).toBe(0);
});

pageTest("Wire view: a clicked frame keeps the focus, and End moves to the last frame", async () => {
  const { page, client } = await openWire();
  for (let count = 1; count < 200; count++) client.publish("a", String(count));
  await client.publishAsync("a/end", "1", { qos: 1 });
  const end = page.locator("button.frame", { hasText: "a/end" });
  await end.click();
  for (let count = 1; count < 60; count++) client.publish("b", String(count));
  await client.publishAsync("b/end", "1", { qos: 1 });
  await page.locator("button.frame", { hasText: "b/end" }).waitFor();
  expect(await end.evaluate((row) => row === document.activeElement)).toBe(true);
  await page.keyboard.press("End");
  const last = page.locator("button.frame").last();
  expect(await last.evaluate((row) => row === document.activeElement)).toBe(true);
  expect(await last.textContent()).toContain("CONNECT");
});

pageTest("Wire view: shows the page's own frames, and a violation with its clause", async () => {
  const { page, hub } = await openWire();
  await page.getByLabel("This page's frames").check();
  await page.locator("button.frame", { hasText: "SUBSCRIBE" }).filter({ hasText: "# QoS 2" }).waitFor();
  const peer = connectTcp(hub.port, "127.0.0.1");
  peer.on("error", () => undefined);
  // CONNECT with its reserved flag set [MQTT-3.1.2-3].
  peer.write(Buffer.from("100d00044d5154540403003c000163", "hex"));
  const invalid = page.locator("button.frame", { hasText: "violation" });
  await invalid.click();
  await page.getByText(/This frame violates MQTT 3\.1\.1: .*\[MQTT-3\.1\.2-3\]/).waitFor();
});

pageTest(
  "Wire view: drops the next PUBLISH, drops all packets, removes faults and disconnects a client",
  async () => {
    const { page, client, hub } = await openWire();
    const published = (): unknown[] =>
      hub.events.filter(({ event }) => event === "message").map(({ payload }) => payload);
    await page.getByRole("button", { name: "Add fault" }).click();
    await page.getByText("drop the next PUBLISH to the hub").waitFor();
    client.publish("a", "lost");
    await client.publishAsync("a", "kept", { qos: 1 });
    expect(published()).toEqual(["kept"]);
    await page.locator("button.frame", { hasText: "dropped" }).waitFor();
    await page.getByText("No faults. Faults do not affect this page's connections.").waitFor();

    await page.getByRole("button", { name: "Drop all packets" }).click();
    await page.getByText("drop every packet in both directions").waitFor();
    client.publish("a", "unheard", { qos: 1 });
    await page.locator("button.frame", { hasText: "dropped" }).nth(1).waitFor();
    await page.getByRole("button", { name: "Remove fault: drop every packet in both directions" }).click();
    await page.getByText("No faults. Faults do not affect this page's connections.").waitFor();
    expect(published()).toEqual(["kept"]);

    const closed = new Promise((resolve) => client.once("close", () => resolve(undefined)));
    await page.getByRole("form", { name: "New fault" }).getByLabel("Client").selectOption("pump");
    await page.getByRole("button", { name: "Disconnect client" }).click();
    await closed;
  },
);

pageTest("Wire view: reports an impossible fault, and fits a phone", async () => {
  const { page } = await openWire({ width: 390 });
  const form = page.getByRole("form", { name: "New fault" });
  await form.getByLabel("Fault").selectOption("refuse");
  await form.getByLabel("Packet type").selectOption("puback");
  await page.getByRole("button", { name: "Add fault" }).click();
  await page
    .getByText("only CONNECT, SUBSCRIBE and PUBLISH of a client can be refused", { exact: false })
    .waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

pageTest("Wire view: a link restores the client and the packet type", async () => {
  const { page, client, hub } = await openWire();
  await page.getByLabel("Client", { exact: true }).first().selectOption("pump");
  await page.getByLabel("Packet", { exact: true }).selectOption("PUBLISH");
  expect(new URL(page.url()).hash).toBe("#view=wire&client=pump&packet=PUBLISH");
  await client.publishAsync("a", "1", { qos: 1 });
  await page.goto("about:blank");
  await page.goto(`${hub.pageLink}&view=wire&client=pump&packet=PUBLISH`);
  await page.locator("button.frame").waitFor();
  expect(await page.locator("button.frame").allTextContents()).toEqual([
    expect.stringMatching(/pump.*PUBLISH \d+ · QoS 1 · a · 1 byte/),
  ]);
  await page.goto("about:blank");
  await page.goto(`${hub.pageLink}&view=wire&client=not-yet-there`);
  await page.getByText("No frames yet.").waitFor();
  expect(await page.getByLabel("Client", { exact: true }).first().inputValue()).toBe("not-yet-there");
});

pageTest("Wire view: faults delay messages of a topic and refuse a connection", async () => {
  const { page, client, hub } = await openWire();
  const form = page.getByRole("form", { name: "New fault" });
  await form.getByLabel("Fault").first().selectOption("delay");
  await form.getByLabel("Topic filter (empty for any)").fill("slow/#");
  await form.getByLabel("Delay, milliseconds").fill("400");
  await page.getByRole("button", { name: "Add fault" }).click();
  await page.getByText("delay the next PUBLISH to the hub on slow/# by 400 ms").waitFor();
  await client.publishAsync("fast", "1", { qos: 1 });
  await client.publishAsync("slow/a", "1", { qos: 1 });
  const delayed = page.locator("button.frame", { hasText: "delayed" });
  await delayed.waitFor();
  expect(await delayed.allTextContents()).toEqual([expect.stringContaining("slow/a")]);

  await form.getByLabel("Fault").first().selectOption("refuse");
  await form.getByLabel("Topic filter (empty for any)").fill("");
  await form.getByLabel("Packet type").selectOption("connect");
  await form.getByLabel("Return code").selectOption("5");
  await page.getByRole("button", { name: "Add fault" }).click();
  await page.getByText("refuse the next CONNECT to the hub with code 5").waitFor();
  const refused = mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
  await expect(refused).rejects.toMatchObject({ code: 5 });
});

pageTest("Wire view: shows only its own frames, and no faults, without the token of the link", async () => {
  const { page } = await openPage({ address: (hub) => `${hub.pageUrl}#view=wire`, hub: { control: {} } });
  await page.getByText("so it shows only its own frames", { exact: false }).waitFor();
  await page.locator("button.frame", { hasText: "CONNACK" }).waitFor();
  expect(await page.getByRole("button", { name: "Add fault" }).count()).toBe(0);
});

pageTest("Wire view: reports that another hub answers, and stops requesting frames", async () => {
  const { page, hub } = await openWire();
  await hub.close();
  await openHub({ port: hub.port, wsPort: hub.wsPort, control: {} });
  await page.getByText(/The frames of the hub are not available: .*token/).waitFor();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(asked.filter((url) => url.endsWith("/control/wire"))).toEqual([]);
});
