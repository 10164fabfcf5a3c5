/** An app's faults on the real interpreter, and how long the hub hears nothing of the device. */
import { fileURLToPath } from "node:url";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { type SimulatedBoard, WATCHDOG_TRIGGERED } from "../../host/simulator/board-api/simulated-board.ts";
import { bootBoard } from "../../host/simulator/engines/boot-board.ts";
import { simulatedConfiguration } from "../../host/simulator/engines/simulated-configuration.ts";
import {
  espruinoWithClock,
  espruinoWithMemory,
  hasFakeTime,
  type WrappedEspruino,
} from "../fixtures/espruino-wrappers.ts";
import { type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { buildAppOnce } from "../fixtures/run/built-once.ts";
import { until } from "../fixtures/waiting.ts";

const KEEP_ALIVE_SECONDS = 10;
const SILENCE_MS_MAX = 4_000 * KEEP_ALIVE_SECONDS;
/** Enough for the app, and used up within seconds. */
const MEMORY_KIBIBYTES = 40_000;
const TEST_MS_MAX = 120_000;
const WATCHDOG_TEST_MS_MAX = 120_000;

describe.skipIf(!hasProgram("mosquitto") || !hasProgram("espruino"))("the guardian, on Espruino", () => {
  const board = loadBoard("linux");
  let app: Uint8Array;
  let mosquitto: Mosquitto;
  let observer: MqttClient;
  let simulated: SimulatedBoard | undefined;
  let wrapped: WrappedEspruino | undefined;
  let events: string[];
  let lines: string[];

  beforeAll(async () => {
    const entry = fileURLToPath(new URL("../fixtures/faulty-firmware.ts", import.meta.url));
    app = await buildAppOnce(entry, board);
  });

  beforeEach(async () => {
    events = [];
    lines = [];
    mosquitto = await startMosquitto();
    observer = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
    observer.on("message", (topic, payload) => events.push(`${topic.split("/").pop()} ${payload}`));
    await observer.subscribeAsync("devices/dev/event/#", { qos: 1 });
  });

  afterEach(async () => {
    await simulated?.stop();
    simulated = undefined;
    wrapped?.close();
    wrapped = undefined;
    observer.end(true);
    await mosquitto.close();
  });

  async function boot(espruinoProgram?: string): Promise<void> {
    const hub = { host: "127.0.0.1", port: mosquitto.port };
    simulated = await bootBoard({
      board,
      app,
      configuration: {
        ...simulatedConfiguration(board, hub, "dev"),
        keepAliveSeconds: KEEP_ALIVE_SECONDS,
      },
      engine: "espruino",
      ...(espruinoProgram ? { espruinoProgram } : {}),
      onLine: (line) => void lines.push(line),
      onPin: () => undefined,
      onExit: () => undefined,
    });
    await boots(1);
  }

  const count = (start: string) => events.filter((event) => event.startsWith(start)).length;

  const boots = (times: number) =>
    until(`boot ${times}`, () => count("boot") === times, WATCHDOG_TEST_MS_MAX);

  const command = (name: string, payload = "1") =>
    observer.publishAsync(`devices/dev/command/${name}`, payload, { qos: 1 });

  /** The device hears a command and answers. */
  async function answers(): Promise<void> {
    const before = count("go on");
    // Again and again: what comes before the device has subscribed anew is lost, as it may be.
    const again = setInterval(() => void command("go on"), 1000);
    await command("go on");
    try {
      await until("an answer", () => count("go on") > before);
    } finally {
      clearInterval(again);
    }
  }

  const reports = () => events.filter((event) => event.startsWith("error"));

  it("reports an exception of the start, and the device goes on", async () => {
    await boot();
    await until("the report", () => count("error") > 0);
    await answers();
    expect(reports()).toEqual([`error "uncaught Error: the start's fault"`]);
    expect(count("boot")).toBe(1);
  });

  it("reports an exception of a message's listener with its trace, and the message is acknowledged", async () => {
    await boot();
    await until("the report of the start", () => count("error") > 0);
    lines.length = 0;
    await observer.publishAsync("faults/throw", "1", { qos: 1 });
    await until("the report", () => count("error") > 1);
    await until("the trace", () => lines.some((line) => /^ +at .*app\.js:\d+:\d+/.test(line)));
    await answers();
    expect(reports().slice(1)).toEqual([`error "uncaught Error: the listener's fault"`]);
    expect(lines.filter((line) => line.startsWith("~mk disconnected"))).toEqual([]);
    expect(count("boot")).toBe(1);
  });

  it("reports an exception of a listener even if a command, whose errors are caught, follows the message at once", async () => {
    await boot();
    await until("the report of the start", () => count("error") > 0);
    await Promise.all([observer.publishAsync("faults/throw", "1", { qos: 1 }), command("go on")]);
    await until("the report", () => count("error") > 1);
    await until("the answer", () => count("go on") > 0);
    expect(reports().slice(1)).toEqual([`error "uncaught Error: the listener's fault"`]);
  });

  it(
    "restarts the device after a stack overflow, which took a listener away",
    async () => {
      await boot();
      const faultAt = Date.now();
      await command("overflow");
      await boots(2);
      expect(Date.now() - faultAt).toBeLessThan(SILENCE_MS_MAX);
      expect(events.filter((event) => event.startsWith('error "restart: CALLBACK'))).toHaveLength(1);
      await answers();
    },
    TEST_MS_MAX,
  );

  it(
    "restarts the device if the interpreter reports that memory ran out, and not if it runs low",
    async () => {
      await boot();
      await command("flag", '["LOW_MEMORY"]');
      await answers();
      expect(count("boot")).toBe(1);
      const faultAt = Date.now();
      await command("flag", '["LOW_MEMORY","MEMORY"]');
      await boots(2);
      expect(Date.now() - faultAt).toBeLessThan(SILENCE_MS_MAX);
      expect(reports()).toContain('error "restart: LOW_MEMORY,MEMORY"');
      await answers();
    },
    TEST_MS_MAX,
  );

  // Where the interpreter's memory is fixed, as on a board, the guardian sees to it. Where it grows until the system gives
  // no more the program crashes, before or after the guardian has seen it, and whoever started it starts it again.
  it(
    "restarts a device that has used up its memory",
    async () => {
      wrapped = espruinoWithMemory(MEMORY_KIBIBYTES);
      await boot(wrapped.program);
      const faultAt = Date.now();
      await command("exhaust");
      await boots(2);
      expect(Date.now() - faultAt).toBeLessThan(SILENCE_MS_MAX);
      const isSeen = reports().some((event) => /restart: .*\bMEMORY/.test(event));
      const hasCrashed = lines.some((line) => line.startsWith("ERROR: the interpreter crashed"));
      expect(isSeen || hasCrashed).toBe(true);
      await answers();
    },
    TEST_MS_MAX,
  );

  describe.skipIf(!hasFakeTime())("when the clock jumps", () => {
    it(
      "an hour forward, the device stays or is connected again",
      async () => {
        const clock = espruinoWithClock();
        wrapped = clock;
        await boot(clock.program);
        clock.jumpTo(3600);
        const jumpedAt = Date.now();
        await until("the pings that were due", () =>
          lines.some((line) => line.includes("disconnected no-pingresp")),
        );
        await until(
          "a connection",
          () => lines.filter((line) => line.includes("connected 127")).length === 2,
        );
        expect(Date.now() - jumpedAt).toBeLessThan(SILENCE_MS_MAX);
        await answers();
        expect(count("boot")).toBe(1);
      },
      TEST_MS_MAX,
    );

    it(
      "an hour back, all timers freeze and the modelled watchdog restarts the device",
      async () => {
        const clock = espruinoWithClock();
        wrapped = clock;
        await boot(clock.program);
        clock.jumpTo(-3600);
        await boots(2);
        expect(lines).toContain(WATCHDOG_TRIGGERED);
        await answers();
      },
      WATCHDOG_TEST_MS_MAX,
    );
  });
});
