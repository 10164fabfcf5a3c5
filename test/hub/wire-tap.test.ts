/** The frames that a busy hub keeps and reports, by a clock of the test's. */
import { beforeEach, describe, expect, it } from "vitest";
import type { GatedConnection } from "../../host/broker/packet-gate.ts";
import type { ClientPacket } from "../../host/broker/packets.ts";
import type { WireEvent } from "../../host/control/wire-events.ts";
import { WireTap } from "../../host/hub/wire/wire-tap.ts";
import { encodePacket } from "../../host/mqtt/encode.ts";

const PUMP: GatedConnection = {
  number: 1,
  client: { id: "pump" },
  wire: { link: { kind: "tcp", address: "127.0.0.1", port: 1 } },
};
const PUBLISH: ClientPacket = {
  type: "publish",
  topicName: "a",
  payload: Buffer.from("1"),
  qos: 0,
  retain: false,
  dup: false,
  packetIdentifier: 0,
};
const PINGREQ: ClientPacket = { type: "pingreq" };

let nowMs: number;
let tap: WireTap;

beforeEach(() => {
  nowMs = 1_000_000;
  tap = new WireTap({ now: () => nowMs, isOwner: () => false });
});

function pass(packet: ClientPacket, count = 1): void {
  const frame = encodePacket(packet);
  for (let number = 0; number < count; number++)
    tap.onPacket(PUMP, { direction: "in", packet, frame: () => frame });
}

/** Frames and notes in the order in which they are told. */
function watch(): Exclude<WireEvent, { kind: "faults" }>[] {
  const told: Exclude<WireEvent, { kind: "faults" }>[] = [];
  tap.watch({}, (event) => event.kind !== "faults" && told.push(event), new AbortController().signal);
  return told;
}

function wordsOf(event: WireEvent | undefined): string | undefined {
  if (event?.kind !== "frame") return event?.kind === "note" ? event.text : undefined;
  return Buffer.from(event.bytes, "base64")[0] === 0xc0 ? "PINGREQ" : "PUBLISH";
}

describe("the wire log without a watcher", () => {
  it("keeps 5,000 messages of a second, all other packets, and the number of messages beyond", () => {
    pass(PUBLISH, 6_000);
    pass(PINGREQ);
    const told = watch();
    expect(told).toHaveLength(2_000);
    expect(told.slice(-3).map(wordsOf)).toEqual([
      "PUBLISH",
      "PINGREQ",
      "1000 frames were not kept, because there were too many",
    ]);
  });

  it("begins the next second with the number of messages that were dropped in the previous one", () => {
    pass(PUBLISH, 5_001);
    nowMs += 1_000;
    pass(PINGREQ);
    expect(watch().slice(-2).map(wordsOf)).toEqual([
      "1 frames were not kept, because there were too many",
      "PINGREQ",
    ]);
  });

  it("keeps every frame to which a fault applied, however many there are", () => {
    pass(PUBLISH, 6_000);
    tap.faults.add({ action: "drop", direction: "in", packet: "publish", times: 1 });
    pass(PUBLISH);
    expect(watch().at(-2)).toMatchObject({ kind: "frame", fate: "dropped" });
  });
});

describe("a watcher of the wire", () => {
  it("gets 2,000 messages of a second, all other packets, and in the next second the number of messages beyond", () => {
    const told = watch();
    pass(PUBLISH, 2_500);
    pass(PINGREQ);
    nowMs += 1_000;
    pass(PUBLISH);
    expect(told).toHaveLength(2_003);
    expect(told.slice(-4).map(wordsOf)).toEqual([
      "PUBLISH",
      "PINGREQ",
      "500 frames are not shown, because there were too many",
      "PUBLISH",
    ]);
  });

  it("gets the frames in the order of their serial numbers, by which the page knows which ones it has", () => {
    pass(PUBLISH, 6_000);
    const told = watch();
    pass(PUBLISH, 2_500);
    nowMs += 1_000;
    pass(PUBLISH, 3);
    const serials = told.map(({ serial }) => serial);
    expect(serials).toEqual(serials.toSorted((one, other) => one - other));
    expect(new Set(serials).size).toBe(serials.length);
  });
});
