import { crc32 } from "node:zlib";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

const PERIOD_MS = 60_000;

type WholeClient = typeof import("../fixtures/whole-client.ts");

let client: WholeClient;
let hub: ScriptedHub;
let files: Map<string, string>;
let writes: number;

/** The device starts anew, with nothing but its Storage. */
async function boot(): Promise<void> {
  client?.end("power");
  vi.useRealTimers();
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  const { persistOutbox } = await import("../../firmware/mqtt/persistence.ts");
  vi.useFakeTimers();
  client.useQos2();
  const storage = {
    read: (name: string) => files.get(name),
    write: (name: string, data: string) => {
      writes++;
      files.set(name, data);
    },
  };
  persistOutbox(storage, (bytes) => crc32(Buffer.from(bytes, "latin1")), PERIOD_MS);
}

function connect(connack: string): void {
  hub = new ScriptedHub();
  client.connect(
    hub.transport,
    { clientId: "dev", keepAliveSeconds: 0, cleanSession: false },
    {
      onUp: () => undefined,
      onDown: () => undefined,
      onMessage: () => undefined,
      onProblem: () => undefined,
    },
  );
  hub.sendBytes(connack);
}

beforeEach(async () => {
  files = new Map();
  writes = 0;
  await boot();
});

afterEach(() => {
  client.end("the end of the test");
  vi.useRealTimers();
});

it("messages that were accepted survive a restart, with identifier and state, and are written once", async () => {
  client.publish("a", "one", 1, false);
  client.publish("b", "\x00\xff", 2, true);
  connect("\x20\x02\0\0");
  hub.sendBytes("\x50\x02\x00\x02");
  vi.advanceTimersByTime(3 * PERIOD_MS);
  expect(writes).toBe(1);
  await boot();
  connect("\x20\x02\x01\0");
  expect(hub.bytes.slice(17)).toBe("\x3a\x08\x00\x01a\x00\x01one\x62\x02\x00\x02");
  client.publish("c", "", 1, false);
  expect(hub.of("publish").map(({ messageId }) => messageId)).toEqual([1, 3]);
});

it("what was acknowledged is not sent again after a restart", async () => {
  client.publish("a", "", 1, false);
  vi.advanceTimersByTime(PERIOD_MS);
  connect("\x20\x02\0\0");
  hub.sendBytes("\x40\x02\x00\x01");
  vi.advanceTimersByTime(PERIOD_MS);
  await boot();
  connect("\x20\x02\x01\0");
  expect(hub.of("publish")).toEqual([]);
});

it("power that fails at any byte of a write leaves the record before it", async () => {
  client.publish("a", "old", 1, false);
  vi.advanceTimersByTime(PERIOD_MS);
  const before = new Map(files);
  client.publish("b", "new", 1, false);
  vi.advanceTimersByTime(PERIOD_MS);
  const [name, record] = [...files].find(([file, text]) => before.get(file) !== text) ?? ["", ""];
  for (let cut = 0; cut < record.length; cut++) {
    files = new Map(before).set(name, record.slice(0, cut));
    await boot();
    connect("\x20\x02\x01\0");
    expect(hub.of("publish").map(({ topic }) => topic)).toEqual(["a"]);
  }
});
