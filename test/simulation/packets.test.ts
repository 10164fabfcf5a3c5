/** Every packet of a scripted session dropped, doubled and delayed, acknowledgements above all. */
import type { PacketCmd } from "mqtt-packet";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Direction } from "../../host/broker/packet-gate.ts";
import type { PlacedFault } from "../../host/mock-hub/packet-faults.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { CONNACK_TIMEOUT_MS, EVENT_COUNT, NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

interface Kind {
  readonly direction: Direction;
  readonly cmd: PacketCmd;
}

const KINDS: readonly Kind[] = [
  { direction: "out", cmd: "connack" },
  { direction: "out", cmd: "suback" },
  { direction: "out", cmd: "puback" },
  { direction: "out", cmd: "publish" },
  { direction: "out", cmd: "pingresp" },
  { direction: "in", cmd: "puback" },
  { direction: "in", cmd: "publish" },
  { direction: "in", cmd: "pingreq" },
];
const DELAYS_MS = [50, 1_000, 5_000, 12_000];
/** Two pings fit. */
const SESSION_MS = 16_000;
const SETTLE_MS = Math.max(NOTICE_MS, CONNACK_TIMEOUT_MS) + RECONNECT_MS;

let sweep: Sweep;

beforeAll(async () => {
  sweep = new Sweep(await buildSequenceApp(1, EVENT_COUNT));
});

afterAll(() => {
  process.stdout.write(sweep.summary("packets dropped, doubled, delayed"));
});

function runWith(packetFaults: readonly PlacedFault[]): number {
  const name = packetFaults
    .map(
      ({ action, nth, direction, cmd, delayMs = "" }) => `${action} ${nth}. ${direction} ${cmd} ${delayMs}`,
    )
    .join(", ");
  const world = sweep.run({ name, packetFaults, sessionMs: SESSION_MS, settleMs: SETTLE_MS });
  const { cmd, direction } = packetFaults[0] as PlacedFault;
  return world.hub.hub.faults.count(direction, cmd);
}

describe.each(KINDS)("every $cmd $direction", ({ direction, cmd }) => {
  it("may be lost", () => {
    for (let nth = 1, count = 1; nth <= count; nth++)
      count = runWith([{ direction, cmd, nth, action: "drop" }]);
  });

  it("may come twice", () => {
    for (let nth = 1, count = 1; nth <= count; nth++)
      count = runWith([{ direction, cmd, nth, action: "double" }]);
  });

  it("may come late", () => {
    for (const delayMs of DELAYS_MS) {
      for (let nth = 1, count = 1; nth <= count; nth++) {
        count = runWith([{ direction, cmd, nth, action: "delay", delayMs }]);
      }
    }
  });
});
