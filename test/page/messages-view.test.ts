/** Subscriptions, the topic tree, history and changes, export, retained messages, several connections, and what a link restores. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import type { Page } from "playwright-core";
import { afterEach, describe, expect, test } from "vitest";
import { DeviceRegistry } from "../../host/hub/devices/device-registry.ts";
import { newDevice } from "../../host/hub/devices/device-settings.ts";
import { hasChromium, type OpenPage, useBrowser } from "../fixtures/browser.ts";
import { findFreePort, type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";

const pageTest = test.skipIf(!hasChromium);
const { openPage } = useBrowser();
const clients: MqttClient[] = [];
const mosquittos: Mosquitto[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await Promise.all(mosquittos.splice(0).map((mosquitto) => mosquitto.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "motekit-messages-"));
  folders.push(folder);
  return folder;
}

async function openMosquitto(): Promise<{ readonly port: number; readonly wsUrl: string }> {
  const wsPort = await findFreePort();
  const mosquitto = await startMosquitto(`listener ${wsPort} 127.0.0.1`, "protocol websockets");
  mosquittos.push(mosquitto);
  return { port: mosquitto.port, wsUrl: `ws://127.0.0.1:${wsPort}` };
}

async function openClient(port: number): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  clients.push(client);
  return client;
}

async function open(address?: string): Promise<OpenPage & { client: MqttClient }> {
  const opened = await openPage({
    hub: { control: {} },
    ...(address !== undefined && { address: (hub) => `${hub.pageLink}&${address}` }),
  });
  return { ...opened, client: await openClient(opened.hub.port) };
}

function rows(page: Page) {
  return page.locator(".message-payload").allTextContents();
}

async function subscribe(page: Page, topicFilter: string, qos: 0 | 1 | 2): Promise<void> {
  const panel = page.locator("section", { has: page.getByRole("heading", { name: "Subscriptions" }) });
  await panel.getByLabel("Topic filter").fill(topicFilter);
  await panel.getByText(String(qos), { exact: true }).click();
  await panel.getByRole("button", { name: "Subscribe", exact: true }).click();
}

describe("subscriptions", () => {
  pageTest("come and go, each with the QoS that the hub granted and a colour of its own", async () => {
    const { page, client } = await open();
    await page.getByRole("button", { name: "Unsubscribe from #" }).click();
    await page.getByText("None: no message comes.", { exact: false }).waitFor();
    await subscribe(page, "a/+", 1);
    await subscribe(page, "b", 0);
    await page.locator('[data-filter="a/+"]').getByText("QoS 1", { exact: true }).waitFor();
    await page.locator('[data-filter="b"]').getByText("QoS 0", { exact: true }).waitFor();
    await client.publishAsync("c", "unheard", { qos: 1 });
    await client.publishAsync("a/1", "one", { qos: 2 });
    await client.publishAsync("b", "two", { qos: 2 });
    await expect.poll(() => rows(page)).toEqual(["two", "one"]);
    // What the hub sends has the lower of both QoS [MQTT-3.8.4-6].
    expect(await page.locator(".message-qos").allTextContents()).toEqual(["QoS 0", "QoS 1"]);
    const marks = await page.locator(".message").evaluateAll((all) => all.map((each) => each.className));
    expect(marks).toEqual(["message message-of-2", "message message-of-1"]);
    await page.getByRole("button", { name: "Another colour for b", exact: false }).click();
    await expect
      .poll(() => page.locator(".message").first().getAttribute("class"))
      .toBe("message message-of-3");
  });

  pageTest("that cannot be are refused, with what is wrong", async () => {
    const { page } = await open();
    await subscribe(page, "a/#/b", 0);
    await page.getByText("# stands only at the end.").waitFor();
    await subscribe(page, "a+", 0);
    await page.getByText("+ and # stand for a whole level.").waitFor();
  });

  pageTest("that the hub refuses say so", async () => {
    const hubFolder = temporaryFolder();
    const device = { ...newDevice([], "pump", { subscribeAccept: ["mine/#"] }) };
    await new DeviceRegistry(hubFolder).change(() => ({ devices: [device], result: undefined }));
    const { page } = await openPage({
      hub: { hubFolder, profile: "dedicated", control: {} },
      address: (hub) => `${hub.pageLink}&as=${device.id}`,
    });
    await page.locator('[data-filter="#"]').getByText("refused by the hub").waitFor();
    await subscribe(page, "mine/a", 1);
    await page.locator('[data-filter="mine/a"]').getByText("QoS 1", { exact: true }).waitFor();
  });
});

describe("topics", () => {
  pageTest("stand in a tree with counts and last values, to be gone through by keys", async () => {
    const { page, client } = await open();
    for (const [topic, payload] of [
      ["plant/pump/speed", "1"],
      ["plant/pump/speed", "2"],
      ["plant/fan", "on"],
      ["/", "empty levels"],
    ] as const) {
      await client.publishAsync(topic, payload, { qos: 1 });
    }
    const tree = page.getByRole("tree", { name: "Topics" });
    await tree.getByRole("treeitem", { name: /speed ?, last 2 ?, 2 messages/ }).waitFor();
    await tree.getByRole("treeitem", { name: /^plant ?, 3 messages/ }).waitFor();
    await tree.getByRole("treeitem", { name: /\(empty\) ?, last empty levels ?, 1 message/ }).waitFor();
    await tree.getByRole("treeitem").first().focus();
    await page.keyboard.press("End");
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-branch"));
    expect(await focused()).toBe("plant/pump/speed");
    await page.keyboard.press("ArrowLeft");
    expect(await focused()).toBe("plant/pump");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => tree.getByRole("treeitem", { name: "speed", exact: false }).count()).toBe(0);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("plant/pump/speed");
    await page.keyboard.press("Enter");
    await page.getByText("History of", { exact: false }).waitFor();
    await expect.poll(() => rows(page)).toEqual(["2", "1"]);
  });

  pageTest("have a history that shows what changed from one message to the next", async () => {
    const { page, client } = await open();
    for (const value of [
      { speed: 1, state: "on" },
      { speed: 2, state: "on" },
      { speed: 2, state: "on" },
    ]) {
      await client.publishAsync("pump", JSON.stringify(value), { qos: 1 });
    }
    await page.locator('[data-branch="pump"]').click();
    const messages = page.locator(".message");
    await expect.poll(() => messages.count()).toBe(3);
    expect(await messages.nth(0).locator(".diff-none").textContent()).toBe("The same as before");
    expect(await messages.nth(1).locator(".diff-removed").textContent()).toContain('"speed": 1');
    expect(await messages.nth(1).locator(".diff-added").textContent()).toContain('"speed": 2');
    expect(await messages.nth(2).locator(".diff").count()).toBe(0);
    await page.getByRole("button", { name: "All topics" }).click();
    await expect.poll(() => page.locator(".diff").count()).toBe(0);
  });

  pageTest("whose message the hub keeps are marked, and can be cleared", async () => {
    const { page, client, hub } = await open();
    await client.publishAsync("kept", "1", { qos: 1, retain: true });
    await page.getByRole("button", { name: "Unsubscribe from #" }).click();
    await subscribe(page, "kept", 1);
    const item = page.getByRole("treeitem", { name: "kept", exact: false });
    await expect.poll(() => item.textContent()).toContain("retained");
    await item.click();
    await page.getByRole("button", { name: "Clear the retained message" }).click();
    await expect.poll(() => hub.events.at(-1)).toMatchObject({ topic: "kept", payload: "", retain: true });
    await expect.poll(() => item.textContent()).not.toContain("retained");
    const later: string[] = [];
    client.on("message", (topic) => later.push(topic));
    await client.subscribeAsync("kept");
    await client.publishAsync("end", "", { qos: 1 });
    expect(later).toEqual([]);
  });
});

describe("messages", () => {
  pageTest("are exported as the filter shows them, as JSON lines and as CSV", async () => {
    const { page, client } = await open();
    await client.publishAsync("a", '{"n":1}', { qos: 1 });
    await client.publishAsync("a", '=cmd("x"),"y"', { qos: 1 });
    await client.publishAsync("a", Buffer.from([0, 255]), { qos: 1 });
    await client.publishAsync("other", "left out", { qos: 1 });
    await expect.poll(() => rows(page)).toHaveLength(4);
    const save = async (form: string): Promise<string> => {
      const saved = page.waitForEvent("download");
      await page.getByLabel("Export the messages", { exact: false }).selectOption(form);
      return readFileSync(await (await saved).path(), "utf8");
    };
    await page.locator('[data-branch="a"]').click();
    const lines = (await save("jsonl"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { topic: "a", qos: 1, retain: false, payload: '{"n":1}' },
      { payload: '=cmd("x"),"y"' },
      { payloadBase64: "AP8=" },
    ]);
    const csv = (await save("csv")).split("\r\n");
    expect(csv[0]).toBe("time,topic,qos,retain,payload,payloadBase64");
    expect(csv[1]).toMatch(/^\d{4}-.*Z,a,1,false,"\{""n"":1\}",$/);
    // A spreadsheet would take it for a formula.
    expect(csv[2]).toMatch(/,"'=cmd\(""x""\),""y""",$/);
    expect(csv[3]).toMatch(/,,AP8=$/);
  });

  pageTest("older than the first 200 are reached page by page", async () => {
    const { page, client } = await open();
    for (let count = 1; count <= 450; count++) client.publish("load", String(count));
    await client.publishAsync("load", "451", { qos: 1 });
    await expect.poll(async () => (await rows(page))[0]).toBe("451");
    await page.getByRole("button", { name: "Older" }).click();
    await expect.poll(async () => (await rows(page))[0]).toBe("251");
    await page.getByRole("button", { name: "Older" }).click();
    await expect.poll(() => rows(page)).toHaveLength(51);
    await page.getByRole("button", { name: "Newest" }).click();
    await expect.poll(async () => (await rows(page))[0]).toBe("451");
  });

  pageTest("are published as hex and as JSON, and again from the history, also after a reload", async () => {
    const { page, hub, client } = await open();
    const heard: Buffer[] = [];
    client.on("message", (_topic, payload) => heard.push(payload));
    await client.subscribeAsync("out");
    const panel = page.locator(".publish-panel");
    await panel.getByLabel("Topic", { exact: true }).fill("out");
    await panel.getByText("Hex", { exact: true }).click();
    await panel.getByLabel("Payload", { exact: true }).fill("0x01, ff 7");
    await panel.getByRole("button", { name: "Publish" }).click();
    await panel.getByText("a byte has two digits", { exact: false }).waitFor();
    await panel.getByLabel("Payload", { exact: true }).fill("0x01, ff 70");
    await panel.getByRole("button", { name: "Publish" }).click();
    await expect.poll(() => heard.map((payload) => payload.toString("hex"))).toEqual(["01ff70"]);
    await panel.getByText("JSON", { exact: true }).click();
    await panel.getByLabel("Payload", { exact: true }).fill('{"a":1,}');
    await panel.getByRole("button", { name: "Publish" }).click();
    await panel.getByText("The payload is no JSON", { exact: false }).waitFor();
    await page.goto(hub.pageLink);
    await page.reload();
    await page.getByText("Connected", { exact: true }).waitFor();
    await panel.getByLabel("What was published before").selectOption({ index: 1 });
    await panel.getByRole("button", { name: "Publish" }).click();
    await expect.poll(() => heard.map((payload) => payload.toString("hex"))).toEqual(["01ff70", "01ff70"]);
  });

  pageTest("are shown as text, whatever topics and payloads try", async () => {
    const { page, client, complaints } = await open();
    const evil = '<img src="https://evil.example/x" onerror="alert(1)"><script>alert(2)</script>';
    for (const topic of [
      evil,
      `devices/${evil}/status`,
      "devices/__proto__/telemetry/constructor",
      "javascript:alert(3)",
    ]) {
      await client.publishAsync(topic, evil, { qos: 1, retain: true });
      await client.publishAsync(topic, JSON.stringify({ [evil]: 1, __proto__: { a: 1 } }), { qos: 1 });
    }
    await client.publishAsync("bytes", Buffer.from("c0afed9fbf00", "hex"), { qos: 1 });
    await expect.poll(() => rows(page)).toHaveLength(9);
    for (const line of await page.locator(".message-line").all()) await line.click();
    await page.locator(`[data-branch="bytes"]`).click();
    expect(await page.locator("#page img:not(.bar-icon), #page script, #page iframe").count()).toBe(0);
    await page.getByRole("link", { name: "Wire" }).click();
    await page.locator("button.frame", { hasText: "img src" }).first().click();
    expect(await page.locator("#page img:not(.bar-icon), #page script").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe("rows", () => {
  pageTest("are opened by a click as slow as a person's while 50 messages a second come", async () => {
    const { page, client } = await open();
    const talk = setInterval(() => client.publish("load", "1"), 20);
    try {
      await page.locator(".message-line").nth(6).waitFor();
      await page.locator(".message-line").nth(4).hover();
      await page.mouse.down();
      await page.waitForTimeout(250);
      await page.mouse.up();
      await page.locator(".message-open").waitFor();
    } finally {
      clearInterval(talk);
    }
  });

  pageTest(
    "hold still while one is open, however many messages come, and run on when it is closed",
    async () => {
      const { page, client } = await open();
      await client.publishAsync("a", "the one", { qos: 1 });
      await page.locator('[data-branch="a"]').click();
      const one = page.locator(".message", { hasText: "the one" }).locator(".message-line");
      await one.click();
      // More than the history of a topic keeps.
      for (let count = 1; count <= 150; count++) client.publish("a", String(count));
      await page.getByText("Paused while a message is open. 150 newer messages.").waitFor();
      expect(await rows(page)).toEqual(["the one"]);
      await one.click();
      await expect.poll(async () => (await rows(page))[0]).toBe("150");
      await page.getByText("Paused", { exact: false }).waitFor({ state: "hidden" });
      // Let run by the button, none stays open.
      await page.locator(".message-line").first().click();
      await page.getByRole("button", { name: "Resume" }).click();
      expect(await page.locator(".message-open").count()).toBe(0);
    },
  );

  pageTest("that cannot be seen are drawn once one scrolls, or goes there by keyboard", async () => {
    const { page, client } = await open();
    for (let count = 1; count < 300; count++) client.publish("a", String(count));
    await client.publishAsync("a", "300", { qos: 1 });
    const drawn = (): Promise<number> => page.locator(".message").count();
    await expect.poll(async () => (await rows(page))[0]).toBe("300");
    expect(await drawn()).toBeLessThan(60);
    const list = page.locator(".messages");
    await list.evaluate((element) => element.scrollTo({ top: 200 }));
    await expect.poll(drawn).toBe(200);
    await list.evaluate((element) => element.scrollTo({ top: 0 }));
    await expect.poll(drawn).toBeLessThan(60);
    await page.getByRole("button", { name: "Clear", exact: true }).focus();
    await page.keyboard.press("Tab");
    await expect.poll(drawn).toBe(200);
    await page.keyboard.press("End");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("101");
    await page.setViewportSize({ width: 1440, height: 2000 });
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    for (let count = 1; count < 200; count++) client.publish("a", String(count));
    await client.publishAsync("a", "200", { qos: 1 });
    await expect.poll(async () => (await rows(page))[0]).toBe("200");
    // All that the high window has room for, and something to scroll to.
    expect(await list.evaluate(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight)).toBe(true);
  });

  pageTest("are one stop of the Tab key, and arrow keys go from one to the next", async () => {
    const { page, client } = await open();
    for (const payload of ["1", "2", "3", "4"]) await client.publishAsync("a", payload, { qos: 1 });
    await expect.poll(() => rows(page)).toEqual(["4", "3", "2", "1"]);
    const focused = () =>
      page.evaluate(() => document.activeElement?.querySelector(":scope > .message-payload")?.textContent);
    await page.getByRole("button", { name: "Clear", exact: true }).focus();
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("4");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("2");
    // A new row does not take the stop from the one that has it.
    await client.publishAsync("a", "5", { qos: 1 });
    await expect.poll(() => rows(page)).toHaveLength(5);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe(undefined);
    await page.getByRole("button", { name: "Clear", exact: true }).focus();
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("2");
    await page.keyboard.press("End");
    expect(await focused()).toBe("1");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("1");
    await page.keyboard.press("Home");
    expect(await focused()).toBe("5");
  });

  pageTest("show what is not seen as its code point, so that nothing looks like what it is not", async () => {
    const { page, client, complaints } = await open();
    await client.publishAsync("files/\u202egnp.exe", "\u202etxet", { qos: 1 });
    await client.publishAsync("zero\u200bwidth", "[".repeat(50_000) + "]".repeat(50_000), { qos: 1 });
    await expect.poll(() => rows(page)).toHaveLength(2);
    expect(await page.locator(".message-topic").allTextContents()).toEqual([
      "zero‹U+200B›width",
      "files/‹U+202E›gnp.exe",
    ]);
    expect((await rows(page))[1]).toBe("‹U+202E›txet");
    await page.getByRole("treeitem", { name: "‹U+202E›gnp.exe", exact: false }).waitFor();
    // JSON that is too deep to be indented is shown as it came.
    await page.locator(".message-line").first().click();
    await expect
      .poll(async () => (await page.locator(".detail-payload").textContent())?.length)
      .toBe(100_000);
    await page.getByRole("link", { name: "Wire" }).click();
    await page.locator("button.frame", { hasText: "files/‹U+202E›gnp.exe · 7 bytes" }).first().waitFor();
    expect(complaints).toEqual([]);
  });
});

describe("connections", () => {
  pageTest("of one client identifier, to two hubs, are two", async () => {
    const mosquittos = [await openMosquitto(), await openMosquitto()];
    const { page } = await openPage({
      hub: { control: {}, otherHubs: mosquittos.map(({ wsUrl }) => wsUrl) },
    });
    for (const [index, { wsUrl }] of mosquittos.entries()) {
      await page.getByRole("button", { name: "New connection" }).click();
      const form = page.getByRole("form", { name: "New connection" });
      await form.getByLabel("Hub (MQTT over WebSocket)").fill(wsUrl);
      await form.getByLabel("Client identifier", { exact: false }).fill("pump");
      await form.getByLabel("Name in this page").fill(`Hub ${index}`);
      await form.getByRole("button", { name: "Connect" }).click();
      await page
        .locator(".connection", { hasText: `Hub ${index}` })
        .getByText("Connected · pump")
        .waitFor();
    }
    const client = await openClient(mosquittos[0]?.port ?? 0);
    await page.getByRole("button", { name: /^Hub 0/ }).click();
    await subscribe(page, "a", 1);
    await page.locator('[data-filter="a"]').getByText("QoS 1", { exact: true }).waitFor();
    await client.publishAsync("a", "to the first", { qos: 1 });
    await expect.poll(() => rows(page)).toEqual(["to the first"]);
    await page.getByRole("button", { name: /^Hub 1/ }).click();
    await expect.poll(() => rows(page)).toEqual([]);
    await page.getByRole("button", { name: "Close the connection Hub 0" }).click();
    await expect
      .poll(() => page.locator(".connection-name").allTextContents())
      .toEqual(["This hub", "Hub 1"]);
  });

  pageTest("to a real Mosquitto stand beside that to the hub, where the hub was told of it", async () => {
    const mosquitto = await openMosquitto();
    const { page, hub } = await openPage({
      hub: { control: {}, otherHubs: [mosquitto.wsUrl] },
    });
    await page.getByRole("button", { name: "New connection" }).click();
    const form = page.getByRole("form", { name: "New connection" });
    await form.getByLabel("Hub (MQTT over WebSocket)").fill(mosquitto.wsUrl);
    await form.getByLabel("Name in this page").fill("Mosquitto");
    await form.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("button", { name: "Mosquitto", exact: false, pressed: true }).waitFor();
    await subscribe(page, "plant/#", 2);
    await page.locator('[data-filter="plant/#"]').getByText("QoS 2", { exact: true }).waitFor();
    const client = await openClient(mosquitto.port);
    await client.publishAsync("plant/pump", "from Mosquitto", { qos: 2 });
    await expect.poll(() => rows(page)).toEqual(["from Mosquitto"]);
    const heard: string[] = [];
    client.on("message", (_topic, payload) => heard.push(payload.toString()));
    await client.subscribeAsync("back", { qos: 2 });
    const panel = page.locator(".publish-panel");
    await panel.getByLabel("Topic", { exact: true }).fill("back");
    await panel.getByLabel("Payload", { exact: true }).fill("to Mosquitto");
    await panel.getByText("2", { exact: true }).click();
    await panel.getByRole("button", { name: "Publish" }).click();
    await expect.poll(() => heard).toEqual(["to Mosquitto"]);
    expect(hub.events.filter(({ event }) => event === "message")).toEqual([]);
    await page.getByRole("button", { name: "Close the connection Mosquitto" }).click();
    await page.getByRole("button", { name: "This hub", exact: false, pressed: true }).waitFor();
  });

  pageTest(
    "to a hub that was not named are forbidden by the page's policy, and it says what to do",
    async () => {
      const mosquitto = await openMosquitto();
      const { page } = await open();
      await page.getByRole("button", { name: "New connection" }).click();
      const form = page.getByRole("form", { name: "New connection" });
      await form.getByText("motekit hub --page-hub URL").waitFor();
      await form.getByLabel("Hub (MQTT over WebSocket)").fill(mosquitto.wsUrl);
      await form.getByLabel("Name in this page").fill("Mosquitto");
      await form.getByRole("button", { name: "Connect" }).click();
      await page
        .locator(".connection", { hasText: "Mosquitto" })
        .getByText("Not connected", { exact: false })
        .waitFor();
    },
  );

  pageTest(
    "with wrong credentials are refused in the hub's words, and tried again when asked for",
    async () => {
      const { page } = await openPage({ hub: { profile: "dedicated", control: {} } });
      await page.getByRole("button", { name: "New connection" }).click();
      const form = page.getByRole("form", { name: "New connection" });
      await form.getByLabel("Client identifier", { exact: false }).fill("nobody");
      await form.getByLabel("Password").fill("wrong");
      await form.getByRole("button", { name: "Connect" }).click();
      await form.getByText("A password goes with a user name.").waitFor();
      await form.getByLabel("User name").fill("u");
      await form.getByRole("button", { name: "Connect" }).click();
      const row = page.locator(".connection", { hasText: "nobody" });
      await row.getByText("Refused: identifier rejected", { exact: false }).waitFor();
      await row.getByRole("button", { name: "Connect", exact: true }).click();
      await row.getByText("Refused: identifier rejected", { exact: false }).waitFor();
    },
  );

  pageTest("as a device may do what the device may", async () => {
    const hubFolder = temporaryFolder();
    const device = newDevice([], "pump", { publishAccept: ["mine/#"] });
    await new DeviceRegistry(hubFolder).change(() => ({ devices: [device], result: undefined }));
    const { page, hub } = await openPage({
      hub: { hubFolder, profile: "dedicated", control: {} },
      address: (opened) => `${opened.pageLink}&as=${device.id}`,
    });
    const panel = page.locator(".publish-panel");
    for (const topic of ["theirs/a", "mine/a"]) {
      await panel.getByLabel("Topic", { exact: true }).fill(topic);
      await panel.getByText("1", { exact: true }).click();
      await panel.getByRole("button", { name: "Publish" }).click();
      await panel.getByText(`Published to ${topic}`).waitFor();
    }
    expect(hub.events.find(({ event }) => event === "denied")).toMatchObject({
      clientId: device.id,
      topic: "theirs/a",
    });
    expect(hub.events.filter(({ event }) => event === "message")).toMatchObject([
      { clientId: device.id, topic: "mine/a" },
    ]);
  });
});

pageTest("a link restores view, subscriptions, filter, topic and plots", async () => {
  const { page, client, hub } = await open();
  await page.getByRole("button", { name: "Unsubscribe from #" }).click();
  await subscribe(page, "plant/+", 1);
  await client.publishAsync("plant/pump", "7", { qos: 1 });
  await page.locator('[data-branch="plant/pump"]').click();
  await page.getByLabel("Filter messages", { exact: false }).fill("pump");
  await page.locator(".message-line").click();
  await page.getByTitle("Plot plant/pump").click();
  await page.locator('.plot[data-series="plant/pump"]').waitFor();
  const link = page.url();
  expect(link).not.toContain("token");
  await page.goto("about:blank");
  await page.goto(link);
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.locator('[data-filter="plant/+"]').getByText("QoS 1", { exact: true }).waitFor();
  expect(await page.locator(".subscription").count()).toBe(1);
  expect(await page.getByLabel("Filter messages", { exact: false }).inputValue()).toBe("pump");
  await page.locator('.plot[data-series="plant/pump"]').waitFor();
  await page.getByText("History of", { exact: false }).getByText("plant/pump").waitFor();
  await page.goto(`${hub.pageUrl}#view=wire`);
  await page.getByRole("heading", { name: "Frames" }).waitFor();
});
