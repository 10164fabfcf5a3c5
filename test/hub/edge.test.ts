/** The limits at a running hub, where this machine's programs are given those of others. */
import { setTimeout as delay } from "node:timers/promises";
import { connectAsync } from "mqtt";
import { generate } from "mqtt-packet";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { EDGE_LIMITS, type EdgeLimitsOptions, type PeerLimits } from "../../host/hub/edge/edge-limits.ts";
import { openHub } from "../fixtures/hubs.ts";
import { connectPacket, PacketClient } from "../fixtures/packet-client.ts";
import { fixedHeader, RawPeer } from "../fixtures/raw-peer.ts";
import { until } from "../fixtures/waiting.ts";

function limited(limits: Partial<PeerLimits>): EdgeLimitsOptions {
  return { ...EDGE_LIMITS, loopback: { ...EDGE_LIMITS.loopback, ...limits } };
}

const THREE_A_MINUTE = { connectsMax: 3, windowMs: 60_000, flappingMs: 300_000 };

async function connack(port: number, clientId: string): Promise<number | undefined> {
  const client = new PacketClient(port);
  client.send(connectPacket(clientId));
  const { returnCode } = await client.next("connack");
  client.drop();
  return returnCode;
}

/** The hub learns a little later than the peer that a connection has ended. */
async function connackWhenThereIsRoom(port: number): Promise<number | undefined> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      return await connack(port, "newcomer");
    } catch {
      await delay(20);
    }
  }
  return undefined;
}

it("the hub refuses a client that connects again and again with return code 3, and names rule and remedy", async () => {
  const hub = await openHub({ limits: limited({ clientFlaps: THREE_A_MINUTE, refusesFlapping: true }) });
  const codes: (number | undefined)[] = [];
  for (let count = 0; count < 5; count++) codes.push(await connack(hub.port, "crash-loop"));
  expect(codes).toEqual([0, 0, 0, 3, 3]);
  expect(await connack(hub.port, "calm")).toBe(0);
  expect(hub.events.find(({ event }) => event === "refused")).toMatchObject({
    clientId: "crash-loop",
    rule: expect.stringContaining("more than 3 times in 60 s"),
    remedy: expect.stringContaining("crash"),
  });
});

it("the hub serves a crash loop of this machine, and warns of it once", async () => {
  const hub = await openHub();
  for (let count = 0; count < 20; count++) expect(await connack(hub.port, "crash-loop")).toBe(0);
  const warnings = hub.events.filter(({ event }) => event === "warned");
  expect(warnings).toEqual([expect.objectContaining({ clientId: "crash-loop", connection: "tcp" })]);
});

it("the hub closes connections beyond the limit of an address, over all networks, and accepts others when one ends", async () => {
  const hub = await openHub({ limits: limited({ connectionsMax: 2 }) });
  const first = await RawPeer.open(hub.port);
  const second = await RawPeer.open(hub.wsPort as number);
  const third = await RawPeer.open(hub.port);
  await until("the third to be closed", () => third.closedMs !== undefined);
  expect(first.isOpen && second.isOpen).toBe(true);
  const refusals = hub.events.filter(({ event }) => event === "refused");
  expect(refusals).toEqual([expect.objectContaining({ rule: expect.stringContaining("2 connections") })]);
  second.drop();
  await until("the hub to have seen the end", () => second.closedMs !== undefined);
  expect(await connackWhenThereIsRoom(hub.port)).toBe(0);
  first.drop();
});

it("the hub turns away an address that begins connections without end, over TCP and over WebSocket", async () => {
  const hub = await openHub({ limits: limited({ peerFlaps: THREE_A_MINUTE, refusesFlapping: true }) });
  for (let count = 0; count < 3; count++) expect(await connack(hub.port, `${count}`)).toBe(0);
  const late = await RawPeer.open(hub.port);
  const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}/mqtt`, "mqtt");
  let isClosed = false;
  socket.on("close", () => {
    isClosed = true;
  });
  await until("both to be closed", () => isClosed && late.closedMs !== undefined);
  expect(hub.events.filter(({ event }) => event === "refused")).toHaveLength(1);
});

it("the hub reads a fast client no faster than the limit, and loses nothing that it sends", async () => {
  const rate = { packetsPerSecond: 100, bytesPerSecond: 1_000_000 };
  const hub = await openHub({ limits: limited({ rate }) });
  const url = `mqtt://127.0.0.1:${hub.port}`;
  const subscriber = await connectAsync(url, { reconnectPeriod: 0 });
  let received = 0;
  subscriber.on("message", () => received++);
  await subscriber.subscribeAsync("fast");
  const publisher = await RawPeer.open(hub.port);
  const publish = generate({
    cmd: "publish",
    topic: "fast",
    payload: "x",
    qos: 0,
    retain: false,
    dup: false,
  });
  const startMs = performance.now();
  await publisher.write(generate(connectPacket("fast")));
  for (let count = 0; count < 40; count++) {
    await publisher.write(Buffer.concat(Array(10).fill(publish)));
    // So that they come in pieces: each is read at once, and paid for then.
    await delay(5);
  }
  await until("every message", () => received === 400);
  expect(performance.now() - startMs).toBeGreaterThan(1_500);
  expect(publisher.isOpen).toBe(true);
  publisher.drop();
  subscriber.end(true);
});

it("the hub counts the time to CONNECT from the accepted connection, also over WebSocket", async () => {
  const hub = await openHub();
  const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}/mqtt`, "mqtt");
  const startMs = performance.now();
  let closedMs = 0;
  socket.on("close", () => {
    closedMs = performance.now();
  });
  // A part of CONNECT changes nothing.
  socket.on("open", () => socket.send(fixedHeader(0x10, 1_000)));
  await until("the hub to close", () => closedMs > 0);
  expect(closedMs - startMs).toBeGreaterThan(4_900);
  // A machine that is busy is late.
  expect(closedMs - startMs).toBeLessThan(20_000);
});
