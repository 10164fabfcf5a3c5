/** The connection cut after every byte of a scripted session, and split at every byte. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamDirection } from "../../host/simulator/world/virtual-network.ts";
import { effort } from "../fixtures/effort.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { EVENT_COUNT, NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

const DIRECTIONS: readonly StreamDirection[] = ["up", "down"];
const STEP = effort("sweepStep");
/** The first, the one after the fault, and the one after the last cut. */
const ATTEMPTS_WITH_A_BREAK = 3;
let sweep: Sweep;
/** Bytes of the undisturbed session. */
let sessionBytes: Record<StreamDirection, number>;

beforeAll(async () => {
  sweep = new Sweep(await buildSequenceApp(1, EVENT_COUNT));
  sessionBytes = sweep.sessionBytes();
  expect(Math.min(sessionBytes.up, sessionBytes.down)).toBeGreaterThan(100);
});

afterAll(() => {
  process.stdout.write(sweep.summary("cuts and splits at every byte"));
});

describe.each(DIRECTIONS)("a session whose bytes go %s", (direction) => {
  it("keeps every promise though the connection breaks after any of them", () => {
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

  it("keeps every promise though the connection is half-open after any of them", () => {
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

  it("keeps every promise though the stream pauses before any of them", () => {
    for (let atByte = 1; atByte <= sessionBytes[direction]; atByte += STEP) {
      const world = sweep.run({
        name: `split ${direction} at ${atByte}`,
        seed: atByte,
        faultsOf: (attempt) => (attempt === 1 ? { split: { direction, atByte, pauseMs: 700 } } : undefined),
        settleMs: RECONNECT_MS,
      });
      // The session's own connection, and the one after the last cut.
      expect(world.hub.hub.log.of("in", "connect")).toHaveLength(2);
    }
  }, 120_000);
});

it("a session of single bytes is the session that it would be in whole packets", () => {
  const world = sweep.run({
    name: "single bytes",
    faultsOf: () => ({ chunkBytesMax: 1 }),
    settleMs: RECONNECT_MS,
  });
  expect(world.hub.hub.log.of("in", "connect")).toHaveLength(2);
});
