/** A message that is too large for Mosquitto, which ends the connection at it: what an app and its hub see of it. */

import { connectAsync } from "mqtt";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ENGINES } from "../../host/simulator/board-api/simulated-board.ts";
import { boot, closeOpened } from "../fixtures/engine-suite.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";
import { TEST_CONFIGURATION } from "../fixtures/simulated-boards.ts";

const APP = `import { every, getCounters, log, onCommand, publish, start, telemetry } from "motekit";
import { usePersistence } from "motekit/persistence";
usePersistence();
publish("too/large", "x".repeat(900), { qos: 1, onAcknowledged: () => log("acknowledged") });
let count = 0;
every(1, () => telemetry("alive", count++, { qos: 1 }));
onCommand("counters", () => getCounters().setAside);
start({ keepSession: true, onRefused: (topic) => log("refused " + topic) });
`;

const MS_MAX = 120_000;

afterEach(closeOpened);

describe.skipIf(!hasProgram("mosquitto")).each(ENGINES)(
  "A message beyond Mosquitto's max_packet_size, on the engine %s",
  (engine) => {
    it.skipIf(engine === "espruino" && !hasProgram("espruino"))(
      "is set aside after at most five connections; the app and the hub are told, and other messages arrive in order",
      async () => {
        const mosquitto = await startMosquitto("max_packet_size 600");
        const hub = { host: "127.0.0.1", port: mosquitto.port };
        const client = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
        const messages: string[] = [];
        client.on("message", (topic, payload) => messages.push(`${topic} ${payload}`));
        await client.subscribeAsync("#", { qos: 1 });
        const app = Buffer.from(await buildAppText(APP, "linux")).toString("latin1");
        const { lines } = await boot(engine, app, { configuration: { ...TEST_CONFIGURATION, hub } });
        const arrives = (text: string) =>
          vi.waitFor(() => expect(messages.join("\n")).toContain(text), { timeout: MS_MAX, interval: 50 });
        await arrives('/event/error "set-aside: too/large"');
        await arrives("/telemetry/alive 5");
        expect(lines).toContain("~mk log refused too/large");
        expect(lines).toContain("~mk error set-aside: too/large");
        expect(lines.filter((line) => line.startsWith("~mk disconnected closed"))).toHaveLength(5);
        expect(lines).not.toContain("~mk log acknowledged");
        const alive = messages.flatMap((message) => /telemetry\/alive (\d+)$/.exec(message)?.[1] ?? []);
        expect([...new Set(alive)].map(Number).slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
        await client.publishAsync(
          `${TEST_CONFIGURATION.topicPrefix}/${TEST_CONFIGURATION.deviceId}/command/counters`,
          "null",
          { qos: 1 },
        );
        await arrives('/event/counters {"ok":true,"value":1}');
        await client.endAsync();
        await mosquitto.close();
      },
      MS_MAX,
    );
  },
);
