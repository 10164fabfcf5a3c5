/** What a hub counts and says of itself: to Prometheus, under $SYS and $SCW; and what comes to it by REST. */
import mqtt, { type MqttClient } from "mqtt";
import parsePrometheus from "parse-prometheus-text-format";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Broker } from "../../host/broker/broker.ts";
import type { BrokerEvent } from "../../host/broker/broker-event.ts";
import type { Message } from "../../host/broker/message.ts";
import type { HubMetrics } from "../../host/control/hub-metrics.ts";
import type { Metrics } from "../../host/hub/reports/metrics.ts";
import { formatPrometheus } from "../../host/hub/reports/prometheus.ts";
import { SystemTopicPublisher } from "../../host/hub/reports/system-topic-publisher.ts";
import { eventMessage, systemMessages } from "../../host/hub/reports/system-topics.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";
import { until } from "../fixtures/waiting.ts";

const clients: MqttClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

async function connect(hub: TestHub, clientId: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0, clientId });
  clients.push(client);
  return client;
}

/** Values by name, and by client where they are a client's. */
async function scrape(hub: TestHub): Promise<Map<string, number>> {
  const response = await fetch(`${hub.pageUrl}metrics`);
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  return valuesOf(await response.text());
}

function valuesOf(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const { name, metrics } of parsePrometheus(text)) {
    for (const { value, labels } of metrics) {
      const key = labels?.client === undefined ? name : `${name} ${labels.client}`;
      values.set(key.replace("motekit_hub_", ""), Number(value));
    }
  }
  return values;
}

describe("GET /metrics", () => {
  test("counts what went to and fro, while connections stand and after they ended", async () => {
    const hub = await openHub();
    const subscriber = await connect(hub, "listener");
    await subscriber.subscribeAsync("t", { qos: 1 });
    const publisher = await connect(hub, "speaker");
    for (const payload of ["one", "two", "three"]) await publisher.publishAsync("t", payload, { qos: 1 });
    await publisher.publishAsync("kept", "four", { retain: true, qos: 1 });
    const expected = {
      connections: 2,
      connects_total: 2,
      retained_messages: 1,
      messages_received_total: 4,
      messages_sent_total: 3,
      "client_messages_received_total speaker": 4,
      "client_messages_sent_total listener": 3,
      "client_connected speaker": 1,
    };
    expect(Object.fromEntries(await scrape(hub))).toMatchObject(expected);
    await publisher.endAsync();
    await vi.waitFor(async () => expect((await scrape(hub)).get("connections")).toBe(1));
    const later = await scrape(hub);
    expect(Object.fromEntries(later)).toMatchObject({
      ...expected,
      connections: 1,
      "client_connected speaker": 0,
    });
    // CONNECT, four PUBLISH and DISCONNECT, and nothing else.
    expect(later.get("client_bytes_received_total speaker")).toBeGreaterThan(4 * 9);
    expect(later.get("bytes_received_total")).toBeGreaterThan(
      later.get("client_bytes_received_total speaker") ?? 0,
    );
  });

  test("another program reads each client's name as it is, whatever is in it", () => {
    const names = ['quoted "name"', "back\\slash", "new\nline", "{curly=}", "größe 水", ""];
    const none = { bytesIn: 0, bytesOut: 0, messagesOut: 0, connects: 1, refusals: 0, denials: 0 };
    const clientMetrics = names.map((clientId, index) => ({
      ...none,
      clientId,
      messagesIn: index,
      isConnected: true,
      connectedMs: 0,
      endedMs: undefined,
      linkKind: "tcp" as const,
      isOwner: false,
      lastRefusal: undefined,
    }));
    const hub: HubMetrics = {
      ...none,
      messagesIn: 0,
      uptimeSeconds: 1,
      connections: 0,
      sessions: 0,
      retained: { messages: 0, bytes: 0 },
      queued: { messages: 0, bytes: 0 },
      overflows: 0,
      deviceRevision: 0,
      clients: clientMetrics,
    };
    const values = valuesOf(formatPrometheus(hub));
    for (const [index, name] of names.entries()) {
      expect(values.get(`client_messages_received_total ${name}`)).toBe(index);
    }
  });

  test("a hub that is open to the network shows them to its token alone", async () => {
    const hub = await openHub({ host: "0.0.0.0", control: {} });
    expect((await fetch(`${hub.pageUrl}metrics`)).status).toBe(401);
    const token = hub.pageLink.split("#token=")[1];
    const headers = { Authorization: `Bearer ${token}` };
    expect((await fetch(`${hub.pageUrl}metrics`, { headers })).status).toBe(200);
    const foreign = { ...headers, Origin: "http://elsewhere.example" };
    expect((await fetch(`${hub.pageUrl}metrics`, { headers: foreign })).status).toBe(403);
  });
});

describe("what the hub says of itself", () => {
  const link = { kind: "tcp", address: "127.0.0.1", port: 1 } as const;
  const client = { id: "pump" };
  const refusal = { rule: "the rule", remedy: "the remedy" };
  const traffic = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };
  const cases: readonly (readonly [BrokerEvent, string | undefined, object])[] = [
    [
      { kind: "connected", connection: 1, client, link, sessionPresent: false },
      "$SCW/events/device/pump/info",
      { msg: "connected", packet: "connect" },
    ],
    [
      { kind: "ended", connection: 1, client, traffic, cause: "taken over" },
      "$SCW/events/device/pump/warning",
      { msg: "taken over" },
    ],
    [
      { kind: "ended", connection: 1, client, traffic, cause: "violation", reason: "a PUBLISH of QoS 3" },
      "$SCW/events/device/pump/error",
      { msg: "violation: a PUBLISH of QoS 3" },
    ],
    [
      { kind: "turned away", link, clientId: "a/#", refusal },
      "$SCW/events/device/a%2F%23/error",
      { "object-id": "a/#", msg: "the rule" },
    ],
    [{ kind: "turned away", link, refusal }, undefined, {}],
    [
      { kind: "denied", client, packet: "publish", topic: "secret", refusal },
      "$SCW/events/device/pump/warning",
      { msg: "secret: the rule", packet: "publish" },
    ],
    [
      { kind: "overflowed", client },
      "$SCW/events/device/pump/warning",
      { msg: expect.stringContaining("slow") },
    ],
  ];

  test.each(cases)("%j is told at %s", (event, topic, record) => {
    const message = eventMessage(event, Date.parse("2026-01-02T03:04:05.678Z"), () => true);
    expect(message?.topic).toBe(topic);
    if (!message) return;
    expect(JSON.parse(String(message.payload))).toMatchObject({
      time: "2026-01-02T03:04:05.678Z",
      "object-type": "device",
      ...record,
    });
  });

  test("a subscriber of $SCW/events hears who comes and goes, and what a policy denied", async () => {
    const hub = await openHub();
    const watcher = await connect(hub, "watcher");
    const heard: string[] = [];
    watcher.on("message", (topic) => heard.push(topic));
    await watcher.subscribeAsync("$SCW/events/#");
    const other = await connect(hub, "other");
    await other.publishAsync("$SCW/events/lie", "x", { qos: 1 });
    await other.endAsync();
    const level = (severity: string) => `$SCW/events/device/other/${severity}`;
    await until("three events", () => heard.filter((topic) => topic.includes("/other/")).length === 3);
    expect(heard.filter((topic) => topic.includes("/other/"))).toEqual([
      level("info"),
      level("warning"),
      level("info"),
    ]);
  });

  test("$SYS has Mosquitto's names", async () => {
    const none = { retained: {}, queued: {}, clients: [] };
    const topics = systemMessages(none as unknown as HubMetrics).map(({ topic }) => topic);
    expect(topics).toContain("$SYS/broker/clients/connected");
    expect(topics.every((topic) => topic.startsWith("$SYS/broker/"))).toBe(true);
  });

  test("who subscribes to $SYS gets the last of all that is said there at once, as retained messages", async () => {
    const hub = await openHub();
    const watcher = await connect(hub, "watcher");
    const retained = new Map<string, string>();
    watcher.on("message", (topic, payload, { retain }) => {
      if (retain) retained.set(topic, String(payload));
    });
    await watcher.subscribeAsync("$SYS/#");
    await until("what is said", () => retained.size > 9);
    expect(retained.get("$SYS/broker/clients/connected")).toBe("0");
    expect(retained.get("$SYS/broker/uptime")).toBe("0 seconds");
    // They are the hub's own, and none of those that it was given to keep.
    expect((await scrape(hub)).get("retained_messages")).toBe(0);
  });

  test("$SYS has what each client did, until the client is forgotten; what does not change is said once", async () => {
    const said: Message[] = [];
    const kept = new Map<string, string>();
    const exchange = {
      setHubMessage: ({ topic, payload }: Message) =>
        payload.length > 0 ? kept.set(topic, String(payload)) : kept.delete(topic),
    };
    const broker = { exchange, publish: (message: Message) => void said.push(message) };
    const pump = {
      ...{ clientId: "a/pump", isConnected: true, isOwner: false, connects: 3, refusals: 1, denials: 2 },
      ...{ messagesIn: 5, messagesOut: 6, bytesIn: 700, bytesOut: 800 },
    };
    let clients: object[] = [pump, { ...pump, clientId: "the page", isOwner: true }];
    const metrics = { read: () => ({ uptimeSeconds: 0, retained: {}, queued: {}, clients }) };
    const publisher = new SystemTopicPublisher(broker as unknown as Broker, metrics as unknown as Metrics, 5);
    const topic = "$SYS/broker/client/a%2Fpump";
    try {
      expect(JSON.parse(kept.get(topic) ?? "")).toEqual({
        ...{ clientId: "a/pump", connected: true, connects: 3, refusals: 1, denials: 2 },
        ...{ messagesReceived: 5, messagesSent: 6, bytesReceived: 700, bytesSent: 800 },
      });
      expect([...kept.keys()].filter((name) => name.includes("/client/"))).toEqual([topic]);
      const saidAtFirst = said.length;
      clients = [{ ...pump, connects: 4 }];
      await until("the change", () => kept.get(topic)?.includes('"connects":4'));
      expect(said.slice(saidAtFirst).map((message) => message.topic)).toEqual([topic]);
      clients = [];
      await until("the end", () => !kept.has(topic));
    } finally {
      publisher.close();
    }
  });
});

describe("the REST network", () => {
  const restSecret = "0123456789abcdef0123456789abcdef";

  async function open() {
    const hub = await openHub({ restSecret });
    const subscriber = await connect(hub, "listener");
    const received: [string, string][] = [];
    subscriber.on("message", (topic, payload) => received.push([topic, String(payload)]));
    await subscriber.subscribeAsync("#");
    const post = (headers: Record<string, string>, body: BodyInit = "x", method = "POST") =>
      fetch(`${hub.pageUrl}rest`, { method, headers, ...(method === "POST" && { body }) });
    return { hub, received, post };
  }

  test("publishes a POST with the secret", async () => {
    const { received, post } = await open();
    const topic = Buffer.from("größe/a").toString("latin1");
    expect((await post({ "X-Secret": restSecret, "X-Topic": topic }, "hello")).status).toBe(200);
    await until("the message", () => received.length > 0);
    expect(received).toEqual([["größe/a", "hello"]]);
  });

  test.each([
    ["no secret", { "X-Topic": "t" }, 401],
    ["a wrong secret", { "X-Topic": "t", "X-Secret": "0".repeat(32) }, 401],
    ["no topic", { "X-Secret": restSecret }, 400],
    ["a topic with wildcards", { "X-Secret": restSecret, "X-Topic": "a/#" }, 400],
    ["a topic of the hub's own", { "X-Secret": restSecret, "X-Topic": "$SYS/a" }, 400],
    ["a foreign origin", { "X-Secret": restSecret, "X-Topic": "t", Origin: "http://elsewhere.example" }, 403],
  ])("refuses %s", async (_title, headers, status) => {
    const { received, post } = await open();
    const response = await post(headers as Record<string, string>);
    expect([response.status, received]).toEqual([status, []]);
    expect(await response.text()).not.toContain(restSecret);
  });

  test("refuses other methods, and a body beyond 4 MiB", async () => {
    const { post } = await open();
    const headers = { "X-Secret": restSecret, "X-Topic": "t" };
    expect((await post(headers, "", "GET")).status).toBe(405);
    expect((await post(headers, new Uint8Array(4 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await post(headers, new Uint8Array(4 * 1024 * 1024))).status).toBe(200);
  });

  test("is not there unless it was opened", async () => {
    const hub = await openHub();
    const response = await fetch(`${hub.pageUrl}rest`, { method: "POST", headers: { "X-Topic": "t" } });
    expect(response.status).toBe(405);
  });
});
