/** A scripted session whose connection is cut, half-open or split at every byte. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamDirection } from "../../host/simulator/world/virtual-network.ts";
import { effort } from "../fixtures/effort.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { EVENT_COUNT, NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

const DIRECTIONS: readonly StreamDirection[] = ["up", "down"];
const STEP = effort("sweepStep");
/** The number of connections: the first, the one after the fault, and the one after the last cut. */
const ATTEMPTS_WITH_A_BREAK = 3;
let sweep: Sweep;
/** The number of bytes of a session without faults. */
let sessionBytes: Record<StreamDirection, number>;

beforeAll(async () => {
  sweep = new Sweep(await buildSequenceApp(1, EVENT_COUNT));
  sessionBytes = sweep.sessionBytes();
  expect(Math.min(sessionBytes.up, sessionBytes.down)).toBeGreaterThan(100);
});

afterAll(() => {
  process.stdout.write(sweep.summary("cuts and splits at every byte"));
});

describe.each(DIRECTIONS)("clean session, bytes in the direction %s", (direction) => {
  it("no message is lost if the connection is cut after any byte", () => {
    for (let afterBytes = 0; afterBytes <= sessionBytes[direction]; afterBytes += STEP) {
      const world = sweep.run({
        name: `cut ${direction} after ${afterBytes}`,
        seed: afterBytes + 1,
        faultsOf: (attempt) => (attempt === 1 ? { cut: { direction, afterBytes } } : undefined),
        settleMs: RECONNECT_MS,
      });
      expect(world.board.attemptTimesMs).toHaveLength(ATTEMPTS_WITH_A_BREAK);
    }
  }, 120_000);

  it("no message is lost if the connection is half-open after any byte", () => {
    for (let afterBytes = 0; afterBytes <= sessionBytes[direction]; afterBytes += STEP) {
      const world = sweep.run({
        name: `severed ${direction} after ${afterBytes}`,
        seed: afterBytes + 1,
        faultsOf: (attempt) => (attempt === 1 ? { cut: { direction, afterBytes, silent: true } } : undefined),
        settleMs: NOTICE_MS + RECONNECT_MS,
      });
      expect(world.board.attemptTimesMs).toHaveLength(ATTEMPTS_WITH_A_BREAK);
    }
  }, 120_000);

  it("no message is lost if the stream pauses before any byte", () => {
    for (let atByte = 1; atByte <= sessionBytes[direction]; atByte += STEP) {
      const world = sweep.run({
        name: `split ${direction} at ${atByte}`,
        seed: atByte,
        faultsOf: (attempt) => (attempt === 1 ? { split: { direction, atByte, pauseMs: 700 } } : undefined),
        settleMs: RECONNECT_MS,
      });
      // The first connection, and the one after the last cut.
      expect(world.hub.hub.log.of("in", "connect")).toHaveLength(2);
    }
  }, 120_000);
});

it("a session with chunks of one byte has the same packets as with whole packets", () => {
  const world = sweep.run({
    name: "single bytes",
    faultsOf: () => ({ chunkBytesMax: 1 }),
    settleMs: RECONNECT_MS,
  });
  expect(world.hub.hub.log.of("in", "connect")).toHaveLength(2);
});
