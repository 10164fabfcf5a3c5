/**
 * Schedules of three to eight faults drawn from a seed, each some eleven simulated minutes and 20 messages or more.
 * `MOTEKIT_SCHEDULES` runs another number of them, `MOTEKIT_FIRST_SEED` begins at another seed, and `MOTEKIT_SEED` runs
 * one alone. One that fails is shrunk to the fewest faults with which it does. The others stand in random-faults.test.ts.
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

it("persistent sessions keep every promise, though power fails", async () => {
  const script = sessionScript({ hubForgets: false, powerFails: true });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const draw = { cmds: QOS_2_CMDS, kinds: kindsWithout("hub forgets") };
  expect(runs.run("random schedules, power cuts", sweep, draw)).toBe(RUNS);
}, 3_600_000);

it("persistent sessions do, and tell what is in doubt, though the hub loses them too", async () => {
  const script = sessionScript({ hubForgets: true, powerFails: true });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const draw = { cmds: QOS_2_CMDS, kinds: FAULT_KINDS };
  expect(runs.run("random schedules, power cuts, sessions lost", sweep, draw)).toBe(RUNS);
}, 3_600_000);

it.skipIf(RUNS < COVERING_SCHEDULES)("every fault struck in every state of the connection", () => {
  expect(runs.coverage.missing(FAULT_KINDS, CONNECTION_STATES)).toEqual([]);
  expect(runs.configured.old).toBeGreaterThan(0);
  expect(runs.configured.new).toBeGreaterThan(0);
});
