/**
 * Schedules of several faults drawn from a seed. `MOTEKIT_SCHEDULES` runs another number of them than the few hundred
 * that every test run has, and `MOTEKIT_SEED` one alone.
 */
import { afterAll, expect, it } from "vitest";
import { ScheduleDraw } from "../fixtures/random-schedules.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { Sweep } from "../fixtures/sweep.ts";

const SCHEDULES = Number(process.env.MOTEKIT_SCHEDULES ?? 250);
const MESSAGES = 25;
/** Of kept sessions, after each boot. */
const EVENTS = 12;
const QOS_1_CMDS = ["connack", "suback", "puback", "publish", "pingresp"] as const;
const QOS_2_CMDS = [...QOS_1_CMDS, "pubrec", "pubrel", "pubcomp"] as const;
const NETWORK_EVENTS = ["silence", "all cut", "all severed"] as const;

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
}

it("clean sessions keep every promise under every schedule that is drawn", async () => {
  const events = ["restart, state kept", "restart, state lost", ...NETWORK_EVENTS] as const;
  const draw = new ScheduleDraw({ cmds: QOS_1_CMDS, events });
  runSchedules("random schedules", new Sweep(await buildSequenceApp(10, MESSAGES)), draw);
}, 3_600_000);

it("kept sessions do, while the hub keeps them", async () => {
  const draw = new ScheduleDraw({ cmds: QOS_2_CMDS, events: ["restart, state kept", ...NETWORK_EVENTS] });
  const script = sessionScript({ hubForgets: false, powerFails: false });
  const app = await buildSessionApp({ persistence: false, eventCount: EVENTS });
  runSchedules("random schedules, sessions kept", new Sweep(app, script), draw);
}, 3_600_000);

it("kept sessions do, and tell what is in doubt, though the hub loses them", async () => {
  const draw = new ScheduleDraw({ cmds: QOS_2_CMDS, events: ["restart, state lost", ...NETWORK_EVENTS] });
  const script = sessionScript({ hubForgets: true, powerFails: false });
  const app = await buildSessionApp({ persistence: false, eventCount: EVENTS });
  runSchedules("random schedules, sessions lost", new Sweep(app, script), draw);
}, 3_600_000);

it("persistent sessions do, though power fails", async () => {
  const events = ["restart, state kept", "power off", "power cut in a write", ...NETWORK_EVENTS] as const;
  const draw = new ScheduleDraw({ cmds: QOS_2_CMDS, events });
  const script = sessionScript({ hubForgets: false, powerFails: true });
  const app = await buildSessionApp({ persistence: true, eventCount: EVENTS });
  runSchedules("random schedules, power cuts", new Sweep(app, script), draw);
}, 3_600_000);
