/** Power cuts in any write to flash, at its beginning, in its middle and at its end, with persistence. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlashWrite } from "../../host/simulator/world/flash.ts";
import { effort } from "../fixtures/effort.ts";
import { failPowerAt, flashWrites, POWER_OFF_MS, powerSchedule } from "../fixtures/power-failures.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { SESSION_MS, Sweep, said } from "../fixtures/sweep.ts";

const STEP = effort("sweepStep");
let sweep: Sweep;

beforeAll(async () => {
  const script = sessionScript({ hubForgets: false, powerFails: true });
  sweep = new Sweep(await buildSessionApp({ persistence: true, eventCount: 12 }), script);
});

afterAll(() => {
  process.stdout.write(sweep.summary("power cuts"));
});

/** Numbers of stored bytes of a write: none, one, half, all but one, all. */
function cutsOf({ lengthBytes }: FlashWrite): number[] {
  const half = Math.floor(lengthBytes / 2);
  return [...new Set([0, 1, half, lengthBytes - 1, lengthBytes])];
}

describe.each([false, true])("power cut in a write to flash (silent hub: %s)", (isHubSilent) => {
  it("no message is lost, for any write and any number of stored bytes", () => {
    const writes = flashWrites(sweep, isHubSilent);
    expect(writes.length).toBeGreaterThan(50);
    let doubtful = 0;
    for (const [index, write] of writes.entries()) {
      if (index % STEP !== 0) continue;
      for (const bytes of cutsOf(write)) {
        const failure = { nth: index + 1, bytes };
        const name = `write ${failure.nth}, ${bytes} bytes`;
        const world = sweep.run(powerSchedule(name, (cut) => failPowerAt(cut, [failure]), isHubSilent));
        expect(world.board.console.filter(({ text }) => text.startsWith("~mk boot"))).toHaveLength(2);
        if (said(world, "handled").some((line) => line.endsWith("?"))) doubtful++;
      }
    }
    // Three handlers with several writes each.
    expect(doubtful).toBeGreaterThan(2);
    expect(doubtful).toBeLessThan(writes.length);
  }, 120_000);

  it("no message is lost if another power cut follows soon", () => {
    const { length } = flashWrites(sweep, isHubSilent);
    expect(length).toBeGreaterThan(50);
    for (let first = 1; first < length; first += STEP) {
      const failures = [{ nth: first, bytes: 3 }];
      const second = first + 1 + (first % 7);
      if (second < length) failures.push({ nth: second, bytes: 2 });
      const name = `writes ${first} and ${second}`;
      sweep.run(powerSchedule(name, (world) => failPowerAt(world, failures), isHubSilent));
    }
  }, 120_000);
});

it("power cut at any time: a board that is off for a moment loses no message", () => {
  for (let atMs = 100; atMs < SESSION_MS; atMs += 50 * STEP) {
    const cut = (world: Parameters<typeof failPowerAt>[0]) => {
      world.hub.runIn(atMs, () => world.board.powerCut());
      world.hub.runIn(atMs + POWER_OFF_MS, () => world.board.powerOn());
    };
    sweep.run(powerSchedule(`power off at ${atMs}`, cut, atMs % 100 === 0));
  }
}, 120_000);
