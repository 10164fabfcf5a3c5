/** The client against hubs that others wrote, in Node and on real Espruino; MQTT.js is the other client. */
import { connectAsync, type IPublishPacket, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectFields } from "../../firmware/mqtt/connect.ts";
import { startHub } from "../../host/hub/hub.ts";
import {
  buildClientDriver,
  CLIENT_ENGINES,
  DrivenClient,
  hasClientEngine,
} from "../fixtures/driven-client.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { startRabbitMq } from "../fixtures/rabbitmq.ts";

type Qos = 0 | 1 | 2;

interface HubUnderTest {
  readonly name: string;
  readonly program?: string;
  start(): Promise<{ readonly port: number; close(): Promise<void> }>;
  /** The highest QoS that it delivers. */
  readonly qosMax: Qos;
}

const QOS_LEVELS: readonly Qos[] = [0, 1, 2];
const START_MS_MAX = 120_000;
const WAIT_MS_MAX = 45_000;
const POLL_MS = 5;
/** Long enough for a message that must not come. */
const SILENCE_MS = 300;
/** More than any of the hubs sends without an acknowledgement by default. */
const BACKLOG = 60;
/** The client's limit of a packet is 4,096 bytes. */
const LARGE_BYTES = 4000;

const HUBS: readonly HubUnderTest[] = [
  { name: "Mosquitto", program: "mosquitto", start: () => startMosquitto(), qosMax: 2 },
  {
    name: "aedes",
    start: () => startHub({ host: "127.0.0.1", port: 0, wsPort: 0 }),
    qosMax: 2,
  },
  // Its 3.10 takes and gives QoS 2 as QoS 1.
  { name: "RabbitMQ", program: "rabbitmq-server", start: () => startRabbitMq(), qosMax: 1 },
];

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");

let app: Uint8Array;
beforeAll(async () => {
  app = await buildClientDriver();
});

describe.each(HUBS)("the client with $name", ({ program, start, qosMax }) => {
  describe.skipIf(program !== undefined && !hasProgram(program))("that runs", () => {
    let hub: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      hub = await start();
    }, START_MS_MAX);
    afterAll(() => hub?.close());

    describe.each(CLIENT_ENGINES)("on the engine %s", (engine) => {
      describe.skipIf(!hasClientEngine(engine))("that is there", () => suite(engine, () => hub.port, qosMax));
    });
  });
});

function suite(engine: (typeof CLIENT_ENGINES)[number], port: () => number, qosMax: Qos): void {
  let client: DrivenClient;
  let observer: MqttClient;
  let received: (IPublishPacket & { payload: Buffer })[];
  let id: string;
  let count = 0;

  beforeAll(async () => {
    client = await DrivenClient.start(engine, app);
  });
  afterAll(() => client.stop());

  beforeEach(async () => {
    id = `${engine}-${++count}`;
    await client.restart();
    received = [];
    observer = await connectAsync(`mqtt://127.0.0.1:${port()}`, { reconnectPeriod: 0 });
    observer.on("message", (_topic, _payload, packet) => received.push(packet as (typeof received)[number]));
  });
  afterEach(async () => {
    await client.drop();
    await observer.endAsync(true);
  });

  const waitFor = (probe: () => Promise<void> | void) =>
    vi.waitFor(probe, { timeout: WAIT_MS_MAX, interval: POLL_MS });
  const untilEvent = (event: string, who = client) =>
    waitFor(async () => expect(await who.update()).toContain(event));
  const untilReceived = (expected: number) => waitFor(() => expect(received).toHaveLength(expected));

  async function connect(fields: Partial<ConnectFields> = {}, who = client): Promise<void> {
    const before = (await who.update()).length;
    await who.connectTo(port(), { clientId: id, keepAliveSeconds: 60, cleanSession: true, ...fields });
    await waitFor(async () => expect((await who.update())[before]).toMatch(/^up/));
  }

  const untilAcknowledged = () => waitFor(async () => expect(await client.isOutboxEmpty()).toBe(true));

  async function subscribe(topicFilter: string, qos: Qos): Promise<void> {
    await client.subscribe(topicFilter, qos);
    await untilAcknowledged();
  }

  it.each(QOS_LEVELS)("publishes at QoS %i", async (qos) => {
    await observer.subscribeAsync(id, { qos: 2 });
    await connect();
    expect(await client.publish(id, ALL_BYTES, qos, { name: "all" })).toBe(true);
    await untilReceived(1);
    expect(received[0]).toMatchObject({ topic: id, qos: Math.min(qos, qosMax), retain: false });
    expect(received[0]?.payload.toString("latin1")).toBe(ALL_BYTES);
    if (qos > 0) await untilEvent("acknowledged all false");
  });

  it.each(QOS_LEVELS)("gets messages of each QoS by a subscription of QoS %i", async (qos) => {
    await connect();
    await subscribe(id, qos);
    for (const published of QOS_LEVELS) {
      await observer.publishAsync(id, Buffer.from(`${published}${ALL_BYTES}`, "latin1"), { qos: published });
    }
    for (const published of QOS_LEVELS) {
      await untilEvent(`message ${id} ${published}${ALL_BYTES} ${Math.min(published, qos, qosMax)} false`);
    }
    await client.unsubscribe(id);
    await untilAcknowledged();
    await observer.publishAsync(id, "late", { qos: 1 });
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    expect((await client.update()).filter((event) => event.includes("late"))).toEqual([]);
  });

  it("gets a payload of many segments", async () => {
    await connect();
    await subscribe(id, 1);
    const payload = ALL_BYTES.repeat(16).slice(0, LARGE_BYTES);
    await observer.publishAsync(id, Buffer.from(payload, "latin1"), { qos: 1 });
    await untilEvent(`message ${id} ${payload} 1 false`);
  });

  it("leaves its will when it is cut off, and none when it disconnects", async () => {
    await observer.subscribeAsync(id, { qos: 2 });
    const will = { topicName: id, payload: "gone", qos: 1, retain: false } as const;
    await connect({ will });
    await client.disconnect();
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    expect(received).toEqual([]);
    await connect({ will });
    await client.drop();
    await untilReceived(1);
    expect(received[0]).toMatchObject({ topic: id, qos: 1, retain: false });
    expect(String(received[0]?.payload)).toBe("gone");
  });

  it("publishes and gets retained messages", async () => {
    await connect();
    await client.publish(`${id}/state`, "kept", 1, { retain: true, name: "kept" });
    await untilEvent("acknowledged kept false");
    await waitFor(async () => {
      await observer.subscribeAsync(`${id}/state`, { qos: 1 });
      expect(received.at(-1)).toMatchObject({ topic: `${id}/state`, retain: true });
    });
    await client.subscribe(`${id}/state`, 1);
    await untilEvent(`message ${id}/state kept 1 true`);
    await client.publish(`${id}/state`, "", 1, { retain: true });
  });

  it("resumes its session, and receives in order what was sent while it was disconnected", async () => {
    await connect({ cleanSession: false });
    await subscribe(id, 2);
    await client.disconnect();
    const expected: string[] = [];
    for (let number = 0; number < BACKLOG; number++) {
      const qos = number % 2 ? 1 : 2;
      await observer.publishAsync(id, `${number}`, { qos });
      expected.push(`message ${id} ${number} ${Math.min(qos, qosMax)} false`);
    }
    const before = (await client.update()).length;
    await connect({ cleanSession: false });
    await waitFor(async () =>
      expect(
        (await client.update()).filter((event) => event.startsWith("message")).length,
      ).toBeGreaterThanOrEqual(BACKLOG),
    );
    expect(client.events.slice(before)).toEqual(["up true 0", ...expected]);
    await client.disconnect();
    await connect();
    expect(client.events.slice(-2)).toEqual(["down asked to 0", "up false 0"]);
  });

  it("loses its connection to a second client of its identifier", async () => {
    const second = await DrivenClient.start(engine, app);
    try {
      await connect();
      await connect({}, second);
      await untilEvent("down closed 0");
      await second.publish(id, "", 1, { name: "second" });
      await untilEvent("acknowledged second false", second);
    } finally {
      await second.stop();
    }
  });
}
