/** What the hub's page sees of the wires, and what its faults do to them: clients of other authors are on the other end. */
import { connect as connectTcp } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import { generate, type Packet, parser } from "mqtt-packet";
import { afterEach, describe, expect, it, test } from "vitest";
import type { Fault, FaultRequest, WireEvent, WireFrame } from "../../host/control/wire-events.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";

const clients: MqttClient[] = [];
const watches: AbortController[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
  for (const watch of watches.splice(0)) watch.abort();
});

function ask(hub: TestHub, name: string, argument: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(`${hub.pageUrl}control/${name}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${new URL(hub.pageLink).hash.slice("#token=".length)}` },
    body: JSON.stringify(argument),
    ...(signal && { signal }),
  });
}

async function addFault(hub: TestHub, fault: FaultRequest): Promise<Fault> {
  const answer = await ask(hub, "addFault", fault);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Fault;
}

/** What a watcher is told, as it comes. */
async function watch(hub: TestHub, argument: object = {}): Promise<WireEvent[]> {
  const ended = new AbortController();
  watches.push(ended);
  const events: WireEvent[] = [];
  const response = await ask(hub, "wire", argument, ended.signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const read = async (): Promise<void> => {
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      const lines = (rest + piece.value).split("\n");
      rest = lines.pop() ?? "";
      events.push(...lines.map((line) => JSON.parse(line) as WireEvent));
    }
  };
  read().catch(() => undefined);
  return events;
}

function framesOf(events: readonly WireEvent[]): WireFrame[] {
  return events.filter((event) => event.kind === "frame");
}

/** As another decoder reads a frame. */
function readFrame({ bytes }: WireFrame): Packet {
  let packet: Packet | undefined;
  const reader = parser({ protocolVersion: 4 });
  reader.on("packet", (found) => (packet = found));
  reader.parse(Buffer.from(bytes, "base64"));
  if (!packet) throw new Error(`no packet: ${bytes}`);
  return packet;
}

function told(events: readonly WireEvent[]): string[] {
  return framesOf(events).map(
    (frame) => `${frame.direction} ${readFrame(frame).cmd}${frame.fate === "passed" ? "" : ` ${frame.fate}`}`,
  );
}

async function open(hub: TestHub, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, {
    clientId: "pump",
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

describe("who watches the wires", () => {
  it("is told what went before, and then each frame as it comes, in bytes", async () => {
    const hub = await openHub({ control: {} });
    const client = await open(hub, { username: "u", password: "a-secret-of-the-pump" });
    const events = await watch(hub);
    await expect.poll(() => told(events)).toEqual(["in connect", "out connack"]);
    await client.subscribeAsync("a/#", { qos: 1 });
    await client.publishAsync("a/b", "12.5", { qos: 1 });
    await expect
      .poll(() => told(events))
      .toEqual([
        "in connect",
        "out connack",
        "in subscribe",
        "out suback",
        "in publish",
        "out publish",
        "out puback",
        "in puback",
      ]);
    const [connect, , , , publish] = framesOf(events).map(readFrame);
    expect(connect).toMatchObject({ cmd: "connect", clientId: "pump", username: "u" });
    expect(publish).toMatchObject({ topic: "a/b", payload: Buffer.from("12.5"), qos: 1 });
    expect(
      framesOf(events).every(({ clientId, connection }) => clientId === "pump" && connection === 1),
    ).toBe(true);
    const serials = events.flatMap((event) => (event.kind === "faults" ? [] : [event.serial]));
    expect(serials).toEqual([...serials].sort((one, other) => one - other));
  });

  it("never sees a password, of a good CONNECT or of one that nobody understands", async () => {
    const hub = await openHub({ control: {} });
    await open(hub, { username: "u", password: "a-secret-of-the-pump" });
    const broken = generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: "c",
      clean: true,
      keepalive: 60,
      username: "u",
      password: Buffer.from("another-secret"),
    });
    // The reserved flag [MQTT-3.1.2-3].
    broken[9] = (broken[9] as number) | 1;
    connectTcp(hub.port, "127.0.0.1")
      .on("error", () => undefined)
      .write(broken);
    const events = await watch(hub);
    await expect.poll(() => framesOf(events).map(({ fate }) => fate)).toContain("violation");
    const bytes = framesOf(events).map((frame) => Buffer.from(frame.bytes, "base64").toString("latin1"));
    expect(bytes.join()).not.toContain("secret");
    expect(bytes[0]?.endsWith(`u\u0000\u0014${"*".repeat(20)}`)).toBe(true);
    expect(JSON.stringify(events)).toContain("reserved flag");
  });

  it("is not told of the page's own connections", async () => {
    const hub = await openHub({ control: {} });
    const token = new URL(hub.pageLink).hash.slice("#token=".length);
    const events = await watch(hub);
    const page = await open(hub, { clientId: "page-1", username: "page", password: token });
    await page.subscribeAsync("#");
    const client = await open(hub);
    await client.publishAsync("a", "b", { qos: 1 });
    await expect.poll(() => told(events)).toEqual(["in connect", "out connack", "in publish", "out puback"]);
    expect(JSON.stringify(events)).not.toContain("page-1");
  });

  it("may look at one client alone", async () => {
    const hub = await openHub({ control: {} });
    const events = await watch(hub, { clientId: "fan" });
    const pump = await open(hub);
    await pump.publishAsync("a", "b", { qos: 1 });
    await open(hub, { clientId: "fan" });
    await expect.poll(() => told(events)).toEqual(["in connect", "out connack"]);
    expect(framesOf(events).map(({ clientId }) => clientId)).toEqual(["fan", "fan"]);
  });

  it("is told how many frames were too many, and the hub keeps but the last", async () => {
    const hub = await openHub({ control: {} });
    const live = await watch(hub);
    const client = await open(hub);
    for (let count = 0; count < 6_000; count++) client.publish("load", String(count));
    await client.publishAsync("load", "end", { qos: 1 });
    await expect.poll(() => hub.events.filter(({ event }) => event === "message").length).toBe(6_001);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await client.publishAsync("load", "later", { qos: 1 });
    await expect
      .poll(() => JSON.stringify(live))
      .toMatch(/\d+ frames are not shown, because there were too many/);
    const late = await watch(hub);
    await expect.poll(() => framesOf(late).length).toBeGreaterThan(1_900);
    expect(framesOf(late).length).toBeLessThanOrEqual(2_000);
  });
});

describe("a fault", () => {
  it("drops the next PUBLISH of a topic, and then no more", async () => {
    const hub = await openHub({ control: {} });
    const events = await watch(hub);
    const client = await open(hub);
    await addFault(hub, { action: "drop", direction: "in", packet: "publish", topicFilter: "a/#", times: 1 });
    client.publish("b", "untouched");
    client.publish("a/1", "lost");
    await client.publishAsync("a/1", "kept", { qos: 1 });
    const messages = hub.events.filter(({ event }) => event === "message").map(({ payload }) => payload);
    expect(messages).toEqual(["untouched", "kept"]);
    await expect.poll(() => told(events)).toContain("in publish dropped");
    expect(events.filter(({ kind }) => kind === "faults").at(-1)).toEqual({ kind: "faults", faults: [] });
  });

  it("doubles, and delays", async () => {
    const hub = await openHub({ control: {} });
    const client = await open(hub);
    const heard: string[] = [];
    client.on("message", (_topic, payload) => heard.push(payload.toString()));
    await client.subscribeAsync("a");
    await addFault(hub, { action: "double", direction: "out", packet: "publish", times: 1 });
    client.publish("a", "twice");
    await expect.poll(() => heard).toEqual(["twice", "twice"]);
    await addFault(hub, { action: "delay", direction: "in", packet: "publish", delayMs: 600, times: 1 });
    client.publish("a", "late");
    client.publish("a", "early");
    await expect.poll(() => heard).toEqual(["twice", "twice", "early", "late"]);
  });

  it("cuts a connection at a packet, and at once", async () => {
    const hub = await openHub({ control: {} });
    const first = await open(hub, { will: { topic: "w", payload: Buffer.from("gone") } });
    await addFault(hub, { action: "cut", direction: "in", packet: "publish", times: 1 });
    const closed = new Promise((resolve) => first.once("close", () => resolve(undefined)));
    first.publish("a", "b");
    await closed;
    expect(hub.events.at(-1)).toMatchObject({ event: "message", topic: "w", payload: "gone" });
    const second = await open(hub);
    const ended = new Promise((resolve) => second.once("close", () => resolve(undefined)));
    expect((await ask(hub, "cutConnection", { clientId: "pump" })).status).toBe(200);
    await ended;
  });

  it("refuses CONNECT by its return code, SUBSCRIBE by 0x80, and drops PUBLISH with an acknowledgement", async () => {
    const hub = await openHub({ control: {} });
    await addFault(hub, { action: "refuse", direction: "in", packet: "connect", returnCode: 5, times: 1 });
    await expect(open(hub)).rejects.toMatchObject({ code: 5 });
    const client = await open(hub);
    await addFault(hub, { action: "refuse", direction: "in", packet: "subscribe", times: 1 });
    await expect(client.subscribeAsync("a")).rejects.toThrow(/Unspecified error/);
    await addFault(hub, { action: "refuse", direction: "in", packet: "publish", times: 1 });
    await client.publishAsync("a", "b", { qos: 1 });
    await addFault(hub, { action: "refuse", direction: "in", packet: "publish", times: 1 });
    await client.publishAsync("a", "b", { qos: 2 });
    const denied = hub.events.filter(({ event }) => event === "denied");
    expect(denied.map(({ packet, rule }) => [packet, rule])).toEqual([
      ["subscribe", "an injected fault refuses it"],
      ["publish", "an injected fault refuses it"],
      ["publish", "an injected fault refuses it"],
    ]);
    expect(hub.events.filter(({ event }) => event === "message")).toEqual([]);
    await client.publishAsync("a", "c", { qos: 1 });
    expect(hub.events.at(-1)).toMatchObject({ event: "message", payload: "c" });
  });

  it("that refuses a message does not refuse the will that comes after it", async () => {
    const hub = await openHub({ control: {} });
    const client = await open(hub, { will: { topic: "w", payload: Buffer.from("gone") } });
    await addFault(hub, { action: "refuse", direction: "in", packet: "publish", times: 1 });
    await client.publishAsync("a", "b", { qos: 1 });
    client.stream.destroy();
    await expect
      .poll(() => hub.events.at(-1))
      .toMatchObject({ event: "message", topic: "w", payload: "gone" });
  });

  it("on topics is for the filters of SUBSCRIBE and UNSUBSCRIBE that it covers, and refuses no others", async () => {
    const hub = await openHub({ control: {} });
    const client = await open(hub);
    const subacks: unknown[] = [];
    client.on("packetreceive", (packet) => {
      if (packet.cmd === "suback") subacks.push(packet.granted);
    });
    const subscribe = (...filters: string[]) => new Promise((done) => client.subscribe(filters, done));
    await addFault(hub, { action: "refuse", direction: "in", topicFilter: "secret/#" });
    await subscribe("a", "secret/key", "#", "secret/+/x");
    await subscribe("b");
    expect(subacks).toEqual([[0, 0x80, 0, 0x80], [0]]);
    await addFault(hub, {
      action: "drop",
      direction: "in",
      packet: "unsubscribe",
      topicFilter: "a",
      times: 1,
    });
    client.unsubscribe("a");
    await client.unsubscribeAsync("#");
    const heard: string[] = [];
    client.on("message", (topic) => heard.push(topic));
    await client.publishAsync("c", "", { qos: 1 });
    await client.publishAsync("a", "", { qos: 1 });
    await expect.poll(() => heard).toEqual(["a"]);
  });

  it("silences a hub both ways but for the page, until it is taken away", async () => {
    const hub = await openHub({ control: {} });
    const token = new URL(hub.pageLink).hash.slice("#token=".length);
    const page = await open(hub, { clientId: "page-1", username: "page", password: token });
    const client = await open(hub);
    const { id } = await addFault(hub, { action: "drop", direction: "both" });
    let isAcknowledged = false;
    client.publish("a", "b", { qos: 1 }, () => (isAcknowledged = true));
    await page.publishAsync("from/page", "c", { qos: 1 });
    expect(isAcknowledged).toBe(false);
    expect(hub.events.filter(({ event }) => event === "message")).toHaveLength(1);
    expect((await ask(hub, "removeFault", { id })).status).toBe(200);
    await client.publishAsync("a", "d", { qos: 1 });
    expect(hub.events.at(-1)).toMatchObject({ payload: "d" });
  });

  it("is of one client, and counts what it struck", async () => {
    const hub = await openHub({ control: {} });
    const events = await watch(hub);
    const pump = await open(hub);
    const fan = await open(hub, { clientId: "fan" });
    await addFault(hub, { action: "drop", direction: "in", packet: "publish", clientId: "fan" });
    fan.publish("a", "lost");
    fan.publish("a", "lost too");
    await fan.subscribeAsync("x");
    await pump.publishAsync("a", "kept", { qos: 1 });
    expect(hub.events.filter(({ event }) => event === "message").map(({ payload }) => payload)).toEqual([
      "kept",
    ]);
    await expect
      .poll(() => events.filter((event) => event.kind === "faults").at(-1)?.faults)
      .toEqual([
        { action: "drop", direction: "in", packet: "publish", clientId: "fan", id: 1, appliedCount: 2 },
      ]);
  });

  test.each<[unknown, RegExp]>([
    [{ action: "explode", direction: "in" }, /action/],
    [{ action: "drop", direction: "in", packet: "connack" }, /a client never sends CONNACK/],
    [{ action: "drop", direction: "out", packet: "subscribe" }, /a hub never sends SUBSCRIBE/],
    [{ action: "refuse", direction: "both", packet: "puback" }, /only CONNECT, SUBSCRIBE and PUBLISH/],
    [{ action: "drop", direction: "in", packet: "puback", topicFilter: "a" }, /PUBACK has no topics/],
    [{ action: "drop", direction: "in", topicFilter: "a/#/b" }, /not a valid topic filter/],
    [{ action: "delay", direction: "in" }, /delayMs: the fault "delay" requires it/],
    [{ action: "drop", direction: "in", delayMs: 5 }, /delayMs: the fault "drop" has no such parameter/],
    [{ action: "delay", direction: "in", delayMs: 0 }, /delayMs: it is 0, .* from 1 to 600000/],
    [{ action: "delay", direction: "in", delayMs: 0.5 }, /delayMs/],
    [{ action: "refuse", direction: "in", returnCode: 6 }, /returnCode: it is 6, .* from 1 to 5/],
    [{ action: "drop", direction: "in", times: 0 }, /times/],
    [null, /argument/],
  ])("that cannot be, %j, is refused with the reason", async (fault, message) => {
    const hub = await openHub({ control: {} });
    const answer = await ask(hub, "addFault", fault);
    const { problems } = (await answer.json()) as { problems: { code: string; message: string }[] };
    expect([answer.status, problems[0]?.code]).toEqual([422, "MK1460"]);
    expect(problems[0]?.message).toMatch(message);
  });

  it("is one of fifty at most", async () => {
    const hub = await openHub({ control: {} });
    for (let count = 0; count < 50; count++) await addFault(hub, { action: "drop", direction: "in" });
    const answer = await ask(hub, "addFault", { action: "drop", direction: "in" });
    expect(await answer.text()).toContain("MK1461");
  });
});
