/** The message list: rows, pauses, older pages, export, and publishing. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasChromium } from "../fixtures/browser.ts";
import { rows, useMessagesPages } from "../fixtures/messages-page.ts";

const pageTest = test.skipIf(!hasChromium);
const { open } = useMessagesPages();

/** The content of the exported file. */
async function save(page: Page, form: "jsonl" | "csv"): Promise<string> {
  const saved = page.waitForEvent("download");
  await page.getByLabel("Export messages").selectOption(form);
  return readFileSync(await (await saved).path(), "utf8");
}

describe("messages of the page", () => {
  pageTest("the export has the filtered messages as JSON lines or CSV", async () => {
    const { page, client } = await open();
    await client.publishAsync("a", '{"n":1}', { qos: 1 });
    await client.publishAsync("a", '=cmd("x"),"y"', { qos: 1 });
    await client.publishAsync("a", Buffer.from([0, 255]), { qos: 1 });
    await client.publishAsync("other", "left out", { qos: 1 });
    await expect.poll(() => rows(page)).toHaveLength(4);
    await page.locator('[data-branch="a"]').click();
    const lines = (await save(page, "jsonl"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { topic: "a", qos: 1, retain: false, payload: '{"n":1}' },
      { payload: '=cmd("x"),"y"' },
      { payloadBase64: "AP8=" },
    ]);
    const csv = (await save(page, "csv")).split("\r\n");
    expect(csv[0]).toBe("time,topic,qos,retain,payload,payloadBase64");
    expect(csv[1]).toMatch(/^\d{4}-.*Z,a,1,false,"\{""n"":1\}",$/);
    // A spreadsheet would run the text as a formula without the apostrophe.
    expect(csv[2]).toMatch(/,"'=cmd\(""x""\),""y""",$/);
    expect(csv[3]).toMatch(/,,AP8=$/);
  });

  pageTest("messages older than the first 200 are on further pages", async () => {
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

  pageTest("messages are published as hex and JSON, and again from the history after a reload", async () => {
    const { page, hub, client } = await open();
    const heard: Buffer[] = [];
    client.on("message", (_topic, payload) => heard.push(payload));
    await client.subscribeAsync("out");
    const panel = page.locator(".publish-panel");
    await panel.getByLabel("Topic", { exact: true }).fill("out");
    await panel.getByText("Hex", { exact: true }).click();
    await panel.getByLabel("Payload", { exact: true }).fill("0x01, ff 7");
    await panel.getByRole("button", { name: "Publish" }).click();
    await panel.getByText("the last byte has only one digit", { exact: false }).waitFor();
    await panel.getByLabel("Payload", { exact: true }).fill("0x01, ff 70");
    await panel.getByRole("button", { name: "Publish" }).click();
    await expect.poll(() => heard.map((payload) => payload.toString("hex"))).toEqual(["01ff70"]);
    await panel.getByText("JSON", { exact: true }).click();
    await panel.getByLabel("Payload", { exact: true }).fill('{"a":1,}');
    await panel.getByRole("button", { name: "Publish" }).click();
    await panel.getByText("The payload is not valid JSON", { exact: false }).waitFor();
    await page.goto(hub.pageLink);
    await page.reload();
    await page.getByText("Connected", { exact: true }).waitFor();
    await panel.getByLabel("Published messages").selectOption({ index: 1 });
    await panel.getByRole("button", { name: "Publish" }).click();
    await expect.poll(() => heard.map((payload) => payload.toString("hex"))).toEqual(["01ff70", "01ff70"]);
  });

  pageTest("topics and payloads with HTML are shown as text", async () => {
    const { page, client, pageErrors } = await open();
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
    expect(pageErrors).toEqual([]);
  });
});

describe("rows of the message list", () => {
  pageTest("a row stays under the pointer during a slow click while messages arrive", async () => {
    const { page, client } = await open();
    for (const perTick of [1, 10]) {
      const talk = setInterval(() => {
        for (let count = 0; count < perTick; count++) client.publish("load", "1");
      }, 20);
      try {
        await page.locator(".message-line").nth(6).waitFor();
        await page.locator(".message-line").nth(4).hover();
        await page.mouse.down();
        await page.waitForTimeout(250);
        const pressed = await page.locator(".message-line:hover").boundingBox();
        await page.mouse.up();
        const opened = await page.locator(".message-open .message-line").boundingBox();
        if (!pressed || !opened) throw new Error("The row is not drawn.");
        expect(opened.y).toBe(pressed.y);
        await page.getByRole("button", { name: "Resume" }).click();
      } finally {
        clearInterval(talk);
      }
    }
  });

  pageTest("the list pauses while a message is open, and continues when it is closed", async () => {
    const { page, client } = await open();
    await client.publishAsync("a", "the one", { qos: 1 });
    await page.locator('[data-branch="a"]').click();
    const one = page.locator(".message", { hasText: "the one" }).locator(".message-line");
    await one.click();
    // More messages than the history of a topic stores.
    for (let count = 1; count <= 150; count++) client.publish("a", String(count));
    await page.getByText("Paused while a message is open. 150 new messages.").waitFor();
    expect(await rows(page)).toEqual(["the one"]);
    // The focused row was removed. Another row has the focus, and the list has not scrolled.
    await one.press("Enter");
    await expect.poll(async () => (await rows(page))[0]).toBe("150");
    await page.getByText("Paused", { exact: false }).waitFor({ state: "hidden" });
    expect(await page.locator(".message-line:focus .message-payload").textContent()).toBe("150");
    expect(await page.locator(".messages").evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    // Resuming closes the open message.
    await page.locator(".message-line").first().click();
    await page.getByRole("button", { name: "Resume" }).click();
    expect(await page.locator(".message-open").count()).toBe(0);
  });

  pageTest("the list does not scroll when a clicked row is removed", async () => {
    const { page, client } = await open();
    for (let count = 1; count <= 30; count++) client.publish("a", String(count));
    await client.publishAsync("a", "first", { qos: 1 });
    const first = page.locator(".message", { hasText: "first" }).locator(".message-line");
    await first.click();
    await first.click();
    for (let count = 1; count < 400; count++) client.publish("a", String(count));
    await client.publishAsync("a", "last", { qos: 1 });
    await expect.poll(async () => (await rows(page))[0]).toBe("last");
    expect(await page.locator(".messages").evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
  });

  pageTest("the list continues when a filter or a topic hides the open message", async () => {
    const { page, client } = await open();
    await client.publishAsync("a", "one", { qos: 1 });
    await client.publishAsync("b", "two", { qos: 1 });
    const paused = page.getByText("Paused while a message is open.", { exact: false });
    await page.locator('.message[data-topic="a"] .message-line').click();
    await page.getByLabel("Filter messages").fill("one");
    await paused.waitFor();
    await page.getByLabel("Filter messages").fill("two");
    await paused.waitFor({ state: "hidden" });
    await page.locator(".message-line").first().click();
    await paused.waitFor();
    await page.locator('[data-branch="a"]').click();
    await paused.waitFor({ state: "hidden" });
    await client.publishAsync("a", "three", { qos: 1 });
    await expect.poll(() => rows(page)).toEqual(["three", "one"]);
  });

  pageTest("a paused list keeps, filters and exports messages that the log has dropped", async () => {
    const { page, client } = await open();
    await client.publishAsync("a", "old one", { qos: 1 });
    await client.publishAsync("a", "old two", { qos: 1 });
    await expect.poll(() => rows(page)).toHaveLength(2);
    await page.getByRole("button", { name: "Pause" }).click();
    for (let count = 0; count < 10_100; count++) client.publish("a", String(count));
    await page.getByText("Paused. 10100 new messages.").waitFor();
    expect(await rows(page)).toEqual(["old two", "old one"]);
    await page.getByLabel("Filter messages").fill("one");
    await expect.poll(() => rows(page)).toEqual(["old one"]);
    expect((await save(page, "jsonl")).trimEnd().split("\n")).toHaveLength(1);
    await page.locator('[data-branch="a"]').click();
    await expect.poll(() => rows(page)).toEqual(["old two", "old one"]);
  });

  pageTest("hidden rows are rendered when the user scrolls or focuses the list", async () => {
    const { page, client } = await open();
    const publish = async (count: number): Promise<void> => {
      for (let number = 1; number < count; number++) client.publish("a", String(number));
      await client.publishAsync("a", String(count), { qos: 1 });
      await expect.poll(async () => (await rows(page))[0]).toBe(String(count));
    };
    const drawn = (): Promise<number> => page.locator(".message").count();
    const list = page.locator(".messages");
    await publish(300);
    expect(await drawn()).toBeLessThan(60);
    await list.evaluate((element) => element.scrollTo({ top: 200 }));
    await expect.poll(drawn).toBe(200);
    // After it was cleared, the list is at its top again.
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByText("No messages yet.").waitFor();
    await publish(301);
    expect(await drawn()).toBeLessThan(60);
    await page.getByRole("button", { name: "Clear", exact: true }).focus();
    await page.keyboard.press("Tab");
    await expect.poll(drawn).toBe(200);
    await page.keyboard.press("End");
    expect(await page.locator(".message-line:focus .message-payload").textContent()).toBe("102");
  });

  pageTest("rows fill a high window, with more to scroll to", async () => {
    const { page, client } = await open();
    await page.setViewportSize({ width: 1440, height: 2000 });
    for (let number = 1; number < 200; number++) client.publish("a", String(number));
    await client.publishAsync("a", "200", { qos: 1 });
    await expect.poll(async () => (await rows(page))[0]).toBe("200");
    expect(await page.locator(".message").count()).toBeLessThan(70);
    const room = await page.locator(".messages").evaluate((list) => list.scrollHeight - list.clientHeight);
    expect(room).toBeGreaterThan(0);
  });

  pageTest("rows are one stop of the Tab key, and arrow keys move between them", async () => {
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
    // A new row does not change the tab stop.
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

  pageTest("rows show invisible characters as code points", async () => {
    const { page, client, pageErrors } = await open();
    await client.publishAsync("files/\u202egnp.exe", "\u202etxet", { qos: 1 });
    await client.publishAsync("zero\u200bwidth", "[".repeat(50_000) + "]".repeat(50_000), { qos: 1 });
    await expect.poll(() => rows(page)).toHaveLength(2);
    expect(await page.locator(".message-topic").allTextContents()).toEqual([
      "zero‹U+200B›width",
      "files/‹U+202E›gnp.exe",
    ]);
    expect((await rows(page))[1]).toBe("‹U+202E›txet");
    await page.getByRole("treeitem", { name: "‹U+202E›gnp.exe", exact: false }).waitFor();
    // JSON that is too deep to be indented is shown unchanged.
    await page.locator(".message-line").first().click();
    await expect
      .poll(async () => (await page.locator(".detail-payload").textContent())?.length)
      .toBe(100_000);
    await page.getByRole("link", { name: "Wire" }).click();
    await page.locator("button.frame", { hasText: "files/‹U+202E›gnp.exe · 7 bytes" }).first().waitFor();
    expect(pageErrors).toEqual([]);
  });
});
