/**
 * One session of messages both ways, once for each byte at which its connection is cut, on real Espruino over TCP: one
 * process runs for all cuts. The oracle reads every byte with mqtt-packet.
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamDirection } from "../../host/simulator/world/virtual-network.ts";
import { ProtocolOracle } from "../../host/testing/protocol-oracle.ts";
import { type Cut, type CuttingProxy, startCuttingProxy } from "../fixtures/cutting-proxy.ts";
import { buildClientDriver, DrivenClient } from "../fixtures/driven-client.ts";
import { effort } from "../fixtures/effort.ts";
import { type MockHubServer, serveMockHub } from "../fixtures/mock-hub-server.ts";
import { hasProgram } from "../fixtures/programs.ts";

const STEP = effort("interopCutStep");
const POLL_MS = 2;
const SESSION_MS_MAX = 45_000;

describe.skipIf(!hasProgram("espruino"))("a connection that is cut, on real Espruino", () => {
  let client: DrivenClient;
  let server: MockHubServer;
  let proxy: CuttingProxy;
  let oracle: ProtocolOracle;
  /** The cut of the next connection. */
  let cut: Cut | undefined;
  let sessions = 0;
  const passedBytes = { up: 0, down: 0 };
  /** Bytes of a session that is not cut. */
  let whole: Readonly<Record<StreamDirection, number>>;

  beforeAll(async () => {
    server = await serveMockHub();
    oracle = new ProtocolOracle(() => performance.now());
    const tap = {
      opened: (number: number) => oracle.opened(number),
      over: (number: number) => oracle.over(number),
      written: (number: number, bytes: Uint8Array) => {
        passedBytes.up += bytes.length;
        oracle.written(number, bytes);
      },
      delivered: (number: number, bytes: Uint8Array) => {
        passedBytes.down += bytes.length;
        oracle.delivered(number, bytes);
      },
    };
    const cutOf = () => {
      const own = cut;
      cut = undefined;
      return own;
    };
    proxy = await startCuttingProxy({ hubPort: server.port, cutOf, tap });
    client = await DrivenClient.start("espruino", await buildClientDriver());
    // The first session is the only one that the hub does not know yet.
    await playSession();
    const before = { ...passedBytes };
    await playSession();
    whole = { up: passedBytes.up - before.up, down: passedBytes.down - before.down };
  });

  afterAll(async () => {
    await client?.stop();
    await proxy?.close();
    await server?.close();
  });

  const connect = () =>
    client.connectTo(proxy.port, { clientId: "dev", keepAliveSeconds: 60, cleanSession: false });

  /** Subscribes, sends at QoS 1 and 2, gets at QoS 1 and 2, and disconnects; reconnects at once when cut off. */
  async function playSession(): Promise<void> {
    const number = String(++sessions).padStart(4, "0");
    const wanted = [
      `message c/1 ${number}`,
      `message c/2 ${number}`,
      `acknowledged 1-${number}`,
      `acknowledged 2-${number}`,
    ];
    const deadlineMs = performance.now() + SESSION_MS_MAX;
    let isAnswered = false;
    await client.subscribe("c/+", 2);
    await client.publish("e/1", number, 1, { name: `1-${number}` });
    await client.publish("e/2", number, 2, { name: `2-${number}` });
    await connect();
    for (;;) {
      const events = await client.update();
      const isDone = wanted.every((start) => events.some((event) => event.startsWith(start)));
      if (isDone && server.hub.sessions.get("dev")?.queuedCount === 0) break;
      if (performance.now() > deadlineMs) throw new Error(`Session ${number} stopped: ${events.join(", ")}`);
      if (events.at(-1)?.startsWith("down")) await connect();
      if (!isAnswered && arrived("e/2", number) > 0 && server.hub.sessions.get("dev")?.subscriptions.size) {
        isAnswered = true;
        for (const qos of [1, 2] as const) {
          const message = { topic: `c/${qos}`, payload: Buffer.from(number), qos, retain: false };
          server.hub.publish(message, performance.now());
        }
      }
      await delay(POLL_MS);
    }
    await client.disconnect();
    while (server.hub.isConnected("dev")) await delay(POLL_MS);
    const events = await client.update();
    const [ofQos1 = 0, ...others] = wanted.map(
      (start) => events.filter((event) => event.startsWith(start)).length,
    );
    expect(others).toEqual([1, 1, 1]);
    expect(ofQos1).toBeGreaterThan(0);
    expect(arrived("e/1", number)).toBeGreaterThan(0);
    expect(arrived("e/2", number)).toBe(1);
  }

  function arrived(topic: string, number: string): number {
    return server.hub.messages.filter(
      (message) => message.topic === topic && String(message.payload) === number,
    ).length;
  }

  it.each<StreamDirection>(["up", "down"])(
    "after any byte of the way %s keeps every promise",
    async (direction) => {
      const cutsBefore = proxy.cuts;
      const bytes = whole[direction];
      expect(bytes).toBeGreaterThan(40);
      for (let afterBytes = 0; afterBytes < bytes; afterBytes += STEP) {
        cut = { direction, afterBytes };
        await playSession().catch((cause: unknown) => {
          throw new Error(`Cut after byte ${afterBytes} of the way ${direction}`, { cause });
        });
      }
      expect(proxy.cuts - cutsBefore).toBe(Math.ceil(bytes / STEP));
      // What the client wrote into a socket that was cut already did not reach the proxy; it is DUP all the same.
      expect(oracle.violations.filter((sentence) => !sentence.endsWith("is marked DUP at first"))).toEqual(
        [],
      );
    },
    120_000,
  );
});
