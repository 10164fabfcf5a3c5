/**
 * Random schedules of three to eight faults, each with about eleven simulated minutes and at least 20 messages.
 * `MOTEKIT_SCHEDULES` sets their number, `MOTEKIT_FIRST_SEED` the first seed, and `MOTEKIT_SEED` runs a single one. A failing
 * schedule is shrunk to the fewest faults with which it still fails. Faults that restart the board are in
 * random-power-cuts.test.ts.
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

it("random faults: clean sessions lose no message", async () => {
  const sweep = new Sweep(await buildSequenceApp(10, 25, BOARD), undefined, BOARD);
  const kinds = kindsWithout(...RESTARTING_KINDS);
  expect(runs.run("random schedules", sweep, { cmds: QOS_1_CMDS, kinds })).toBe(RUNS);
}, 3_600_000);

it("random faults: persistent sessions lose no message while the hub keeps them", async () => {
  const script = sessionScript({ hubForgets: false, powerFails: false });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const kinds = kindsWithout("hub forgets", ...RESTARTING_KINDS);
  expect(runs.run("random schedules, sessions kept", sweep, { cmds: QOS_2_CMDS, kinds })).toBe(RUNS);
}, 3_600_000);

it("random faults: persistent sessions lose no message and report uncertain ones if the hub loses them", async () => {
  const script = sessionScript({ hubForgets: true, powerFails: false });
  const sweep = new Sweep(await buildSessionApp(SESSION), script, BOARD);
  const kinds = kindsWithout(...RESTARTING_KINDS);
  expect(runs.run("random schedules, sessions lost", sweep, { cmds: QOS_2_CMDS, kinds })).toBe(RUNS);
}, 3_600_000);
