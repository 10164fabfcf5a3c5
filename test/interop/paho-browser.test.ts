/** Eclipse Paho's client for browsers, in a browser, with the local hub. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import mqtt from "mqtt";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium } from "../fixtures/browser.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";
import { requireProgram } from "../fixtures/programs.ts";
import { until } from "../fixtures/waiting.ts";

const PAHO = createRequire(import.meta.url).resolve("paho-mqtt");

/** The part of Paho's client that the tests use. */
interface PahoClient {
  connect(options: object): void;
  subscribe(filter: string, options: object): void;
  send(topic: string, payload: string | ArrayBuffer, qos: number, retained: boolean): void;
  onMessageArrived: (message: {
    readonly destinationName: string;
    readonly payloadBytes: Uint8Array;
    readonly qos: number;
    readonly retained: boolean;
  }) => void;
}
interface PahoGlobal {
  readonly Client: new (host: string, port: number, path: string, clientId: string) => PahoClient;
  readonly Message: new (payload: string) => { destinationName: string };
}

describe.skipIf(!hasChromium)("Eclipse Paho in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: requireProgram("chromium"), args: ["--no-sandbox"] });
  });
  afterAll(() => browser.close());

  /** A page of the hub's own origin, with Paho in it. */
  async function openPaho(hub: TestHub): Promise<Page> {
    const page = await browser.newPage({ bypassCSP: true });
    await page.goto(`${hub.pageUrl}icon.svg`);
    await page.evaluate(readFileSync(PAHO, "utf8"));
    return page;
  }

  function connectAndSubscribe(page: Page, port: number): Promise<void> {
    return page.evaluate(
      (wsPort) =>
        new Promise<void>((resolve, reject) => {
          const { Paho } = globalThis as unknown as { Paho: PahoGlobal };
          const client = new Paho.Client("127.0.0.1", wsPort, "/mqtt", "paho");
          const received: object[] = [];
          client.onMessageArrived = ({ destinationName, payloadBytes, qos, retained }) => {
            received.push({
              topic: destinationName,
              size: payloadBytes.length,
              last: payloadBytes.at(-1),
              qos,
              retained,
            });
          };
          Object.assign(globalThis, { client, received });
          const willMessage = new Paho.Message("gone");
          willMessage.destinationName = "will";
          client.connect({
            willMessage,
            onFailure: (failure: { errorMessage: string }) => reject(new Error(failure.errorMessage)),
            onSuccess: () => client.subscribe("t/#", { qos: 2, onSuccess: () => resolve() }),
          });
        }),
      port,
    );
  }

  test("publishes and receives at each QoS, retained and large; its will comes when it is gone", async () => {
    const hub = await openHub();
    const witness = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
    const seen: string[] = [];
    witness.on("message", (topic, payload, { qos }) => seen.push(`${topic} ${qos} ${payload.length}`));
    await witness.subscribeAsync(["t/#", "will"], { qos: 2 });
    await witness.publishAsync("t/kept", "kept", { retain: true, qos: 1 });
    const page = await openPaho(hub);
    await connectAndSubscribe(page, hub.wsPort);
    const sizes = [0, 1, 200, 70_000, 1_000_000];
    await page.evaluate((all) => {
      const { client } = globalThis as unknown as { client: PahoClient };
      for (const size of all) {
        const payload = new Uint8Array(size).fill(7);
        for (const qos of [0, 1, 2]) client.send(`t/${size}`, payload.buffer, qos, false);
      }
    }, sizes);
    const expected = sizes.flatMap((size) => [0, 1, 2].map((qos) => `t/${size} ${qos} ${size}`));
    await until("all messages at the witness", () => seen.length === expected.length + 1);
    // At QoS 2 a client may wait for PUBREL, and others overtake [MQTT-4.6.0-6].
    expect(seen.slice(1).sort()).toEqual([...expected].sort());
    await page.waitForFunction((count) => {
      const { received } = globalThis as unknown as { received: object[] };
      return received.length === count;
    }, expected.length + 1);
    const received = await page.evaluate(() => (globalThis as unknown as { received: object[] }).received);
    expect(received[0]).toEqual({ topic: "t/kept", size: 4, last: 116, qos: 1, retained: true });
    const sorted = (messages: readonly unknown[]) => messages.map((each) => JSON.stringify(each)).sort();
    const wanted = sizes.flatMap((size) =>
      [0, 1, 2].map((qos) => {
        const last = size > 0 ? { last: 7 } : {};
        return { topic: `t/${size}`, size, ...last, qos, retained: false };
      }),
    );
    expect(sorted(received.slice(1))).toEqual(sorted(wanted));
    await page.close();
    await until("the will", () => seen.at(-1) === "will 0 4");
    witness.end(true);
  });
});
