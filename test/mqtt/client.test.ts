import type { Packet } from "mqtt-packet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectFields } from "../../firmware/mqtt/connect.ts";
import type { ClientHandlers } from "../../firmware/mqtt/link.ts";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

const KEEP_ALIVE_SECONDS = 60;
const OUTBOX_SIZE_BYTES_MAX = 160;
const PACKET_SIZE_BYTES_MAX = 1000;
const ACCEPTED: Packet = { cmd: "connack", returnCode: 0, sessionPresent: false };

type WholeClient = typeof import("../fixtures/whole-client.ts");

interface Scene {
  hub: ScriptedHub;
  client: WholeClient;
  connect: () => void;
  events: string[];
  messages: string[];
}

/** Fresh for each test: the client keeps its state in its modules, as a device does. */
let client: WholeClient;

function createScene(options: Partial<ClientHandlers & ConnectFields> = {}): Scene {
  const hub = new ScriptedHub();
  const events: string[] = [];
  const messages: string[] = [];
  const fields = {
    clientId: "dev",
    keepAliveSeconds: KEEP_ALIVE_SECONDS,
    cleanSession: true,
    ...options,
  };
  const handlers = {
    onUp: () => events.push("up"),
    onDown: (reason: string, returnCode: number) => events.push(`down ${reason} ${returnCode}`),
    onMessage: (_topicName: string, payload: string) => messages.push(payload),
    onProblem: (problem: string, topic: string) => events.push(`${problem}: ${topic}`),
    onSetAside: (topic: string) => events.push(`set-aside: ${topic}`),
    ...options,
  };
  return { hub, client, connect: () => client.connect(hub.transport, fields, handlers), events, messages };
}

/** A scene whose client the hub has accepted. */
function createConnectedScene(options: Partial<ClientHandlers & ConnectFields> = {}): Scene {
  const scene = createScene(options);
  reconnect(scene);
  return scene;
}

function reconnect({ connect, hub }: Scene, connack = ACCEPTED): void {
  connect();
  hub.send(connack);
}

beforeEach(async () => {
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  client.setLimits(OUTBOX_SIZE_BYTES_MAX, PACKET_SIZE_BYTES_MAX);
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  vi.useRealTimers();
});

describe("a client that connects", () => {
  it("sends CONNECT first [MQTT-3.1.0-1] and is up once CONNACK accepts", () => {
    const { connect, hub, events } = createScene();
    connect();
    vi.advanceTimersByTime(1);
    expect(hub.received.map((packet) => packet.cmd)).toEqual(["connect"]);
    expect(events).toEqual([]);
    hub.send(ACCEPTED);
    expect(events).toEqual(["up"]);
  });

  it("reports a CONNACK that refuses with its return code", () => {
    const { connect, hub, events } = createScene();
    connect();
    vi.advanceTimersByTime(1);
    hub.send({ cmd: "connack", returnCode: 5, sessionPresent: false });
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["down connack 5 5"]);
  });

  it("gives up on a hub that never answers", () => {
    const { connect, events } = createScene();
    connect();
    vi.advanceTimersByTime(19_999);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["down no-connack 0"]);
  });

  it("treats a connection that throws like one that ended", () => {
    const { connect, hub, events } = createScene();
    hub.refusal = new Error("Connection refused");
    connect();
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["down socket: Error: Connection refused 0"]);
    hub.refusal = undefined;
    connect();
    vi.advanceTimersByTime(1);
    expect(hub.of("connect")).toHaveLength(1);
  });

  it("opens one connection, however often it is asked to", () => {
    const { connect, hub } = createConnectedScene();
    connect();
    connect();
    expect(hub.connections).toBe(1);
  });

  it("sends DISCONNECT when asked to, and reports the end once", () => {
    const { client, hub, events } = createConnectedScene();
    client.disconnect("network-lost");
    vi.advanceTimersByTime(5000);
    expect(hub.of("disconnect")).toHaveLength(1);
    expect(events).toEqual(["up", "down network-lost 0"]);
  });
});

describe("a hub that breaks the protocol", () => {
  const violations: [string, Packet, string][] = [
    ["a second CONNACK", ACCEPTED, "packet 20"],
    // Longer than any answer to the client, so that its end is not waited for.
    ["SUBSCRIBE", { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a", qos: 0 }] }, "length"],
    [
      "PUBLISH of QoS 2, which nobody subscribed to",
      { cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 1, retain: false, dup: false },
      "packet 34",
    ],
  ];
  it.each(violations)("is left at %s", (_title, packet, malformed) => {
    const { hub, events } = createConnectedScene();
    hub.send(packet);
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["up", `down malformed: ${malformed} 0`]);
  });

  it("is left at any packet before CONNACK [MQTT-3.2.0-1]", () => {
    const { connect, hub, events } = createScene();
    connect();
    vi.advanceTimersByTime(1);
    hub.send({ cmd: "pingresp" });
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["down malformed: packet d0 0"]);
  });

  it("leaves no byte of a cut packet for the next connection", () => {
    const scene = createConnectedScene();
    scene.hub.sendBytes("\x30\x20\x00\x01t");
    scene.hub.close();
    reconnect(scene);
    scene.hub.send({ cmd: "publish", topic: "t", payload: "whole", qos: 0, retain: false, dup: false });
    expect(scene.messages).toEqual(["whole"]);
  });
});

describe("the client's keep alive", () => {
  it("pings, and stays while PINGRESP comes", () => {
    const { hub, events } = createConnectedScene();
    for (let ping = 1; ping <= 5; ping++) {
      vi.advanceTimersByTime(42_000);
      expect(hub.of("pingreq")).toHaveLength(ping);
      hub.send({ cmd: "pingresp" });
    }
    expect(events).toEqual(["up"]);
  });

  it("notices a silent hub within 1.5 keep alive periods, even one that goes on publishing", () => {
    const { hub, events } = createConnectedScene();
    for (let second = 0; second < 1.5 * KEEP_ALIVE_SECONDS && events.length < 2; second++) {
      vi.advanceTimersByTime(1000);
      hub.send({ cmd: "publish", topic: "t", payload: "x", qos: 0, retain: false, dup: false });
    }
    expect(events).toEqual(["up", "down no-pingresp 0"]);
  });
});

describe("a client that publishes", () => {
  it("refuses QoS 0 without a connection and sends it with one", () => {
    const scene = createScene();
    expect(scene.client.publish("t", "x", 0, false)).toBe(false);
    reconnect(scene);
    expect(scene.client.publish("t", "x", 0, true)).toBe(true);
    expect(scene.hub.of("publish")).toMatchObject([{ topic: "t", qos: 0, retain: true, dup: false }]);
  });

  it("keeps QoS 1 until PUBACK and sends it again, in order, marked DUP only if it was sent before", () => {
    const scene = createConnectedScene();
    const acknowledged: string[] = [];
    for (const name of ["a", "b"]) scene.client.publish(name, "x", 1, false, () => acknowledged.push(name));
    scene.hub.send({ cmd: "puback", messageId: 1 });
    scene.hub.close();
    scene.client.publish("c", "x", 1, false, () => acknowledged.push("c"));
    reconnect(scene);
    expect(scene.hub.of("publish").map(({ topic, dup, messageId }) => [topic, dup, messageId])).toEqual([
      ["b", true, 2],
      ["c", false, 3],
    ]);
    scene.hub.send({ cmd: "puback", messageId: 2 }, { cmd: "puback", messageId: 3 });
    expect(acknowledged).toEqual(["a", "b", "c"]);
    scene.hub.close();
    reconnect(scene);
    expect(scene.hub.of("publish")).toEqual([]);
  });

  it("refuses what the outbox has no space for, and takes more after a PUBACK", () => {
    const { client, hub } = createConnectedScene();
    const publish = () => client.publish("t", "x".repeat(40), 1, false);
    expect([publish(), publish(), publish()]).toEqual([true, true, false]);
    hub.send({ cmd: "puback", messageId: 1 });
    expect(publish()).toBe(true);
  });

  it("refuses QoS 0 while the socket's backlog is full, until it drains", () => {
    const { client, hub } = createConnectedScene();
    hub.drain();
    const publish = () => client.publish("t", "x".repeat(70), 0, false);
    expect([publish(), publish(), publish()]).toEqual([true, true, false]);
    hub.drain();
    expect(publish()).toBe(true);
  });

  it("never gives a packet identifier that is in flight, over more than 65,535 messages", () => {
    const { client, hub } = createConnectedScene();
    client.setLimits(1e9, 1000);
    client.publish("first", "", 1, false);
    for (let count = 0; count < 65_540; count++) {
      client.publish("t", "", 1, false);
      const sent = hub.of("publish").at(-1);
      expect(sent?.messageId).not.toBe(1);
      hub.received = [];
      hub.send({ cmd: "puback", messageId: sent?.messageId ?? 0 });
    }
  });
});

describe("a client that subscribes", () => {
  it("subscribes at once, again on each connection, and no more after unsubscribe", () => {
    const scene = createScene();
    scene.client.subscribe("a/#", 1);
    scene.client.subscribe("b", 0);
    reconnect(scene);
    const subscriptions = () => scene.hub.of("subscribe").flatMap((packet) => packet.subscriptions);
    expect(subscriptions()).toMatchObject([
      { topic: "a/#", qos: 1 },
      { topic: "b", qos: 0 },
    ]);
    scene.client.unsubscribe("b");
    expect(scene.hub.of("unsubscribe")).toMatchObject([{ unsubscriptions: ["b"] }]);
    scene.hub.close();
    reconnect(scene);
    expect(subscriptions()).toMatchObject([{ topic: "a/#", qos: 1 }]);
  });

  it("reports a refused subscription [MQTT-3.9.3-2]", () => {
    const { client, hub, events } = createConnectedScene();
    client.subscribe("forbidden", 1);
    hub.send({ cmd: "suback", messageId: hub.of("subscribe")[0]?.messageId ?? 0, granted: [128] });
    expect(events).toEqual(["up", "subscription-refused: forbidden"]);
  });
});

describe("messages from the hub", () => {
  it("are delivered, and acknowledged at QoS 1 after the app had them", () => {
    const acknowledgedBefore: number[] = [];
    const scene = createConnectedScene({
      onMessage: () => acknowledgedBefore.push(scene.hub.of("puback").length),
    });
    scene.hub.send(
      { cmd: "publish", topic: "t", payload: "1", qos: 1, messageId: 7, retain: false, dup: false },
      { cmd: "publish", topic: "t", payload: "0", qos: 0, retain: false, dup: false },
    );
    expect(acknowledgedBefore).toEqual([0, 1]);
    expect(scene.hub.of("puback")).toMatchObject([{ messageId: 7 }]);
  });

  it("are still delivered after a handler throws, and its exception is reported", () => {
    const delivered: string[] = [];
    const { hub } = createConnectedScene({
      onMessage: (_topicName, payload) => {
        delivered.push(payload);
        throw new Error("the app's fault");
      },
    });
    const publish = (payload: string): Packet => ({
      cmd: "publish",
      topic: "t",
      payload,
      qos: 0,
      retain: false,
      dup: false,
    });
    expect(() => hub.send(publish("1"), publish("2"))).toThrow("the app's fault");
    expect(() => vi.advanceTimersByTime(1)).toThrow("the app's fault");
    expect(delivered).toEqual(["1", "2"]);
  });
});
