/** A persistent session with QoS 1 and 2 in both directions, whose connection is cut, half-open or split at every byte. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionFaults, StreamDirection } from "../../host/simulator/world/virtual-network.ts";
import { effort } from "../fixtures/effort.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

const DIRECTIONS: readonly StreamDirection[] = ["up", "down"];
const STEP = effort("sweepStep");
let sweep: Sweep;
/** The number of bytes of a session without faults. */
let sessionBytes: Record<StreamDirection, number>;

beforeAll(async () => {
  const script = sessionScript({ hubForgets: false, powerFails: false });
  sweep = new Sweep(await buildSessionApp({ persistence: false, eventCount: 5 }), script);
  sessionBytes = sweep.sessionBytes();
});

afterAll(() => {
  process.stdout.write(sweep.summary("kept sessions, cuts and splits at every byte"));
});

describe.each(DIRECTIONS)("persistent session, bytes in the direction %s", (direction) => {
  it.each<readonly [string, number, (byte: number) => ConnectionFaults]>([
    ["breaks after", 0, (afterBytes) => ({ cut: { direction, afterBytes } })],
    ["is half-open after", NOTICE_MS, (afterBytes) => ({ cut: { direction, afterBytes, silent: true } })],
    ["pauses before", 0, (byte) => ({ split: { direction, atByte: byte + 1, pauseMs: 700 } })],
  ])(
    "no message is lost if the connection %s any byte",
    (what, noticeMs, faultsAt) => {
      expect(sessionBytes[direction]).toBeGreaterThan(100);
      for (let byte = 0; byte <= sessionBytes[direction]; byte += STEP) {
        sweep.run({
          name: `${direction} ${what} ${byte}`,
          seed: byte + 1,
          faultsOf: (attempt) => (attempt === 1 ? faultsAt(byte) : undefined),
          settleMs: noticeMs + RECONNECT_MS,
        });
      }
    },
    120_000,
  );
});
