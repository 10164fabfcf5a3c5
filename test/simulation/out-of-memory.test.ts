/** Running out of memory in any event of a session with persistence: the guardian restarts the device, and no message is lost. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { World } from "../../host/testing/world.ts";
import { effort } from "../fixtures/effort.ts";
import { powerSchedule } from "../fixtures/power-failures.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { SESSION_MS, Sweep } from "../fixtures/sweep.ts";

/** The number of events between the restart and the second loss: while the device connects, subscribes, resends, and later. */
const EVENTS_BETWEEN = [1, 3, 8, 21];

const STEP = effort("sweepStep");
let sweep: Sweep;

beforeAll(async () => {
  const script = sessionScript({ hubForgets: false, powerFails: true });
  sweep = new Sweep(await buildSessionApp({ persistence: true, eventCount: 12 }), script);
});

afterAll(() => {
  process.stdout.write(sweep.summary("memory that runs out"));
});

/** The numbered events of a session without faults. */
function eventsOfSession(isHubSilent: boolean): number {
  let events = 0;
  const count = (world: World) => {
    world.hub.runIn(SESSION_MS, () => {
      events = world.board.eventCount;
    });
  };
  sweep.run(powerSchedule("undisturbed", count, isHubSilent));
  return events;
}

function restartsOf({ board }: World): number {
  return board.starts.filter(({ cause }) => cause === "reboot").length;
}

it.each([false, true])(
  "out of memory in any event: the device restarts and loses no message (silent hub: %s)",
  (isHubSilent) => {
    const events = eventsOfSession(isHubSilent);
    expect(events).toBeGreaterThan(30);
    for (let inEvent = 1; inEvent <= events; inEvent += STEP) {
      const exhaust = ({ board }: World) => board.exhaustMemory({ inEvent });
      const world = sweep.run(powerSchedule(`event ${inEvent}`, exhaust, isHubSilent));
      expect(restartsOf(world), `event ${inEvent}`).toBe(1);
    }
  },
  120_000,
);

it("out of memory again after the restart: the device loses no message", () => {
  const events = eventsOfSession(false);
  let restarts = 0;
  for (let inEvent = 1; inEvent <= events; inEvent += STEP) {
    for (const between of EVENTS_BETWEEN) {
      const exhaust = ({ board, hub }: World) => {
        board.exhaustMemory({ inEvent });
        const again = () => {
          if (board.starts.length > 1) board.exhaustMemory({ inEvent: between });
          else hub.runIn(1, again);
        };
        hub.runIn(1, again);
      };
      restarts += restartsOf(sweep.run(powerSchedule(`event ${inEvent}, then ${between}`, exhaust, false)));
    }
  }
  expect(restarts).toBe(2 * Math.ceil(events / STEP) * EVENTS_BETWEEN.length);
}, 240_000);
