/** The session's journal on simulated flash, which loses power in the middle of writes. */
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { STORAGE_RESERVE_BYTES } from "../../firmware/mqtt/limits.ts";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import type { FlashWrite } from "../../host/simulator/world/flash.ts";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

const STORAGE_BYTES = 131_072;
const JOURNAL_BYTES = 900;
const CONNACK_NEW = "\x20\x02\0\0";
const CONNACK_KEPT = "\x20\x02\x01\0";

type WholeClient = typeof import("../fixtures/whole-client.ts");
type Persistence = typeof import("../../firmware/mqtt/persistence.ts");

let client: WholeClient;
let persistence: Persistence;
let hub: ScriptedHub;
let files: StorageFiles;
let problems: string[];
/** Topic names of messages from the hub, those in doubt with a question mark. */
let delivered: string[];
let onMessage: () => void;

/** The device restarts with only the content of its flash. */
async function boot(): Promise<void> {
  client?.end("network-lost");
  files.flash.failPower = undefined;
  files.flash.powerOn();
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  persistence = await import("../../firmware/mqtt/persistence.ts");
  client.useQos2();
  problems = [];
  delivered = [];
  onMessage = () => undefined;
  const storage = {
    read: (name: string) => files.read(name),
    write: (name: string, data: string, offset?: number, size?: number) => {
      const problem = files.write(name, data, offset, size);
      if (problem !== undefined) throw new Error(problem);
    },
    getFree: () => files.freeBytes(),
  };
  const crc = (bytes: string) => crc32(Buffer.from(bytes, "latin1"));
  persistence.persistSession(storage, crc, (problem) => problems.push(problem), JOURNAL_BYTES);
}

function connect(connack: string): void {
  hub = new ScriptedHub();
  client.connect(
    hub.transport,
    { clientId: "dev", keepAliveSeconds: 0, cleanSession: false },
    {
      onUp: () => undefined,
      onDown: () => undefined,
      onMessage: (topicName, _payload, _qos, _retain, inDoubt) => {
        delivered.push(topicName + (inDoubt ? "?" : ""));
        onMessage();
      },
      onProblem: () => undefined,
      onSetAside: () => undefined,
    },
  );
  hub.sendBytes(connack);
}

async function restart(connack = CONNACK_KEPT): Promise<void> {
  await boot();
  connect(connack);
}

/** Payloads of the messages that the client sent on the present connection. */
function sent(): string[] {
  return hub.of("publish").map(({ payload }) => payload.toString());
}

beforeEach(async () => {
  files = new StorageFiles(STORAGE_BYTES);
  await boot();
});

afterEach(() => client.end("network-lost"));

describe("a message that publish has taken", () => {
  it("is on flash before publish returns, and goes out after a restart as it was, marked DUP", async () => {
    client.publish("a", "one", 1, false);
    client.publish("b", "\x00\xff", 2, true);
    await restart();
    expect(hub.bytes.slice(17)).toBe("\x3a\x08\x00\x01a\x00\x01one\x3d\x07\x00\x01b\x00\x02\x00\xff");
  });

  it("is not sent again after a restart, once it was acknowledged", async () => {
    connect(CONNACK_NEW);
    client.publish("a", "", 1, false);
    hub.sendBytes("\x40\x02\x00\x01");
    await restart();
    expect(hub.received.map(({ cmd }) => cmd)).toEqual(["connect"]);
  });

  it("goes on with PUBREL after a restart, once PUBREC had come", async () => {
    connect(CONNACK_NEW);
    client.publish("a", "one", 2, false);
    client.publish("a", "two", 2, false);
    hub.sendBytes("\x50\x02\x00\x01");
    await restart();
    expect(hub.received.map(({ cmd, messageId }) => [cmd, messageId])).toEqual([
      ["connect", undefined],
      ["pubrel", 1],
      ["publish", 2],
    ]);
    hub.sendBytes("\x70\x02\x00\x01");
    await restart();
    expect(hub.received.map(({ cmd }) => cmd)).toEqual(["connect", "publish"]);
  });

  it("keeps its identifier to itself after a restart [MQTT-2.3.1-2]", async () => {
    for (const payload of ["1", "2", "3"]) client.publish("a", payload, 1, false);
    await restart();
    hub.sendBytes("\x40\x02\x00\x02");
    client.publish("a", "4", 2, false);
    client.publish("a", "5", 1, false);
    expect(hub.of("publish").map(({ messageId }) => messageId)).toEqual([1, 2, 3, 2, 4]);
  });

  it("costs two writes to flash and 8 bytes beside its packet, its acknowledgement included", () => {
    connect(CONNACK_NEW);
    client.publish("a", "first", 1, false);
    const before = { ...persistence.journalCounters };
    const packetBytes = 2 + 2 + 1 + 2 + 10;
    const count = Math.floor((JOURNAL_BYTES - 9 - (2 + 2 + 1 + 2 + 5 + 8)) / (packetBytes + 8));
    for (let identifier = 2; identifier < 2 + count; identifier++) {
      expect(client.publish("a", "0123456789", 1, false)).toBe(true);
      hub.sendBytes(`\x40\x02\x00${String.fromCharCode(identifier)}`);
    }
    expect(persistence.journalCounters).toEqual({ ...before, writes: before.writes + 2 * count });
    client.publish("a", "0123456789", 1, false);
    expect(persistence.journalCounters.files).toBe(before.files + 1);
  });
});

describe("a message of QoS 2 from the hub", () => {
  const PUBLISH_7 = "\x34\x06\x00\x01t\x00\x07x";
  const PUBLISH_7_AGAIN = "\x3c\x06\x00\x01t\x00\x07x";

  it("is not delivered again after a restart, until its identifier is released [MQTT-4.3.3-2]", async () => {
    connect(CONNACK_NEW);
    hub.sendBytes(PUBLISH_7);
    expect(delivered).toEqual(["t"]);
    await restart();
    hub.sendBytes(PUBLISH_7_AGAIN);
    expect(delivered).toEqual([]);
    hub.sendBytes("\x62\x02\x00\x07");
    await restart();
    hub.sendBytes(PUBLISH_7);
    expect(delivered).toEqual(["t"]);
    expect(hub.of("pubrec").map(({ messageId }) => messageId)).toEqual([7]);
  });

  it("whose handler was running when power failed comes again, in doubt, once", async () => {
    connect(CONNACK_NEW);
    onMessage = () => {
      files.flash.failPower = () => 0;
    };
    hub.sendBytes(PUBLISH_7);
    await restart();
    hub.sendBytes(PUBLISH_7_AGAIN);
    expect(delivered).toEqual(["t?"]);
    await restart();
    hub.sendBytes(PUBLISH_7_AGAIN);
    expect(delivered).toEqual([]);
  });

  it("is new if the hub has lost the session", async () => {
    connect(CONNACK_NEW);
    hub.sendBytes(PUBLISH_7);
    await restart(CONNACK_NEW);
    await restart(CONNACK_KEPT);
    hub.sendBytes(PUBLISH_7);
    expect(delivered).toEqual(["t"]);
  });

  it("is on flash before PUBREC goes out [MQTT-4.3.3-2]", () => {
    connect(CONNACK_NEW);
    files.flash.failPower = () => {
      expect(hub.of("pubrec")).toEqual([]);
      return undefined;
    };
    hub.sendBytes(PUBLISH_7);
    expect(hub.of("pubrec")).toHaveLength(1);
  });
});

/** Publishes messages of QoS 1 and 2 in turn. Returns the payloads that were taken. */
function publishSome(count: number): string[] {
  const taken: string[] = [];
  for (let number = 1; number <= count; number++) {
    const payload = `message ${number} ${"x".repeat(40)}`;
    if (client.publish("a", payload, number % 2 ? 1 : 2, false)) taken.push(payload);
  }
  return taken;
}

function acknowledge(identifier: number): void {
  hub.sendBytes(`\x40\x02\x00${String.fromCharCode(identifier)}`);
}

/** Publishes messages of QoS 1, each of which is acknowledged, until one is refused or the limit reached. */
function publishAcknowledged(countMax: number): number {
  for (let count = 0; count < countMax; count++) {
    if (!client.publish("a", "acknowledged", 1, false)) return count;
    acknowledge(hub.of("publish").at(-1)?.messageId ?? 0);
  }
  return countMax;
}

describe("power that fails at any byte of any write", () => {
  /** Runs `act` with a cut at each byte of each write that it makes, with flash as `prepare` left it. */
  async function sweep(
    prepare: () => Promise<void>,
    act: () => void,
    judge: () => Promise<void>,
  ): Promise<number> {
    await prepare();
    const writes: FlashWrite[] = [];
    files.flash.failPower = (write) => {
      writes.push(write);
      return undefined;
    };
    act();
    let cuts = 0;
    for (const [index, { lengthBytes }] of writes.entries()) {
      for (let bytes = 0; bytes <= lengthBytes; bytes++) {
        await prepare();
        let nth = 0;
        files.flash.failPower = () => (nth++ === index ? bytes : undefined);
        act();
        await judge();
        cuts++;
      }
    }
    return cuts;
  }

  it("loses no accepted message, and ignores partly written ones", async () => {
    let taken: string[] = [];
    const cuts = await sweep(
      async () => {
        files = new StorageFiles(STORAGE_BYTES);
        await boot();
      },
      () => {
        taken = publishSome(2);
      },
      async () => {
        await restart();
        const all = sent();
        expect(all.slice(0, taken.length)).toEqual(taken);
        expect(all.length).toBeLessThanOrEqual(taken.length + 1);
        const next = client.publish("a", "next", 1, false);
        await restart();
        expect(sent()).toEqual(next ? [...all, "next"] : all);
      },
    );
    expect(cuts).toBeGreaterThan(100);
  }, 60_000);

  it("loses nothing while the journal moves to its other file", async () => {
    let taken: string[] = [];
    const cuts = await sweep(
      async () => {
        files = new StorageFiles(STORAGE_BYTES);
        await boot();
        connect(CONNACK_NEW);
        taken = publishSome(7);
        for (const identifier of [1, 3, 5, 7])
          hub.sendBytes(`\x40\x02\x00${String.fromCharCode(identifier)}`);
        hub.sendBytes("\x50\x02\x00\x02\x34\x06\x00\x01t\x00\x07x");
        publishAcknowledged(14);
        client.end("network-lost");
      },
      () => void client.publish("a", `the eighth ${"y".repeat(40)}`, 1, false),
      async () => {
        await restart();
        expect(hub.of("pubrel").map(({ messageId }) => messageId)).toEqual([2]);
        expect(sent().slice(0, 2)).toEqual([taken[3], taken[5]]);
        hub.sendBytes("\x3c\x06\x00\x01t\x00\x07x");
        expect(delivered).toEqual([]);
      },
    );
    expect(cuts).toBeGreaterThan(200);
  }, 60_000);
});

describe("where Storage has no more room", () => {
  function fill(): void {
    const room = files.freeBytes() - 32 - STORAGE_RESERVE_BYTES - JOURNAL_BYTES;
    files.write("other", "x", 0, room + 64);
  }

  it("publish refuses the message with a report and throws nothing, and acknowledgements are still kept", async () => {
    connect(CONNACK_NEW);
    const taken = publishSome(3);
    fill();
    expect(publishAcknowledged(100)).toBeLessThan(100);
    expect(problems).toEqual(["not-kept: Storage is full"]);
    expect(persistence.journalCounters.refused).toBe(1);
    acknowledge(1);
    await restart();
    expect(sent()).toEqual(taken.slice(1));
  });

  it("the journal goes on after a compaction", async () => {
    connect(CONNACK_NEW);
    fill();
    publishAcknowledged(100);
    expect(problems).toHaveLength(1);
    files.erase("other");
    files.compact();
    expect(publishAcknowledged(50)).toBe(50);
    client.publish("a", "again", 1, false);
    expect(problems).toHaveLength(1);
    await restart();
    expect(sent()).toEqual(["again"]);
  });

  it("a journal whose live messages fill it refuses, though Storage has room", () => {
    connect(CONNACK_NEW);
    publishSome(20);
    expect(problems[0]).toBe("not-kept: the journal is full");
  });
});

it("usePersistence after the first message is refused", () => {
  client.publish("a", "", 1, false);
  expect(() => persistence.persistSession(null as never, crc32, () => undefined, JOURNAL_BYTES)).toThrow(
    "persistence comes before the first message",
  );
});
