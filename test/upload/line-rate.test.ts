/** The speed of an upload, as a part of the line's. It runs in virtual time, so that the figures are exact. */
import { readdirSync, readFileSync } from "node:fs";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { bytesOf } from "../../host/serial/bytes.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { sendFile } from "../../host/serial/file-transfer.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";
import { RatedDevice } from "../fixtures/serial/rated-line.ts";
import { SimulatedDevice } from "../fixtures/serial/simulated-device.ts";
import { inVirtualTime } from "../fixtures/serial/virtual-run.ts";

const APP_BYTES = 20_480;

interface Case {
  readonly title: string;
  readonly baudRate: number;
  readonly readsInBlocks: boolean;
  readonly flashMsPerPage: number;
  readonly sharePercentMin: number;
}

const cases: readonly Case[] = [
  { title: "an ideal line", baudRate: 115_200, readsInBlocks: false, flashMsPerPage: 0, sharePercentMin: 97 },
  {
    title: "an ESP32's reads",
    baudRate: 115_200,
    readsInBlocks: true,
    flashMsPerPage: 0,
    sharePercentMin: 85,
  },
  {
    title: "an ESP32 that erases",
    baudRate: 115_200,
    readsInBlocks: true,
    flashMsPerPage: 45,
    sharePercentMin: 75,
  },
  { title: "an ideal line", baudRate: 921_600, readsInBlocks: false, flashMsPerPage: 0, sharePercentMin: 97 },
  {
    title: "an ESP32's reads",
    baudRate: 921_600,
    readsInBlocks: true,
    flashMsPerPage: 0,
    sharePercentMin: 85,
  },
];

function transfer(
  app: Uint8Array,
  one: Case & { isCompressed?: boolean },
): Promise<{ tookMs: number; wireBytes: number }> {
  return inVirtualTime(async (timeline) => {
    const clock = timeline.createLane();
    const device = new SimulatedDevice({ clock, storage: new StorageFiles(262_144), ...one });
    device.powerOn();
    const line = new MemoryLine(new RatedDevice(device, clock, one.baudRate), { baudRate: one.baudRate });
    const console = new BoardConsole(line, { clock });
    await console.identify();
    await console.measureReads();
    const startedMs = clock.uptimeMs();
    const startedBytes = line.bytesWritten;
    await sendFile(console, "app0.js", app, { roomIsKnown: true, isCompressed: one.isCompressed === true });
    return { tookMs: clock.uptimeMs() - startedMs, wireBytes: line.bytesWritten - startedBytes };
  });
}

/** Minified code, as an app is. */
async function program(): Promise<Uint8Array> {
  const folder = new URL("../../host/serial/", import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  const texts = await Promise.all(
    sources.map((source) => transform(source, { loader: "ts", minify: true, charset: "utf8" })),
  );
  return Buffer.from(texts.map(({ code }) => code).join("")).subarray(0, APP_BYTES);
}

test("20,480 bytes of a program, compressed, take less time than the line needs for them uncompressed", async () => {
  const app = await program();
  expect(app).toHaveLength(APP_BYTES);
  for (const readsInBlocks of [false, true]) {
    const { tookMs, wireBytes } = await transfer(app, {
      title: "",
      baudRate: 115_200,
      readsInBlocks,
      flashMsPerPage: 0,
      sharePercentMin: 0,
      isCompressed: true,
    });
    const limitMs = (APP_BYTES * 10_000) / 115_200;
    process.stdout.write(
      `compressed${readsInBlocks ? ", an ESP32's reads" : ""}: ${tookMs.toFixed(0)} ms, ` +
        `${(wireBytes / APP_BYTES).toFixed(3)} wire bytes a byte\n`,
    );
    expect(tookMs).toBeLessThan(0.85 * limitMs);
  }
});

test.each(cases)("20,480 bytes at $baudRate baud over $title", async (one) => {
  const { tookMs, wireBytes } = await transfer(bytesOf("x".repeat(APP_BYTES)), one);
  const limitMs = (APP_BYTES * 10_000) / one.baudRate;
  const sharePercent = (100 * limitMs) / tookMs;
  process.stdout.write(
    `${one.title}, ${one.baudRate} baud: ${tookMs.toFixed(0)} ms, ${sharePercent.toFixed(1)} % of the line, ` +
      `${(wireBytes / APP_BYTES).toFixed(3)} wire bytes a byte\n`,
  );
  expect(sharePercent).toBeGreaterThan(one.sharePercentMin);
});
