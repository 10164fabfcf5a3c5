/**
 * Schedules of three to eight faults drawn from a seed, each some eleven simulated minutes and 20 messages or more.
 * `MOTEKIT_SCHEDULES` runs another number of them, and `MOTEKIT_SEED` one alone. One that fails is shrunk to the fewest
 * faults with which it does.
 */
import { afterAll, expect, it } from "vitest";
import { FAULT_KINDS, type FaultKind } from "../../host/testing/fault-schedule.ts";
import { ScheduleDraw } from "../fixtures/random-schedules.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { Sweep } from "../fixtures/sweep.ts";

/** Of each of the four kinds of session. */
const SCHEDULES = Number(process.env.MOTEKIT_SCHEDULES ?? 10_000) / 4;
/** So many meet every fault in every state. */
const COVERING_SCHEDULES = 2_500;
const MESSAGES = 25;
/** Of kept sessions, after each boot. */
const EVENTS = 12;
const BOARD = "esp32";
const QOS_1_CMDS = ["connack", "suback", "puback", "publish", "pingresp"] as const;
const QOS_2_CMDS = [...QOS_1_CMDS, "pubrec", "pubrel", "pubcomp"] as const;

function kindsWithout(...without: readonly FaultKind[]): FaultKind[] {
  return FAULT_KINDS.filter((kind) => !without.includes(kind));
}

const summaries: string[] = [];

afterAll(() => {
  process.stdout.write(summaries.join(""));
});

function runSchedules(title: string, sweep: Sweep, draw: ScheduleDraw): void {
  const alone = process.env.MOTEKIT_SEED;
  if (alone !== undefined) {
    sweep.run(draw.schedule(Number(alone)));
    return;
  }
  for (let seed = 1; seed <= SCHEDULES; seed++) sweep.run(draw.schedule(seed));
  summaries.push(sweep.summary(title), draw.summary());
  expect(sweep.runs).toBe(SCHEDULES);
  if (SCHEDULES >= COVERING_SCHEDULES) expect(draw.missing()).toEqual([]);
}

it("clean sessions keep every promise under every schedule that is drawn", async () => {
  const draw = new ScheduleDraw({
    cmds: QOS_1_CMDS,
    kinds: kindsWithout("power cut", "power cut in a write"),
  });
  const app = await buildSequenceApp(10, MESSAGES, BOARD);
  runSchedules("random schedules", new Sweep(app, undefined, BOARD), draw);
}, 3_600_000);

it("kept sessions do, while the hub keeps them", async () => {
  const kinds = kindsWithout("hub forgets", "power cut", "power cut in a write");
  const script = sessionScript({ hubForgets: false, powerFails: false });
  const app = await buildSessionApp({ persistence: false, eventCount: EVENTS, board: BOARD });
  const draw = new ScheduleDraw({ cmds: QOS_2_CMDS, kinds });
  runSchedules("random schedules, sessions kept", new Sweep(app, script, BOARD), draw);
}, 3_600_000);

it("kept sessions do, and tell what is in doubt, though the hub loses them", async () => {
  const kinds = kindsWithout("hub restarts", "power cut", "power cut in a write");
  const script = sessionScript({ hubForgets: true, powerFails: false });
  const app = await buildSessionApp({ persistence: false, eventCount: EVENTS, board: BOARD });
  const draw = new ScheduleDraw({ cmds: QOS_2_CMDS, kinds });
  runSchedules("random schedules, sessions lost", new Sweep(app, script, BOARD), draw);
}, 3_600_000);

it("persistent sessions do, though power fails", async () => {
  const script = sessionScript({ hubForgets: false, powerFails: true });
  const app = await buildSessionApp({ persistence: true, eventCount: EVENTS, board: BOARD });
  const draw = new ScheduleDraw({ cmds: QOS_2_CMDS, kinds: kindsWithout("hub forgets") });
  runSchedules("random schedules, power cuts", new Sweep(app, script, BOARD), draw);
}, 3_600_000);
