/** Subscriptions, the topic tree with history and changes, retained messages, and links that restore the state. */
import { describe, expect, test } from "vitest";
import { DeviceRegistry } from "../../host/hub/devices/device-registry.ts";
import { newDevice } from "../../host/hub/devices/device-settings.ts";
import { hasChromium } from "../fixtures/browser.ts";
import { rows, subscribe, useMessagesPages } from "../fixtures/messages-page.ts";

const pageTest = test.skipIf(!hasChromium);
const { makeFolder, open, openPage } = useMessagesPages();

describe("subscriptions of the page", () => {
  pageTest("subscriptions can be added and removed, and show the granted QoS and a colour", async () => {
    const { page, client } = await open();
    await page.getByRole("button", { name: "Unsubscribe from #" }).click();
    await page.getByText("No subscriptions.", { exact: false }).waitFor();
    await subscribe(page, "a/+", 1);
    await subscribe(page, "b", 0);
    await page.locator('[data-filter="a/+"]').getByText("QoS 1", { exact: true }).waitFor();
    await page.locator('[data-filter="b"]').getByText("QoS 0", { exact: true }).waitFor();
    await client.publishAsync("c", "unheard", { qos: 1 });
    await client.publishAsync("a/1", "one", { qos: 2 });
    await client.publishAsync("b", "two", { qos: 2 });
    await expect.poll(() => rows(page)).toEqual(["two", "one"]);
    // The hub sends with the lower QoS of publication and subscription [MQTT-3.8.4-6].
    expect(await page.locator(".message-qos").allTextContents()).toEqual(["QoS 0", "QoS 1"]);
    const marks = await page.locator(".message").evaluateAll((all) => all.map((each) => each.className));
    expect(marks).toEqual(["message message-of-2", "message message-of-1"]);
    await page.getByRole("button", { name: "Change the colour of b", exact: false }).click();
    await expect
      .poll(() => page.locator(".message").first().getAttribute("class"))
      .toBe("message message-of-3");
  });

  pageTest("invalid topic filters are refused with the violated rule", async () => {
    const { page } = await open();
    await subscribe(page, "a/#/b", 0);
    await page.getByText("[MQTT-4.7.1-2]", { exact: false }).waitFor();
    await subscribe(page, "a+", 0);
    await page.getByText("[MQTT-4.7.1-3]", { exact: false }).waitFor();
  });

  pageTest("a subscription that the hub refuses is marked", async () => {
    const hubFolder = makeFolder();
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

describe("topic tree of the page", () => {
  pageTest("the tree shows counts and last values, and can be used by keyboard", async () => {
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

  pageTest("a slow click selects a topic while new topics appear above it", async () => {
    const { page, client } = await open();
    await client.publishAsync("z", "1", { qos: 1 });
    let count = 0;
    const talk = setInterval(() => client.publish(`a${count++}`, "1"), 10);
    try {
      await page.locator('[data-branch="a5"]').waitFor();
      await page.locator('[data-branch="z"]').hover();
      await page.mouse.down();
      const pressed = await page.locator(".topic:hover").getAttribute("data-branch");
      await page.waitForTimeout(250);
      await page.mouse.up();
      await page.locator(`[data-branch="${pressed}"][aria-selected="true"]`).waitFor();
    } finally {
      clearInterval(talk);
    }
  });

  pageTest("the history of a topic shows the changes of each message", async () => {
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
    expect(await messages.nth(0).locator(".diff-none").textContent()).toBe("No changes");
    expect(await messages.nth(1).locator(".diff-removed").textContent()).toContain('"speed": 1');
    expect(await messages.nth(1).locator(".diff-added").textContent()).toContain('"speed": 2');
    expect(await messages.nth(2).locator(".diff").count()).toBe(0);
    await page.getByRole("button", { name: "Show all topics" }).click();
    await expect.poll(() => page.locator(".diff").count()).toBe(0);
  });

  pageTest("topics with a retained message are marked, and the message can be cleared", async () => {
    const { page, client, hub } = await open();
    await client.publishAsync("kept", "1", { qos: 1, retain: true });
    await page.getByRole("button", { name: "Unsubscribe from #" }).click();
    await subscribe(page, "kept", 1);
    const item = page.getByRole("treeitem", { name: "kept", exact: false });
    await expect.poll(() => item.textContent()).toContain("retained");
    await item.click();
    await page.getByRole("button", { name: "Clear retained message" }).click();
    await expect.poll(() => hub.events.at(-1)).toMatchObject({ topic: "kept", payload: "", retain: true });
    await expect.poll(() => item.textContent()).not.toContain("retained");
    const later: string[] = [];
    client.on("message", (topic) => later.push(topic));
    await client.subscribeAsync("kept");
    await client.publishAsync("end", "", { qos: 1 });
    expect(later).toEqual([]);
  });
});

pageTest("Messages view: a link restores view, subscriptions, filter, topic and plots", async () => {
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
