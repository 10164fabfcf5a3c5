/** Firmware that is broken on purpose: the random schedules must find each fault, and shrink what found it. */
import { describe, expect, it } from "vitest";
import { type Fault, playFaults, shrinkFaults } from "../../host/testing/fault-schedule.ts";
import { kindsWithout, RandomRuns } from "../fixtures/random-schedules.ts";
import { buildBrokenSequenceApp, type Edit } from "../fixtures/sequence-app.ts";
import { QOS_1_CMDS } from "../fixtures/session-app.ts";
import { Sweep } from "../fixtures/sweep.ts";

const BOARD = "esp32";
/** Twice a second: more than the outbox takes while the hub is away for a minute. */
const PERIOD_SECONDS = 0.5;
const EVENTS = 800;
const SCHEDULES = 20;
const DRAW = { cmds: QOS_1_CMDS, kinds: kindsWithout("power cut", "power cut in a write") };
const RETRY = "  let delayMs = retryDelayMs(attempt++, Math.random());\n";

/** What is wrong, the edit that makes it so, and words of the promise that it breaks. */
const BROKEN: readonly (readonly [string, Edit, RegExp])[] = [
  [
    "without backoff",
    { file: "supervisor.ts", text: RETRY, by: "  let delayMs = 500 + attempt++ * 0;\n" },
    /attempts to connect within a minute/,
  ],
  [
    "that does not subscribe again",
    {
      file: "mqtt/session.ts",
      text: "subscribe(topicFilter, wanted[topicFilter] as 0);",
      by: "{ subscribe(topicFilter, wanted[topicFilter] as 0); delete wanted[topicFilter]; }",
    },
    /the last command was not handled/,
  ],
  [
    "that leaks a timer with each connection",
    { file: "supervisor.ts", text: RETRY, by: `${RETRY}  setInterval(() => undefined, 60_000);\n` },
    /live at the end: \d+ timers/,
  ],
  [
    "whose queue has no bound",
    {
      file: "mqtt/session.ts",
      text: "if (outboxBytes + packet.length > outboxSizeBytesMax) return false;",
      by: "",
    },
    /events waited for their acknowledgement/,
  ],
  [
    "that waits in a loop",
    {
      file: "supervisor.ts",
      text: "  if (!retryTimer) retryTimer = setTimeout(connectHub, delayMs);\n",
      by: "  const until = getTime() + delayMs / 1000;\n  while (getTime() < until);\n  if (!retryTimer) retryTimer = setTimeout(connectHub, 0);\n",
    },
    /busy for \d+ ms at once/,
  ],
];

/** What the first schedule says that finds a fault. */
function firstFault(app: Uint8Array): string | undefined {
  const runs = new RandomRuns();
  const sweep = new Sweep(app, undefined, BOARD);
  try {
    for (let seed = 1; seed <= SCHEDULES; seed++) sweep.run(runs.schedule(seed, DRAW));
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

describe("firmware", () => {
  it("that is not broken passes", async () => {
    expect(firstFault(await buildBrokenSequenceApp(PERIOD_SECONDS, EVENTS, BOARD, []))).toBeUndefined();
  }, 120_000);

  it.each(BROKEN)(
    "%s is found",
    async (_what, edit, promise) => {
      expect(firstFault(await buildBrokenSequenceApp(PERIOD_SECONDS, EVENTS, BOARD, [edit]))).toMatch(
        promise,
      );
    },
    120_000,
  );
});

it("a schedule of five faults comes down to the one that matters", async () => {
  const deaf = BROKEN[1]?.[1] as Edit;
  const app = await buildBrokenSequenceApp(10, 25, BOARD, [deaf]);
  const fault = { during: "idle", forMs: 1_000, size: 1, cmd: "puback" } as const;
  const faults: Fault[] = (
    ["slow network", "packet doubled", "cut", "packet late", "clock forward"] as const
  ).map((kind, index) => ({ ...fault, kind, atMs: 10_000 * (index + 1) }));
  const misses = (tried: readonly Fault[]): boolean => {
    const world = new Sweep(app, undefined, BOARD).createWorld({});
    playFaults(world, tried);
    world.board.powerOn();
    world.timeline.advance(120_000);
    world.hub.publish("devices/dev/command/sequence", "1");
    world.timeline.advance(1_000);
    const isMissing = !world.board.lines.includes("~mk log handled 1");
    world.board.powerCut();
    return isMissing;
  };
  expect(misses(faults)).toBe(true);
  expect(shrinkFaults(faults, misses).map(({ kind }) => kind)).toEqual(["cut"]);
});
