/** Power that fails in any write to flash, at the beginning, in the middle and at its end, with persistence. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlashWrite } from "../../host/simulator/flash.ts";
import type { VirtualWorld } from "../../host/testing/virtual-world.ts";
import { failPowerAt, POWER_OFF_MS } from "../fixtures/power-failures.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { RECONNECT_MS, SESSION_MS, Sweep, said } from "../fixtures/sweep.ts";

let sweep: Sweep;
/** Of the undisturbed session, but for its last message. */
const writes: FlashWrite[] = [];

beforeAll(async () => {
  const script = sessionScript({ hubForgets: false, powerFails: true });
  sweep = new Sweep(await buildSessionApp({ persistence: true }), script);
  sweep.run({
    name: "undisturbed",
    arrange: ({ storage, timeline }) => {
      storage.flash.failPower = (write) => {
        // What comes later belongs to the last message, which finds a device that has power.
        if (timeline.nowMs() < SESSION_MS) writes.push(write);
        return undefined;
      };
    },
    settleMs: RECONNECT_MS,
  });
});

afterAll(() => {
  process.stdout.write(sweep.summary(`power cut at ${writes.length} writes to flash`));
});

/** Of the bytes of a write: none, one, half, all but one, all. */
function cutsOf({ lengthBytes }: FlashWrite): number[] {
  const half = Math.floor(lengthBytes / 2);
  return [...new Set([0, 1, half, lengthBytes - 1, lengthBytes])];
}

function runWith(name: string, arrange: (world: VirtualWorld) => void): VirtualWorld {
  return sweep.run({
    name,
    arrange,
    sessionMs: SESSION_MS + 2 * POWER_OFF_MS,
    settleMs: RECONNECT_MS,
  });
}

describe("a power cut in a write to flash", () => {
  it("breaks no promise, whichever write it is and whatever of it was written", () => {
    expect(writes.length).toBeGreaterThan(40);
    for (const [index, write] of writes.entries()) {
      for (const bytes of cutsOf(write)) {
        const world = runWith(`write ${index + 1}, ${bytes} bytes`, (world) =>
          failPowerAt(world, [{ nth: index + 1, bytes }]),
        );
        expect(world.console.filter(({ text }) => text.startsWith("~mk boot"))).toHaveLength(2);
      }
    }
  }, 120_000);

  it("breaks no promise, though another follows soon after", () => {
    for (const index of writes.keys()) {
      const second = 1 + (index % 7);
      runWith(`writes ${index + 1} and ${second} later`, (world) =>
        failPowerAt(world, [
          { nth: index + 1, bytes: 3 },
          ...(index + second < writes.length ? [{ nth: index + 1 + second, bytes: 2 }] : []),
        ]),
      );
    }
  }, 120_000);

  it("in a handler tells the app that the message comes again, and only then", () => {
    let doubtful = 0;
    for (const index of writes.keys()) {
      const world = runWith(`doubt at write ${index + 1}`, (world) =>
        failPowerAt(world, [{ nth: index + 1, bytes: 0 }]),
      );
      doubtful += said(world, "handled").filter((line) => line.endsWith("?")).length;
    }
    expect(doubtful).toBeGreaterThan(0);
    expect(doubtful).toBeLessThan(writes.length / 2);
  }, 120_000);
});

it("a board that is without power for a moment at any time breaks no promise", () => {
  for (let atMs = 100; atMs < SESSION_MS; atMs += 25) {
    runWith(`power off at ${atMs}`, (world) => {
      world.hub.runIn(atMs, () => world.powerCut());
      world.hub.runIn(atMs + POWER_OFF_MS, () => world.boot());
    });
  }
}, 120_000);
