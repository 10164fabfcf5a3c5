/**
 * More messages of QoS 2 at once than the client keeps track of: it leaves, and the hub sends the others again. What it
 * owes the hub leaves before it, also behind more than Espruino sends in one go, or it would get the same again for ever.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { UNRELEASED_MAX } from "../../firmware/mqtt/limits.ts";
import {
  buildClientDriver,
  CLIENT_ENGINES,
  DrivenClient,
  hasClientEngine,
} from "../fixtures/driven-client.ts";
import { type MockHubServer, serveMockHub } from "../fixtures/mock-hub-server.ts";

const FIELDS = { clientId: "dev", keepAliveSeconds: 60, cleanSession: false };
/** More than the 536 bytes that leave Espruino at once. */
const LONG = "x".repeat(1000);
const WAIT = { timeout: 45_000, interval: 5 };

describe.each(CLIENT_ENGINES)("many messages of QoS 2 at once, on the engine %s", (engine) => {
  describe.skipIf(!hasClientEngine(engine))("that is there", () => {
    let server: MockHubServer;
    let client: DrivenClient;

    beforeAll(async () => {
      server = await serveMockHub();
      client = await DrivenClient.start(engine, await buildClientDriver());
    });
    afterAll(async () => {
      await client?.stop();
      await server?.close();
    });

    it("arrive once each, over as many connections as it takes", async () => {
      await client.connectTo(server.port, FIELDS);
      await client.subscribe("t", 2);
      await vi.waitFor(async () => expect(await client.isOutboxEmpty()).toBe(true), WAIT);
      await client.disconnect();
      await vi.waitFor(() => expect(server.hub.isConnected("dev")).toBe(false), WAIT);
      await client.publish("long", LONG, 1);
      const expected: string[] = [];
      for (let number = 0; number < 3 * UNRELEASED_MAX; number++) {
        const payload = `${number} ${LONG}`;
        const message = { topic: "t", payload: Buffer.from(payload), qos: 2, retain: false } as const;
        server.hub.publish(message, performance.now());
        expected.push(`message t ${payload} 2 false`);
      }
      await vi.waitFor(async () => {
        if ((await client.update()).at(-1)?.startsWith("down")) await client.connectTo(server.port, FIELDS);
        expect(server.hub.sessions.get("dev")?.queuedCount).toBe(0);
        expect(await client.isOutboxEmpty()).toBe(true);
      }, WAIT);
      const events = await client.update();
      expect(events.filter((event) => event.startsWith("message"))).toEqual(expected);
      expect(client.consoleLines).toEqual([]);
      expect(events).toContain("down no-pubrel 0");
    });
  });
});
