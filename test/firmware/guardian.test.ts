import { fileURLToPath } from "node:url";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { buildFirmware } from "../../host/build/build.ts";
import { bootBoard } from "../../host/simulator/boot-board.ts";
import type { SimulatedBoard } from "../../host/simulator/simulated-board.ts";
import { simulatedConfiguration } from "../../host/simulator/simulated-configuration.ts";
import { type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { until } from "../fixtures/waiting.ts";

describe.skipIf(!hasProgram("mosquitto") || !hasProgram("espruino"))("the guardian, on Espruino", () => {
  let mosquitto: Mosquitto;
  let observer: MqttClient;
  let simulated: SimulatedBoard;
  let events: string[];
  let lines: string[];

  beforeEach(async () => {
    events = [];
    lines = [];
    mosquitto = await startMosquitto();
    observer = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
    observer.on("message", (topic, payload) => events.push(`${topic.split("/").pop()} ${payload}`));
    await observer.subscribeAsync("devices/dev/event/#", { qos: 1 });
    const board = loadBoard("linux");
    const entry = fileURLToPath(new URL("../fixtures/faulty-firmware.ts", import.meta.url));
    simulated = await bootBoard({
      board,
      app: (await buildFirmware({ entry, board })).app,
      configuration: simulatedConfiguration(board, { host: "127.0.0.1", port: mosquitto.port }, "dev"),
      engine: "espruino",
      onLine: (line) => void lines.push(line),
      onPin: () => undefined,
      onExit: () => undefined,
    });
    await boots(1);
  });

  afterEach(async () => {
    await simulated.stop();
    observer.end(true);
    await mosquitto.close();
  });

  const boots = (count: number) =>
    until(`boot ${count}`, () => events.filter((event) => event.startsWith("boot")).length === count);

  const command = (name: string) => observer.publishAsync(`devices/dev/command/${name}`, "1", { qos: 1 });

  it("reports an exception that nothing caught, and the device goes on", async () => {
    await command("throw");
    await until("the report", () => events.includes(`error "uncaught Error: the app's fault"`));
    await until("the trace", () => lines.some((line) => /^ +at .*app\.js:\d+:\d+/.test(line)));
    await command("throw");
    await until("the second command", () => events.filter((event) => event.startsWith("throw")).length === 2);
    expect(events.filter((event) => event.startsWith("boot"))).toHaveLength(1);
  });

  it("restarts the device after a stack overflow, which took a listener away", async () => {
    await command("overflow");
    await boots(2);
    await command("throw");
    await until("an answer", () => events.some((event) => event.startsWith("throw")));
  });
});
