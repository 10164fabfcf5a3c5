/** A hub that restarts, is silent or is not reachable, at any moment of a scripted session. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionFaults } from "../../host/simulator/world/virtual-network.ts";
import type { World } from "../../host/testing/world.ts";
import { effort } from "../fixtures/effort.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import {
  CONNACK_TIMEOUT_MS,
  EVENT_COUNT,
  NOTICE_MS,
  RECONNECT_MS,
  SESSION_MS,
  Sweep,
  said,
} from "../fixtures/sweep.ts";

const STEP_MS = 50;
/** The longest wait between two attempts to connect. */
const RETRY_MS_MAX = 60_000;
let sweep: Sweep;

beforeAll(async () => {
  sweep = new Sweep(await buildSequenceApp(1, EVENT_COUNT));
});

afterAll(() => {
  process.stdout.write(sweep.summary("hub restarted, silent, out of reach"));
});

function atEveryStep(run: (atMs: number, seed: number) => void): void {
  for (let atMs = 0; atMs < SESSION_MS; atMs += effort("sweepStep") * STEP_MS) run(atMs, atMs / STEP_MS + 1);
}

function restart(world: World, atMs: number, keepsState: boolean, downMs: number): void {
  world.hub.runIn(atMs, (hub, nowMs) => {
    hub.restart(keepsState, nowMs);
    world.hub.isListening = downMs === 0;
  });
  world.hub.runIn(atMs + downMs, () => {
    world.hub.isListening = true;
  });
}

describe("device at a hub that restarts", () => {
  it.each([true, false])(
    "loses no accepted message (the hub keeps its state: %s)",
    (keepsState) => {
      atEveryStep((atMs, seed) => {
        sweep.run({
          name: `restart at ${atMs}, state kept: ${keepsState}`,
          seed,
          arrange: (world) => restart(world, atMs, keepsState, 0),
          settleMs: RECONNECT_MS,
        });
      });
    },
    60_000,
  );

  it("reconnects after minutes of refused connections", () => {
    atEveryStep((atMs, seed) => {
      const downMs = seed * 1_000;
      sweep.run({
        name: `down at ${atMs} for ${downMs}`,
        seed,
        arrange: (world) => restart(world, atMs, false, downMs),
        sessionMs: SESSION_MS + downMs,
        settleMs: RETRY_MS_MAX + RECONNECT_MS,
      });
    });
  }, 60_000);
});

describe("device at a silent hub", () => {
  it.each([2_000, 30_000, 120_000])(
    "notices the silence and reconnects (silent for %i ms)",
    (silentMs) => {
      atEveryStep((atMs, seed) => {
        sweep.run({
          name: `silent at ${atMs} for ${silentMs}`,
          seed,
          arrange: (world) => {
            world.hub.runIn(atMs, (hub) => hub.goSilent());
            world.hub.runIn(atMs + silentMs, (hub, nowMs) => hub.speak(nowMs));
          },
          sessionMs: SESSION_MS + silentMs,
          settleMs: Math.max(NOTICE_MS, CONNACK_TIMEOUT_MS) + RETRY_MS_MAX + RECONNECT_MS,
        });
      });
    },
    60_000,
  );
});

describe("device without a reachable hub", () => {
  it.each<ConnectionFaults>([{ refused: true }, { blackHole: true }, { blackHole: 45_000 }])(
    "tries to connect again: %o",
    (faults) => {
      for (let failures = 1; failures <= 8; failures++) {
        const world = sweep.run({
          name: `${failures} times ${JSON.stringify(faults)}`,
          seed: failures,
          faultsOf: (attempt) => (attempt <= failures ? faults : undefined),
          sessionMs: SESSION_MS + failures * 2 * RETRY_MS_MAX,
          settleMs: 0,
        });
        const refused = world.board.console.filter(({ text }) => text.startsWith("ERROR: Connect failed"));
        expect(refused).toHaveLength(failures);
        expect(said(world, "accepted")).toHaveLength(EVENT_COUNT);
      }
    },
  );

  it("is restarted by the watchdog if connect blocks too long, and tries again", () => {
    for (let failures = 1; failures <= 8; failures++) {
      const world = sweep.run({
        name: `${failures} times a black hole of 60 s`,
        seed: failures,
        faultsOf: (attempt) => (attempt <= failures ? { blackHole: 60_000 } : undefined),
        sessionMs: SESSION_MS + failures * 2 * RETRY_MS_MAX,
        settleMs: 0,
      });
      const causes = world.board.starts.map(({ cause }) => cause);
      expect(causes).toEqual(["power on", ...Array.from({ length: failures }, () => "watchdog")]);
      expect(said(world, "accepted")).toHaveLength(EVENT_COUNT);
    }
  });

  it("reconnects after a half-open connection at any moment", () => {
    atEveryStep((atMs, seed) => {
      sweep.run({
        name: `severed at ${atMs}`,
        seed,
        arrange: (world) => world.hub.runIn(atMs, () => world.board.network.sever()),
        settleMs: NOTICE_MS + RECONNECT_MS,
      });
    });
  }, 60_000);
});
