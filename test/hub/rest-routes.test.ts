/** Messages that a hub sends on to a URL. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MotekitError } from "../../host/errors.ts";
import { openHub } from "../fixtures/hubs.ts";
import { until } from "../fixtures/waiting.ts";

let server: Server;
let url: string;
let answer: number;
const received: object[] = [];
const problems: MotekitError[] = [];
const clients: MqttClient[] = [];

beforeEach(async () => {
  answer = 200;
  received.length = 0;
  problems.length = 0;
  server = createServer(async (request, response) => {
    const { method, headers } = request;
    const topic = Buffer.from(String(headers["x-mqtt-topic"]), "latin1").toString("utf8");
    received.push({ method, topic, key: headers["x-key"], body: String(await buffer(request)) });
    response.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ingest`;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
  server.close();
});

async function open(method?: "PUT"): Promise<MqttClient> {
  const hub = await openHub({
    routes: [{ topic: "devices/+/telemetry/#", url, method, headers: { "X-Key": "secret" } }],
    onProblem: (error) => problems.push(error),
  });
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
  clients.push(client);
  return client;
}

test("what matches the filter is posted with its topic, and nothing else", async () => {
  const client = await open();
  await client.publishAsync("devices/pump/status", "no", { qos: 1 });
  await client.publishAsync("devices/größe/telemetry/level", "12.5", { qos: 1 });
  await until("the request", () => received.length > 0);
  const topic = "devices/größe/telemetry/level";
  expect(received).toEqual([{ method: "POST", topic, key: "secret", body: "12.5" }]);
  expect(problems).toEqual([]);
});

test("the method is the route's, and so are a thousand messages at once", async () => {
  const client = await open("PUT");
  for (let index = 0; index < 900; index++) client.publish("devices/a/telemetry/b", String(index));
  await until("all requests", () => received.length === 900);
  expect(new Set(received.map((each) => (each as { body: string }).body)).size).toBe(900);
  expect(received[0]).toMatchObject({ method: "PUT" });
});

test("a URL that refuses or is gone is told once, and the hub goes on", async () => {
  answer = 500;
  const client = await open();
  for (let index = 0; index < 5; index++) await client.publishAsync("devices/a/telemetry/b", "x", { qos: 1 });
  await until("five requests and a word", () => received.length === 5 && problems.length > 0);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await client.publishAsync("devices/a/telemetry/b", "x", { qos: 1 });
  expect(problems.map(({ code }) => code)).toEqual(["MK1450"]);
  expect(problems[0]?.message).toContain("HTTP status 500");
  expect(problems[0]?.message).not.toContain("secret");
});
