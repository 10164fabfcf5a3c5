import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Configuration } from "../../firmware/contract/configuration.ts";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

const ACCEPTED = "\x20\x02\0\0";

const CONFIGURATION: Configuration = {
  version: 1,
  sequence: 1,
  deviceId: "dev",
  wifi: [],
  hub: { host: "first", port: 1 },
  topicPrefix: "devices",
  keepAliveSeconds: 0,
};

let hub: ScriptedHub;
/** Hosts that the device has asked for. */
let asked: string[];
let supervisor: typeof import("../../firmware/supervisor.ts");

beforeEach(async () => {
  vi.resetModules();
  supervisor = await import("../../firmware/supervisor.ts");
  hub = new ScriptedHub();
  asked = [];
  vi.useFakeTimers();
  vi.stubGlobal("getTime", () => Date.now() / 1000);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function supervise(more: Partial<Configuration> = {}): void {
  supervisor.supervise(
    { ...CONFIGURATION, ...more },
    {
      onUp: () => supervisor.onHubUp(),
      onDown: (_reason, returnCode) => void supervisor.onHubDown(returnCode),
      onMessage: () => undefined,
      onProblem: () => undefined,
      onSetAside: () => undefined,
      onNetwork: () => undefined,
      openSocket: ({ host }) => {
        asked.push(host);
        return hub.transport();
      },
    },
  );
  supervisor.onNetwork(true, "");
}

/** Milliseconds until the device asks again. */
function untilAsked(): number {
  const before = asked.length;
  const start = Date.now();
  while (asked.length === before && Date.now() - start < 1e6) vi.advanceTimersByTime(100);
  return Date.now() - start;
}

it("hubs are tried in order, and the first one again after a stable connection", () => {
  supervise({ furtherHubs: [{ host: "second", port: 2 }] });
  hub.close();
  untilAsked();
  hub.close();
  untilAsked();
  hub.close();
  untilAsked();
  hub.sendBytes(ACCEPTED);
  hub.close();
  untilAsked();
  expect(asked).toEqual(["first", "second", "first", "second", "first"]);
});

it("a hub that refuses the credentials is tried again after minutes, and an unavailable hub after seconds", () => {
  supervise();
  hub.sendBytes("\x20\x02\0\x04");
  expect(untilAsked()).toBeGreaterThanOrEqual(300_000);
  hub.sendBytes("\x20\x02\0\x03");
  expect(untilAsked()).toBeLessThanOrEqual(60_100);
});

it("two devices with one identifier slow down: the waits grow while connections are short", () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  supervise();
  const waits: number[] = [];
  for (let turn = 0; turn < 6; turn++) {
    hub.sendBytes(ACCEPTED);
    vi.advanceTimersByTime(1000);
    hub.close();
    waits.push(untilAsked());
  }
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(waits.at(-1)).toBeGreaterThan(10_000);
  hub.sendBytes(ACCEPTED);
  vi.advanceTimersByTime(61_000);
  hub.close();
  expect(untilAsked()).toBeLessThan(1100);
});
