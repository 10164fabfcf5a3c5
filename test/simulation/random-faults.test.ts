/**
 * Schedules of three to eight faults drawn from a seed, each some eleven simulated minutes and 20 messages or more.
 * `MOTEKIT_SCHEDULES` runs another number of them, `MOTEKIT_FIRST_SEED` begins at another seed, and `MOTEKIT_SEED` runs
 * one alone. One that fails is shrunk to the fewest faults with which it does. Those after which a board starts anew
 * stand in random-power-cuts.test.ts.
 */
import { afterAll, expect, it } from "vitest";
import { RESTARTING_KINDS } from "../../host/testing/fault-kinds.ts";
import { kindsWithout, RandomRuns, SCHEDULES } from "../fixtures/random-schedules.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { buildSessionApp, QOS_1_CMDS, QOS_2_CMDS } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { Sweep } from "../fixtures/sweep.ts";

const BOARD = "esp32";
const RUNS = process.env.MOTEKIT_SEED === undefined ? SCHEDULES : 1;
const SESSION = { persistence: false, eventCount: 20, periodSeconds: 15, board: BOARD };
const runs = new RandomRuns();

afterAll(() => {
  process.stdout.write(runs.report());
});

it("clean sessions keep every promise under every schedule that is drawn", async () => {
  const sweep = new Sweep(await buildSequenceApp(10, 25, BOARD), undefined, BOARD);
  const kinds = kindsWithout(...RESTARTING_KINDS);
  expect(runs.run("random schedules", sweep, { cmds: QOS_1_CMDS, kinds })).toBe(RUNS);
}, 3_600_000);

it("kept sessions do, while the hub keeps them", async () => {
  const script = sessionScript({ hubForgets: false, powerFails: false });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const kinds = kindsWithout("hub forgets", ...RESTARTING_KINDS);
  expect(runs.run("random schedules, sessions kept", sweep, { cmds: QOS_2_CMDS, kinds })).toBe(RUNS);
}, 3_600_000);

it("kept sessions do, and tell what is in doubt, though the hub loses them", async () => {
  const script = sessionScript({ hubForgets: true, powerFails: false });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const kinds = kindsWithout(...RESTARTING_KINDS);
  expect(runs.run("random schedules, sessions lost", sweep, { cmds: QOS_2_CMDS, kinds })).toBe(RUNS);
}, 3_600_000);
