/** The numbers that the page stores and plots. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, it, test } from "vitest";
import { moved, readPlots, toggled, writePlots } from "../../host/page/model/series/plot-choice.ts";
import { Points } from "../../host/page/model/series/points.ts";
import {
  moved as movedWindow,
  selected,
  timeRangeOf,
  zoomed,
} from "../../host/page/model/series/time-window.ts";
import { exportPlots } from "../../host/page/plots/export-plots.ts";
import { hasChromium, type OpenPage, useBrowser } from "../fixtures/browser.ts";

const pageTest = test.skipIf(!hasChromium);
const { openPage } = useBrowser();
const clients: MqttClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

describe("points of a series", () => {
  it("the newest points are stored in order of time", () => {
    const points = new Points(100);
    for (let at = 0; at < 1_000; at++) points.add(at, at * 2);
    expect(points.size).toBeLessThanOrEqual(110);
    expect(points.last).toEqual({ timeSeconds: 999, value: 1998 });
    expect(points.valueAt(995.5)).toBe(1990);
    expect(points.valueAt(1)).toBeUndefined();
    expect(points.summary(990, 992)).toEqual({ count: 3, least: 1980, greatest: 1984, mean: 1982 });
    expect(points.summary(2_000, 3_000)).toBeUndefined();
    points.keep(10);
    expect(points.size).toBe(10);
    // The clock was set back.
    points.add(5, 7);
    expect(points.last).toEqual({ timeSeconds: 999, value: 7 });
  });

  it("a column of pixels shows its minimum and maximum, and the line reaches both ends", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 2_000 }),
        fc.integer({ min: 5, max: 200 }),
        (values, widthPx) => {
          const points = new Points(10_000);
          for (const [at, value] of values.entries()) points.add(at / 10, value);
          const shown = points.visible(0, values.length / 10, widthPx);
          const drawn = Array.from(shown.values);
          expect(drawn.length).toBeLessThanOrEqual(widthPx * 2 + 6);
          expect(Math.min(...drawn)).toBe(Math.min(...values));
          expect(Math.max(...drawn)).toBe(Math.max(...values));
          const times = Array.from(shown.timesSeconds);
          expect(times).toEqual([...times].sort((one, other) => one - other));
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });
});

describe("selection of plots", () => {
  it("a link stores the plots, and invalid parts are ignored", () => {
    const plots = [["a b", "c"], ['d"/é']];
    expect(readPlots(writePlots(plots))).toEqual(plots);
    expect(writePlots([])).toBe("");
    for (const text of ["", "{", "7", '{"a":1}', '[[1,null,""],"x"]', `[["${"a".repeat(20_000)}"]]`]) {
      expect(readPlots(text)).toEqual([]);
    }
    expect(readPlots('[["a","a"],["a","b"]]')).toEqual([["a"], ["b"]]);
    expect(
      readPlots(JSON.stringify(Array.from({ length: 20 }, (_none, index) => [String(index)]))),
    ).toHaveLength(8);
  });

  it("a series can be plotted, removed and moved between plots", () => {
    expect(toggled([["a"]], "b")).toEqual([["a"], ["b"]]);
    expect(toggled([["a"], ["b"]], "a")).toEqual([["b"]]);
    expect(moved([["a"], ["b"]], "b", 0)).toEqual([["a", "b"]]);
    expect(moved([["a", "b"]], "b", 1)).toEqual([["a"], ["b"]]);
    const full = [["1", "2", "3", "4", "5", "6", "7", "8"], ["9"]];
    expect(moved(full, "9", 0)).toBe(full);
  });
});

it("plots: the time range can be zoomed, moved and fixed", () => {
  const live = { kind: "live", spanSeconds: 60 } as const;
  expect(timeRangeOf(live, 100)).toEqual({ fromSeconds: 40, toSeconds: 100 });
  expect(zoomed(live, "in", 100)).toEqual({ kind: "live", spanSeconds: 30 });
  const fixed = selected(30, 20);
  expect(fixed).toEqual({ kind: "fixed", fromSeconds: 20, toSeconds: 30 });
  expect(fixed && zoomed(fixed, "out", 100)).toEqual({ kind: "fixed", fromSeconds: 15, toSeconds: 35 });
  expect(fixed && movedWindow(fixed, "back", 100)).toEqual({
    kind: "fixed",
    fromSeconds: 17.5,
    toSeconds: 27.5,
  });
  expect(selected(20, 20)).toBeUndefined();
});

it("plots: the CSV has a row for each time, and an empty field if a series has no point", () => {
  const [one, other] = [new Points(10), new Points(10)];
  one.add(1, 5);
  one.add(2, 6);
  one.add(2, 8);
  other.add(2, 7);
  const series = [
    { id: "a", topic: "a", path: "", points: one },
    { id: "=b", topic: "=b", path: "", points: other },
  ];
  expect(exportPlots(series, { fromSeconds: 0, toSeconds: 10 })).toBe(
    "time,a,'=b\r\n1970-01-01T00:00:01.000Z,5,\r\n1970-01-01T00:00:02.000Z,6,7\r\n1970-01-01T00:00:02.000Z,8,\r\n",
  );
});

async function openWithDevice(): Promise<OpenPage & { client: MqttClient }> {
  const opened = await openPage();
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${opened.hub.port}`, { reconnectPeriod: 0 });
  clients.push(client);
  return { ...opened, client };
}

const AIR = "devices/pump/telemetry/air";

pageTest("plots: two series can share an axis, be hidden and be separated again", async () => {
  const { page, client } = await openWithDevice();
  for (const celsius of [20, 22, 21]) {
    await client.publishAsync(AIR, JSON.stringify({ celsius, humidity: 40 }), { qos: 1 });
  }
  await page.getByTitle(`Plot ${AIR} celsius`).first().click();
  await page.getByTitle(`Plot ${AIR} humidity`).first().click();
  expect(await page.locator(".plot").count()).toBe(2);
  for (const plot of await page.locator(".plot").all()) {
    const [frame, button] = await Promise.all([
      plot.boundingBox(),
      plot.getByRole("button", { name: "Stop plotting", exact: false }).boundingBox(),
    ]);
    if (!frame || !button) throw new Error("A plot or its button is not drawn.");
    expect(button.x + button.width).toBeLessThanOrEqual(frame.x + frame.width);
    expect(await plot.locator(".topic-name").textContent()).toMatch(/^air (celsius|humidity)$/);
  }
  await page.getByLabel(`Plot of ${AIR} humidity`).selectOption("0");
  await expect.poll(() => page.locator(".plot").count()).toBe(1);
  const rows = page.locator(".plot-series");
  expect(await rows.locator(".plot-value").allTextContents()).toEqual(["21", "40"]);
  expect(await rows.locator(".plot-range").first().textContent()).toBe("20 to 22, mean 21");
  await page.getByTitle(`Hide ${AIR} humidity`).click();
  await page.getByTitle(`Show ${AIR} humidity`).waitFor();
  await page.getByLabel(`Plot of ${AIR} humidity`).selectOption("1");
  await expect.poll(() => page.locator(".plot").count()).toBe(2);
});

pageTest("plots: pointer and keys select a fixed time range until the plot is live again", async () => {
  const { page, client } = await openWithDevice();
  for (let count = 0; count < 5; count++) await client.publishAsync(AIR, String(count), { qos: 1 });
  await page.getByTitle(`Plot ${AIR}`).first().click();
  const canvas = page.locator(".plot-canvas");
  const box = (await canvas.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 5 });
  await page.mouse.up();
  const live = page.getByRole("button", { name: "Live" });
  await live.waitFor();
  expect(await page.locator(".plot-range").textContent()).toBe("no values");
  await client.publishAsync(AIR, "99", { qos: 1 });
  await live.click();
  await expect.poll(() => page.locator(".plot-range").textContent()).toContain("0 to 99");
  await canvas.focus();
  await page.keyboard.press("ArrowLeft");
  await live.waitFor();
  await page.keyboard.press("0");
  await expect.poll(() => live.count()).toBe(0);
  await page.keyboard.press("+");
  await expect.poll(() => page.locator('input[name="span"]:checked').count()).toBe(0);
});

pageTest("plots: the export contains the shown points as CSV", async () => {
  const { page, client } = await openWithDevice();
  for (const value of [1, 2]) await client.publishAsync(AIR, String(value), { qos: 1 });
  await page.getByTitle(`Plot ${AIR}`).first().click();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const lines = readFileSync(await (await saved).path(), "utf8")
    .trimEnd()
    .split("\r\n");
  expect(lines[0]).toBe(`time,${AIR}`);
  expect(lines.slice(1).map((line) => line.split(",")[1])).toEqual(["1", "2"]);
});
