/**
 * The reference firmware, as built for the board `linux`, against Mosquitto: the same bytes on both engines. Nothing of
 * motekit's stands on the hub's side.
 */
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { type BuildResult, buildFirmware } from "../../host/build/build.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import type { Engine, SimulatedBoard } from "../../host/simulator/board-api/simulated-board.ts";
import { bootBoard } from "../../host/simulator/engines/boot-board.ts";
import { simulatedConfiguration } from "../../host/simulator/engines/simulated-configuration.ts";
import { type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { findProgram, hasProgram } from "../fixtures/programs.ts";

const WAIT_MS = 45_000;
const board = loadBoard("linux");
const engines: Engine[] = ["node", "espruino"];
if (findProgram("espruino") === undefined) {
  process.stderr.write(
    'skipped, for want of the program "espruino": the reference firmware on the real interpreter\n',
  );
}

interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

describe.skipIf(!hasProgram("mosquitto")).each(engines)(
  "the reference firmware on the engine %s",
  (engine) => {
    const isMissing = engine === "espruino" && findProgram("espruino") === undefined;

    describe.skipIf(isMissing)("against Mosquitto", () => {
      let build: BuildResult;
      let mosquitto: Mosquitto;
      let observer: MqttClient;
      let simulated: SimulatedBoard;
      let received: Received[];
      let lines: string[];
      let pins: string[];

      const find = (topic: string, payload?: string): Received | undefined =>
        received.find(
          (message) => message.topic === topic && (payload === undefined || message.payload === payload),
        );

      const until = (topic: string, payload?: string): Promise<Received> =>
        vi.waitFor(
          () => {
            const found = find(topic, payload);
            if (found) return found;
            throw new Error(
              `No ${topic} ${payload ?? ""} among ${JSON.stringify(received)}; console:\n${lines.join("\n")}`,
            );
          },
          { timeout: WAIT_MS, interval: 20 },
        );

      const observe = async (): Promise<MqttClient> => {
        const client = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 0 });
        client.on("message", (topic, payload, { retain }) =>
          received.push({ topic, payload: payload.toString(), retain }),
        );
        await client.subscribeAsync("#", { qos: 1 });
        return client;
      };

      beforeAll(async () => {
        build = await buildFirmware({ entry: findEntry(undefined, "/"), board });
      });

      beforeEach(async () => {
        received = [];
        lines = [];
        pins = [];
        mosquitto = await startMosquitto();
        observer = await observe();
        simulated = await bootBoard({
          board,
          app: build.app,
          configuration: simulatedConfiguration(board, { host: "127.0.0.1", port: mosquitto.port }, "dev"),
          engine,
          onLine: (line) => lines.push(line),
          onPin: (pin, level) => pins.push(`${pin} ${level}`),
          onExit: () => undefined,
        });
        await until("devices/dev/status", "online");
      });

      afterEach(async () => {
        await simulated.stop();
        observer.end(true);
        await mosquitto.close();
      });

      it("publishes uptime and free memory, and no temperature, which this board cannot measure", async () => {
        expect(Number((await until("devices/dev/telemetry/uptime")).payload)).toBeGreaterThanOrEqual(0);
        expect(Number((await until("devices/dev/telemetry/free-memory")).payload)).toBeGreaterThan(0);
        expect(JSON.parse((await until("devices/dev/event/boot")).payload)).toMatchObject({ board: "linux" });
        expect(find("devices/dev/telemetry/temperature")).toBeUndefined();
      });

      it("obeys `led`, and gives the reason if the payload is wrong", async () => {
        await observer.publishAsync("devices/dev/command/led", "true", { qos: 1 });
        await until("devices/dev/event/led", '{"ok":true,"value":true}');
        await observer.publishAsync("devices/dev/command/led", "false");
        await until("devices/dev/event/led", '{"ok":true,"value":false}');
        expect(pins).toEqual(["D2 1", "D2 0"]);
        await observer.publishAsync("devices/dev/command/led", '"on"');
        await until("devices/dev/event/led", '{"ok":false,"error":"led wants true or false"}');
        await observer.publishAsync("devices/dev/command/nothing", "1");
        await until("devices/dev/event/nothing", '{"ok":false,"error":"there is no command nothing"}');
        expect(pins).toHaveLength(2);
      });

      it("obeys `interval`", async () => {
        await until("devices/dev/telemetry/uptime");
        await observer.publishAsync("devices/dev/command/interval", "1");
        await until("devices/dev/event/interval", '{"ok":true,"value":1}');
        received = [];
        await until("devices/dev/telemetry/uptime");
        await observer.publishAsync("devices/dev/command/interval", "0");
        await until("devices/dev/event/interval", '{"ok":false,"error":"interval wants 1 to 3600 seconds"}');
      });

      it("is `offline` by its will when its power is cut, retained", async () => {
        simulated.kill();
        await until("devices/dev/status", "offline");
        received = [];
        const late = await observe();
        expect(await until("devices/dev/status", "offline")).toMatchObject({ retain: true });
        late.end(true);
      });

      it("comes back, subscribed, after Mosquitto was stopped and started again", async () => {
        observer.end(true);
        await mosquitto.stop();
        await vi.waitFor(() => expect(lines.join("\n")).toContain("~mk disconnected"), { timeout: WAIT_MS });
        await mosquitto.start();
        received = [];
        observer = await observe();
        await until("devices/dev/status", "online");
        await observer.publishAsync("devices/dev/command/led", "true", { qos: 1 });
        await until("devices/dev/event/led", '{"ok":true,"value":true}');
        expect(pins).toEqual(["D2 1"]);
      });
    });
  },
);
