/** A page whose hub ends connections. It waits longer each time, and finds the subscription that is the cause. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { ClientPacket } from "../../../host/mqtt/packets.ts";
import { HubConnection } from "../../../host/page/connection/hub-connection.ts";
import { openHub } from "../../fixtures/hubs.ts";
import { stubWebSockets, type VirtualSocket } from "../../fixtures/virtual-web-sockets.ts";

const SETTINGS = {
  name: "hub",
  url: "ws://hub/mqtt",
  clientId: "c",
  cleanSession: true,
  keepAliveSeconds: 0,
};
const BAD_FILTER = Array(201).fill("a").join("/");

let connections: HubConnection[] = [];
afterEach(() => {
  for (const connection of connections) connection.close();
  connections = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function openConnection(url = SETTINGS.url, keepAliveSeconds = 0): HubConnection {
  const connection = new HubConnection(1, { ...SETTINGS, url, keepAliveSeconds }, () => undefined);
  connections.push(connection);
  return connection;
}

function statesOf({ model }: HubConnection): Record<string, string> {
  return Object.fromEntries(model.subscriptions.all.map(({ topicFilter, state }) => [topicFilter, state]));
}

describe("a hub that ends connections", () => {
  /** The time of each CONNECT, in seconds. */
  let connects: number[];
  let seen: string[];
  /** The hub's reaction to a packet other than CONNECT. */
  let onPacket: (packet: ClientPacket, socket: VirtualSocket) => void;
  /** The duration of a connection, or undefined if only `onPacket` ends it. */
  let lastsMs: (connection: number) => number | undefined;

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    // 0 gives the longest wait.
    vi.spyOn(Math, "random").mockReturnValue(0);
    connects = [];
    seen = [];
    onPacket = grant;
    lastsMs = () => undefined;
    stubWebSockets((packet, socket) => {
      if (packet.type !== "connect") {
        seen.push(packet.type);
        onPacket(packet, socket);
        return;
      }
      connects.push(Math.round(Date.now() / 1000));
      socket.send({ type: "connack", sessionPresent: false, returnCode: 0 });
      const lifeMs = lastsMs(connects.length);
      if (lifeMs !== undefined) setTimeout(() => socket.end(), lifeMs);
    });
  });

  function grant(packet: ClientPacket, socket: VirtualSocket): void {
    if (packet.type !== "subscribe") return;
    const { packetIdentifier, subscriptions } = packet;
    socket.send({ type: "suback", packetIdentifier, returnCodes: subscriptions.map(({ qos }) => qos) });
  }

  /** Like `grant`, but ends the connection for one topic filter as long as `isBad` returns true. */
  function endFor(topicFilter: string, isBad = () => true): typeof onPacket {
    return (packet, socket) => {
      const isFor =
        packet.type === "subscribe" && packet.subscriptions.some((each) => each.topicFilter === topicFilter);
      if (isFor && isBad()) socket.end();
      else grant(packet, socket);
    };
  }

  it("the page waits longer each time if connections do not last", async () => {
    lastsMs = () => 1;
    openConnection().open();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(connects).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  });

  it("a connection of 10 s that is longer than the wait before it resets the wait", async () => {
    lastsMs = (connection) => [1, 1, 11_000, 1, 1, 1, 1, 9_000, 29_000, 31_000, 1][connection - 1];
    openConnection().open();
    await vi.advanceTimersByTimeAsync(200_000);
    const waits = connects.slice(1).map((at, index) => {
      const lasted = [0, 0, 11, 0, 0, 0, 0, 9, 29, 31, 0][index] ?? 0;
      return Math.round(at - (connects[index] as number) - lasted);
    });
    expect(waits.slice(0, 11)).toEqual([1, 2, 1, 2, 4, 8, 16, 30, 30, 1, 2]);
  });

  it("the page finds the subscription for which the hub ends connections, and continues without it", async () => {
    onPacket = endFor("bad");
    const connection = openConnection();
    const reasons: string[] = [];
    for (const filter of ["a/#", "bad", "b"]) connection.subscribe(filter, 1);
    connection.open();
    for (let step = 0; step < 600; step++) {
      await vi.advanceTimersByTimeAsync(100);
      const { link } = connection.model;
      if (link.state === "waiting" && reasons.at(-1) !== link.reason) reasons.push(link.reason);
    }
    expect(statesOf(connection)).toEqual({ "a/#": "granted", bad: "ended", b: "granted" });
    // Once together, then alone, and alone again, because one end may be a coincidence.
    expect(connects).toEqual([0, 1, 3, 7]);
    expect(reasons[0]).toContain("The hub had not answered the subscription to");
    expect(reasons.at(-1)).toBe(
      "The hub closed the connection. The hub had not answered the subscription to bad.",
    );
    expect(connection.model.link).toMatchObject({ state: "connected" });
  });

  it("a single end is a coincidence if the hub answers the next time", async () => {
    onPacket = endFor("good", () => connects.length === 1);
    const connection = openConnection();
    connection.subscribe("good", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(statesOf(connection)).toEqual({ good: "granted" });
    expect(connects).toEqual([0, 1]);
  });

  it("the page does not request an ended subscription until the user subscribes again", async () => {
    let isBad = true;
    onPacket = endFor("bad", () => isBad);
    const connection = openConnection();
    connection.subscribe("bad", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(30_000);
    expect([statesOf(connection), connects]).toEqual([{ bad: "ended" }, [0, 1, 3]]);
    isBad = false;
    connection.subscribe("bad", 0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(statesOf(connection)).toEqual({ bad: "granted" });
  });

  it("removing an ended subscription sends no UNSUBSCRIBE, which could end the connection too", async () => {
    onPacket = endFor("bad");
    const connection = openConnection();
    connection.subscribe("bad", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(30_000);
    connection.unsubscribe("bad");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([statesOf(connection), seen.includes("unsubscribe")]).toEqual([{}, false]);
  });

  it("no subscription is suspected if the page ended the connection to a silent hub", async () => {
    let isSilent = true;
    onPacket = (packet, socket) => {
      if (isSilent) return;
      if (packet.type === "pingreq") socket.send({ type: "pingresp" });
      else grant(packet, socket);
    };
    const connection = openConnection(SETTINGS.url, 1);
    connection.subscribe("#", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(connects.length).toBeGreaterThan(2);
    isSilent = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(statesOf(connection)).toEqual({ "#": "granted" });
    expect(connection.model.link).toMatchObject({ state: "connected" });
  });

  it("removing an unanswered subscription ends the suspicion", async () => {
    // The hub answers nothing, so if subscriptions were sent one by one, only the first would be sent.
    const asked: string[] = [];
    onPacket = (packet) => {
      if (packet.type === "subscribe")
        asked.push(...packet.subscriptions.map(({ topicFilter }) => topicFilter));
    };
    lastsMs = (connection) => (connection === 1 ? 1_000 : undefined);
    const connection = openConnection();
    connection.subscribe("gone", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(100);
    connection.unsubscribe("gone");
    for (const filter of ["a", "b", "c"]) connection.model.subscribe(filter, 0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toEqual(["gone", "a", "b", "c"]);
  });

  it("removing a subscription that waits for its answer sends UNSUBSCRIBE", async () => {
    onPacket = () => undefined;
    const connection = openConnection();
    connection.subscribe("slow", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(100);
    connection.unsubscribe("slow");
    await vi.advanceTimersByTimeAsync(100);
    expect([statesOf(connection), seen]).toEqual([{}, ["subscribe", "unsubscribe"]]);
  });

  it("a SUBACK with 0x80 marks the subscription as refused, and the connection stays", async () => {
    onPacket = ({ type, ...packet }, socket) => {
      if (type !== "subscribe" || !("packetIdentifier" in packet)) return;
      socket.send({ type: "suback", packetIdentifier: packet.packetIdentifier, returnCodes: [0x80] });
    };
    const connection = openConnection();
    connection.subscribe("secret", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(30_000);
    expect([statesOf(connection), connects]).toEqual([{ secret: "refused" }, [0]]);
  });
});

it("the page finds the topic filter that the local hub does not accept, and stays connected", {
  timeout: 30_000,
}, async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  const hub = await openHub();
  const connection = openConnection(`ws://127.0.0.1:${hub.wsPort}/mqtt`);
  // The form of the page would refuse this topic filter.
  for (const filter of ["a/#", BAD_FILTER, "b"]) connection.subscribe(filter, 1);
  connection.open();
  await expect
    .poll(() => statesOf(connection), { timeout: 20_000 })
    .toEqual({ "a/#": "granted", [BAD_FILTER]: "ended", b: "granted" });
  expect(connection.model.link).toMatchObject({ state: "connected" });
  expect(hub.events.filter(({ event }) => event === "connected")).toHaveLength(4);
  const ends = hub.events.filter(({ event }) => event === "disconnected").map(({ reason }) => reason);
  expect(ends).toHaveLength(3);
  expect(ends.every((reason) => String(reason).includes("SUBSCRIBE: a topic has more than 200 levels"))).toBe(
    true,
  );
});
