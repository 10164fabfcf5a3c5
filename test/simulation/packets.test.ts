/** Every packet fault, applied to every packet of a scripted session, especially to acknowledgements. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packetFaultKind } from "../../host/broker/packet-fault.ts";
import type { Direction, PacketType } from "../../host/mqtt/packet-types.ts";
import { everyPacketFault, strikeEach } from "../fixtures/every-packet-fault.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { CONNACK_TIMEOUT_MS, EVENT_COUNT, NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

interface Kind {
  readonly direction: Direction;
  readonly cmd: PacketType;
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
/** Long enough for two pings. */
const SESSION_MS = 16_000;
const SETTLE_MS = Math.max(NOTICE_MS, CONNACK_TIMEOUT_MS) + RECONNECT_MS;

let sweep: Sweep;

beforeAll(async () => {
  sweep = new Sweep(await buildSequenceApp(1, EVENT_COUNT));
});

afterAll(() => {
  process.stdout.write(sweep.summary("packets that meet a fault"));
});

describe.each(KINDS)("clean session, packet fault on any $cmd ($direction)", ({ direction, cmd }) => {
  it.each(everyPacketFault({ delayMs: [50, 1_000, 5_000, 12_000] }))("no message is lost: %o", (fault) => {
    const world = (nth: number) =>
      sweep.run({
        name: `${fault.action} ${fault.delayMs ?? ""} ${nth}. ${direction} ${cmd}`,
        packetFaults: [{ direction, cmd, nth, ...fault }],
        sessionMs: SESSION_MS,
        settleMs: SETTLE_MS,
      });
    expect(
      strikeEach(world, { direction, fate: packetFaultKind(fault.action).fate, packet: { type: cmd } }),
    ).toBeGreaterThan(0);
  });
});
