/** A hub that accepts the device and then reads nothing, on both engines and over TCP. */
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { boot, describeEngine, serve } from "../fixtures/engine-suite.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";
import { TEST_CONFIGURATION } from "../fixtures/simulated-boards.ts";
import { until } from "../fixtures/waiting.ts";

const KEEP_ALIVE_SECONDS = 4;
const WAIT_MS_MAX = 60_000;
const CONNACK = Buffer.from([0x20, 2, 0, 0]);
/** Writes as fast as it can. */
const APP = `import { every, publish, start } from "motekit";
const payload = "x".repeat(2000);
every(0.001, () => {
  publish("t", payload);
});
start();
`;

describeEngine("a device whose hub does not read", (engine) => {
  it(
    "leaves the hub within 1.5 keep alive periods, though bytes wait to be sent, and tries again",
    async () => {
      const sockets: Socket[] = [];
      const server = await serve((socket) => {
        sockets.push(socket);
        socket.pause();
        socket.write(CONNACK);
      });
      const { lines } = await boot(engine, "", {
        app: await buildAppText(APP),
        configuration: {
          ...TEST_CONFIGURATION,
          deviceId: "dev",
          hub: { host: "127.0.0.1", port: server.port },
          keepAliveSeconds: KEEP_ALIVE_SECONDS,
        },
      });
      const said = (word: string) => () => lines.find((line) => line.startsWith(`~mk ${word}`));
      await until("the connection", said("connected"), WAIT_MS_MAX);
      const connectedAt = Date.now();
      expect(await until("its end", said("disconnected"), WAIT_MS_MAX)).toContain("no-pingresp");
      // Slow machines are late.
      expect(Date.now() - connectedAt).toBeLessThan(10_000 * KEEP_ALIVE_SECONDS);
      await until("another connection", () => sockets.length > 1, WAIT_MS_MAX);
      const [first] = sockets;
      const closed = new Promise((resolve) => first?.once("close", resolve));
      first?.resume();
      await closed;
    },
    2 * WAIT_MS_MAX,
  );
});
