/** A page whose hub ends its connections: it waits longer each time, and finds the subscription that is to blame. */
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

describe("in virtual time", () => {
  /** When each CONNECT came, in seconds. */
  let connects: number[];
  let seen: string[];
  /** What the hub does with a packet but CONNECT. */
  let meet: (packet: ClientPacket, socket: VirtualSocket) => void;
  /** How long a connection lasts; undefined: until `meet` ends it. */
  let lastsMs: (connection: number) => number | undefined;

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    // The longest wait below each ceiling.
    vi.spyOn(Math, "random").mockReturnValue(0);
    connects = [];
    seen = [];
    meet = grant;
    lastsMs = () => undefined;
    stubWebSockets((packet, socket) => {
      if (packet.type !== "connect") {
        seen.push(packet.type);
        meet(packet, socket);
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

  /** As `grant`, but that it ends the connection for one topic filter, as long as `isBad` says so. */
  function endFor(topicFilter: string, isBad = () => true): typeof meet {
    return (packet, socket) => {
      const isFor =
        packet.type === "subscribe" && packet.subscriptions.some((each) => each.topicFilter === topicFilter);
      if (isFor && isBad()) socket.end();
      else grant(packet, socket);
    };
  }

  it("waits longer each time where connections are accepted and do not last", async () => {
    lastsMs = () => 1;
    openConnection().open();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(connects).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  });

  it("begins anew where one has lasted for 10 s, and longer than the wait before it", async () => {
    lastsMs = (connection) => [1, 1, 11_000, 1, 1, 1, 1, 9_000, 29_000, 31_000, 1][connection - 1];
    openConnection().open();
    await vi.advanceTimersByTimeAsync(200_000);
    const waits = connects.slice(1).map((at, index) => {
      const lasted = [0, 0, 11, 0, 0, 0, 0, 9, 29, 31, 0][index] ?? 0;
      return Math.round(at - (connects[index] as number) - lasted);
    });
    expect(waits.slice(0, 11)).toEqual([1, 2, 1, 2, 4, 8, 16, 30, 30, 1, 2]);
  });

  it("names the one of several subscriptions for which the hub ends connections, and goes on without it", async () => {
    meet = endFor("bad");
    const connection = openConnection();
    const whys: string[] = [];
    for (const filter of ["a/#", "bad", "b"]) connection.subscribe(filter, 1);
    connection.open();
    for (let step = 0; step < 600; step++) {
      await vi.advanceTimersByTimeAsync(100);
      const { link } = connection.model;
      if (link.state === "waiting" && whys.at(-1) !== link.why) whys.push(link.why);
    }
    expect(statesOf(connection)).toEqual({ "a/#": "granted", bad: "ended", b: "granted" });
    // Once together, then alone, and alone again, for once may be chance.
    expect(connects).toEqual([0, 1, 3, 7]);
    expect(whys[0]).toContain("It had not answered the subscription to");
    expect(whys.at(-1)).toBe("The hub ended the connection. It had not answered the subscription to bad.");
    expect(connection.model.link).toMatchObject({ state: "connected" });
  });

  it("takes an end for chance where the hub answers the next time", async () => {
    meet = endFor("good", () => connects.length === 1);
    const connection = openConnection();
    connection.subscribe("good", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(statesOf(connection)).toEqual({ good: "granted" });
    expect(connects).toEqual([0, 1]);
  });

  it("asks no more for what the hub ended connections for, until a person subscribes again", async () => {
    let isBad = true;
    meet = endFor("bad", () => isBad);
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

  it("unsubscribes in silence from what the hub ended connections for: it would end this one too", async () => {
    meet = endFor("bad");
    const connection = openConnection();
    connection.subscribe("bad", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(30_000);
    connection.unsubscribe("bad");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([statesOf(connection), seen.includes("unsubscribe")]).toEqual([{}, false]);
  });

  it("blames no subscription where the page itself ended the connection: a hub that fell silent", async () => {
    let isSilent = true;
    meet = (packet, socket) => {
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

  it("suspects nothing any more once the filter that was not answered is not wanted", async () => {
    // The hub answers nothing: if it is asked one by one, it is asked for the first filter alone.
    const asked: string[] = [];
    meet = (packet) => {
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

  it("forgets a filter whose answer is still to come, and tells the hub", async () => {
    meet = () => undefined;
    const connection = openConnection();
    connection.subscribe("slow", 0);
    connection.open();
    await vi.advanceTimersByTimeAsync(100);
    connection.unsubscribe("slow");
    await vi.advanceTimersByTimeAsync(100);
    expect([statesOf(connection), seen]).toEqual([{}, ["subscribe", "unsubscribe"]]);
  });

  it("shows a SUBACK that refuses, and keeps the connection", async () => {
    meet = ({ type, ...packet }, socket) => {
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

it("at a real hub it finds the topic filter that the hub does not take, and stays connected", {
  timeout: 30_000,
}, async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  const hub = await openHub();
  const connection = openConnection(`ws://127.0.0.1:${hub.wsPort}/mqtt`);
  // The form would not let it pass.
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
