import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { openHub } from "../fixtures/hubs.ts";
import { hasProgram, requireProgram } from "../fixtures/programs.ts";
import { until } from "../fixtures/waiting.ts";

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  exitCode(): number | null;
}

function run(name: string, port: number, args: readonly string[]): Running {
  const child = spawn(requireProgram(name), [
    "-h",
    "127.0.0.1",
    "-p",
    String(port),
    "-V",
    "mqttv311",
    ...args,
  ]);
  children.push(child);
  const lines: string[] = [];
  child.stdout.on("data", (text) => lines.push(...String(text).trim().split("\n")));
  return { child, lines, exitCode: () => child.exitCode };
}

describe.skipIf(!hasProgram("mosquitto_sub") || !hasProgram("mosquitto_pub"))(
  "the hub with Mosquitto's clients",
  () => {
    async function publish(port: number, args: readonly string[]): Promise<void> {
      const publisher = run("mosquitto_pub", port, args);
      expect(await until("mosquitto_pub to end", () => publisher.exitCode() ?? undefined)).toBe(0);
    }

    test("mosquitto_sub gets what mosquitto_pub sends, retained first and with its QoS", async () => {
      const hub = await openHub();
      await publish(hub.port, ["-t", "devices/a/status", "-m", "online", "-q", "1", "-r"]);
      const subscriber = run("mosquitto_sub", hub.port, ["-t", "devices/#", "-q", "1", "-F", "%t %q %r %p"]);
      await until("the retained message", () => subscriber.lines.length === 1);
      await publish(hub.port, ["-t", "devices/a/telemetry/zero", "-m", "0", "-q", "0"]);
      await publish(hub.port, ["-t", "devices/a/telemetry/one", "-m", "1", "-q", "1"]);
      await until("three messages", () => subscriber.lines.length === 3);
      expect(subscriber.lines).toEqual([
        "devices/a/status 1 1 online",
        "devices/a/telemetry/zero 0 0 0",
        "devices/a/telemetry/one 1 0 1",
      ]);
    });

    test("the will of a killed mosquitto_sub is published", async () => {
      const hub = await openHub();
      const watcher = run("mosquitto_sub", hub.port, ["-t", "devices/+/status", "-F", "%t %p"]);
      const will = ["--will-topic", "devices/b/status", "--will-payload", "offline", "--will-retain"];
      const device = run("mosquitto_sub", hub.port, ["-i", "b", "-t", "devices/b/command/#", ...will]);
      await until("two clients", () => hub.events.filter(({ event }) => event === "connected").length === 2);
      await publish(hub.port, ["-t", "devices/mark/status", "-m", "ready"]);
      await until("the watcher's subscription", () => watcher.lines.length === 1);
      device.child.kill("SIGKILL");
      await until("the will", () => watcher.lines.length === 2);
      expect(watcher.lines[1]).toBe("devices/b/status offline");
    });

    test("a mosquitto_pub that speaks MQTT 5 is refused", async () => {
      const hub = await openHub();
      const publisher = run("mosquitto_pub", hub.port, ["-V", "mqttv5", "-t", "a", "-m", "b"]);
      expect(await until("mosquitto_pub to end", () => publisher.exitCode() ?? undefined)).not.toBe(0);
      expect(hub.events.map(({ event }) => event)).toEqual(["refused"]);
    });
  },
);
