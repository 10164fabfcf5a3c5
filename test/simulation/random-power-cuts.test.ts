/**
 * Random schedules of three to eight faults, each with about eleven simulated minutes and at least 20 messages.
 * `MOTEKIT_SCHEDULES` sets their number, `MOTEKIT_FIRST_SEED` the first seed, and `MOTEKIT_SEED` runs a single one. A failing
 * schedule is shrunk to the fewest faults with which it still fails. Other faults are in random-faults.test.ts.
 */
import { afterAll, expect, it } from "vitest";
import { CONNECTION_STATES } from "../../host/testing/connection-state.ts";
import { FAULT_KINDS } from "../../host/testing/fault-kinds.ts";
import { COVERING_SCHEDULES, kindsWithout, RandomRuns, SCHEDULES } from "../fixtures/random-schedules.ts";
import { buildSessionApp, QOS_2_CMDS } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { Sweep } from "../fixtures/sweep.ts";

const BOARD = "esp32";
const RUNS = process.env.MOTEKIT_SEED === undefined ? SCHEDULES : 1;
const SESSION = { persistence: true, eventCount: 20, periodSeconds: 15, board: BOARD };
const runs = new RandomRuns();

afterAll(() => {
  process.stdout.write(runs.report());
});

it("random power cuts: sessions with persistence lose no message", async () => {
  const script = sessionScript({ hubForgets: false, powerFails: true });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const draw = { cmds: QOS_2_CMDS, kinds: kindsWithout("hub forgets") };
  expect(runs.run("random schedules, power cuts", sweep, draw)).toBe(RUNS);
}, 3_600_000);

it("random power cuts: sessions with persistence report uncertain messages if the hub loses the session", async () => {
  const script = sessionScript({ hubForgets: true, powerFails: true });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const draw = { cmds: QOS_2_CMDS, kinds: FAULT_KINDS };
  expect(runs.run("random schedules, power cuts, sessions lost", sweep, draw)).toBe(RUNS);
}, 3_600_000);

it.skipIf(RUNS < COVERING_SCHEDULES)(
  "random power cuts: every fault was applied in every connection state",
  () => {
    expect(runs.coverage.missing(FAULT_KINDS, CONNECTION_STATES)).toEqual([]);
    expect(runs.configured.old).toBeGreaterThan(0);
    expect(runs.configured.new).toBeGreaterThan(0);
  },
);
