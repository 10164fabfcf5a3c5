/** Every packet fault, applied to every packet of a persistent session with QoS 1 and 2 in both directions. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packetFaultKind } from "../../host/broker/packet-fault.ts";
import type { Direction, PacketType } from "../../host/mqtt/packet-types.ts";
import { everyPacketFault, strikeEach } from "../fixtures/every-packet-fault.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { CONNACK_TIMEOUT_MS, NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

const OUT_CMDS: readonly PacketType[] = [
  "connack",
  "suback",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "pingresp",
];
const IN_CMDS: readonly PacketType[] = [
  "subscribe",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "pingreq",
];
const KINDS: readonly (readonly [Direction, PacketType])[] = [
  ...OUT_CMDS.map((cmd) => ["out", cmd] as const),
  ...IN_CMDS.map((cmd) => ["in", cmd] as const),
];
/** Long enough for two pings. */
const SESSION_MS = 16_000;
const SETTLE_MS = Math.max(NOTICE_MS, CONNACK_TIMEOUT_MS) + RECONNECT_MS;

let sweep: Sweep;

beforeAll(async () => {
  const script = sessionScript({ hubForgets: false, powerFails: false });
  sweep = new Sweep(await buildSessionApp({ persistence: false, eventCount: 5 }), script);
});

afterAll(() => {
  process.stdout.write(sweep.summary("kept sessions, packets that meet a fault"));
});

describe.each(KINDS)("persistent session, packet fault in the direction %s on any %s", (direction, cmd) => {
  it.each(everyPacketFault({ delayMs: [50, 1_000, 12_000] }))(
    "no message is lost: %o",
    (fault) => {
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
    },
    60_000,
  );
});
