/**
 * Measures the hub's page under load, beside an empty page in the same browser and run: 50 messages a second for two minutes,
 * with 10,000 stored messages, a plot and the topic tree. Also measures its size and its first paint.
 *
 *     npm run bench:page -- [seconds]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import mqtt from "mqtt";
import { type Browser, chromium, type Page } from "playwright-core";
import { startHub } from "../../host/hub/hub.ts";
import { buildPage } from "../../host/page-build/build-page.ts";
import { requireProgram } from "../fixtures/programs.ts";

const SECONDS = Number(process.argv[2] ?? 120);
const MESSAGES_PER_SECOND = 50;
const HELD = 10_000;

interface Frames {
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longestMs: number;
  /** Number of tasks of the page of more than 50 ms, as the browser reports them. */
  readonly longTasks: number;
  readonly heapMib: number;
}

/** The program that runs in the page. It is text, because the transpiler would add helpers to a function. */
const WATCH = `(ms) => new Promise((resolve) => {
  const gaps = [];
  let longTasks = 0;
  const observer = new PerformanceObserver((list) => (longTasks += list.getEntries().length));
  observer.observe({ type: "longtask" });
  const start = performance.now();
  let before = start;
  const look = (now) => {
    gaps.push(now - before);
    before = now;
    if (now - start < ms) return requestAnimationFrame(look);
    observer.disconnect();
    resolve({ gaps: gaps.slice(1), longTasks });
  };
  requestAnimationFrame(look);
})`;

/** Measures the frames of a page for this duration. */
async function watchFrames(page: Page, seconds: number): Promise<Frames> {
  const client = await page.context().newCDPSession(page);
  const watched = (await page.evaluate(`(${WATCH})(${seconds * 1000})`)) as {
    gaps: number[];
    longTasks: number;
  };
  await client.send("HeapProfiler.collectGarbage");
  const { usedSize } = await client.send("Runtime.getHeapUsage");
  const sorted = watched.gaps.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    count: sorted.length,
    medianMs: at(0.5),
    p95Ms: at(0.95),
    longestMs: sorted.at(-1) ?? 0,
    longTasks: watched.longTasks,
    heapMib: usedSize / 1024 ** 2,
  };
}

function print(name: string, { count, medianMs, p95Ms, longestMs, longTasks, heapMib }: Frames): void {
  console.log(
    `${name}: ${count} frames, median ${medianMs.toFixed(1)} ms, 95 % under ${p95Ms.toFixed(1)} ms, longest ` +
      `${longestMs.toFixed(1)} ms, ${longTasks} long tasks, heap ${heapMib.toFixed(1)} MiB`,
  );
}

/** A module of the page's program with its static imports, without modules that it loads by `import()`. */
function withImports(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/(?:\bfrom|\bimport)"(\.[^"]+)"/g)) {
    withImports(join(dirname(file), name), found);
  }
  return found;
}

function printSizes(folder: string): void {
  const styled = ["page.css", "index.html"].map((name) => join(folder, name));
  const first = new Set([...styled, ...withImports(join(folder, "page.js"))]);
  const sum = (files: Iterable<string>, size: (file: string) => number): number =>
    [...files].reduce((total, file) => total + size(file), 0);
  const chunks = readdirSync(join(folder, "chunks")).map((name) => join(folder, "chunks", name));
  const bytes = sum(first, (file) => statSync(file).size);
  const packed = sum(first, (file) => gzipSync(readFileSync(file)).length);
  const later = sum(
    chunks.filter((file) => !first.has(file)),
    (file) => statSync(file).size,
  );
  console.log(
    `size: ${bytes} bytes at first (${packed} by gzip), ${later} more when the view of a board is opened`,
  );
}

async function firstPaintMs(page: Page): Promise<number> {
  return page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  );
}

async function main(browser: Browser, pageFolder: string): Promise<void> {
  const hub = await startHub({ host: "127.0.0.1", port: 0, wsPort: 0, control: {}, pageFolder });
  printSizes(pageFolder);
  const empty = await browser.newPage();
  await empty.goto("about:blank");
  print("empty page", await watchFrames(empty, Math.min(SECONDS, 20)));
  await empty.close();

  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(hub.pageLink);
  await page.getByText("Connected", { exact: true }).waitFor();
  console.log(`first paint: ${(await firstPaintMs(page)).toFixed(0)} ms`);
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
  const send = (count: number): void => {
    const payload = JSON.stringify({
      celsius: 20 + Math.sin(count / 50),
      count,
      state: count % 3 ? "on" : "off",
    });
    device.publish(`devices/pump-${count % 10}/telemetry/air`, payload, { qos: count % 2 ? 1 : 0 });
  };
  for (let count = 0; count < HELD; count++) send(count);
  await page.getByText(`of ${HELD} kept`, { exact: false }).waitFor();
  await page.getByTitle("Plot devices/pump-1/telemetry/air celsius").first().click();
  let count = HELD;
  const clock = setInterval(() => send(count++), 1000 / MESSAGES_PER_SECOND);
  print("at the start", await watchFrames(page, 10));
  print(`${MESSAGES_PER_SECOND} messages/s`, await watchFrames(page, SECONDS));
  print("at the end", await watchFrames(page, 10));
  clearInterval(clock);
  device.end(true);
  await page.close();
  await hub.close();
}

const browser = await chromium.launch({
  executablePath: requireProgram("chromium"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
/** Builds the page from the sources, so that an old `dist` is never measured. */
const folder = mkdtempSync(join(tmpdir(), "motekit-page-load-"));
try {
  await buildPage(folder);
  await main(browser, folder);
} finally {
  rmSync(folder, { recursive: true });
  await browser.close();
}
