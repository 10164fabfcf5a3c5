/** Firmware with deliberate defects: the random schedules must find each defect, and shrink the schedule. */
import { describe, expect, it } from "vitest";
import { CONFIGURATION_FILES } from "../../firmware/contract/configuration.ts";
import { RESTARTING_KINDS } from "../../host/testing/fault-kinds.ts";
import { type Fault, playFaults, shrinkFaults } from "../../host/testing/fault-schedule.ts";
import type { World } from "../../host/testing/world.ts";
import { type Draw, kindsWithout, RandomRuns } from "../fixtures/random-schedules.ts";
import { buildBrokenSequenceApp, type Edit } from "../fixtures/sequence-app.ts";
import { buildSessionApp, QOS_1_CMDS, QOS_2_CMDS } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { Sweep } from "../fixtures/sweep.ts";

const BOARD = "esp32";
/** Two messages a second, more than the outbox holds while the hub is away for a minute. */
const PERIOD_SECONDS = 0.5;
const EVENTS = 800;
/** Maximum number of schedules for firmware with a defect, and the number for firmware without. */
const SCHEDULES = 100;
const SOUND_SCHEDULES = 20;
const DRAW = { cmds: QOS_1_CMDS, kinds: kindsWithout(...RESTARTING_KINDS) };
const RETRY = "  let delayMs = retryDelayMs(attempt++, Math.random());\n";

/** Each defect: its title, the edit that makes it, and a part of the expected failure. */
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

/** Defects in reading the configuration, in the same form. */
const BADLY_CONFIGURED: typeof BROKEN = [
  [
    "that believes a torn configuration",
    {
      file: "contract/configuration.ts",
      text: "file && formatCrc(crc32(file.substr(8))) === file.substr(0, 8)",
      by: "file",
    },
    /Uncaught/,
  ],
  [
    "that reads one of the configuration's files",
    {
      file: "device.ts",
      text: "[storage.read(CONFIGURATION_FILES[0]), storage.read(CONFIGURATION_FILES[1])]",
      by: "[storage.read(CONFIGURATION_FILES[0])]",
    },
    /connects with a keep alive of|not connected again/,
  ],
  [
    "that keeps to the older configuration",
    {
      file: "contract/configuration.ts",
      text: "record.sequence > newest.sequence",
      by: "record.sequence < newest.sequence",
    },
    /connects with a keep alive of/,
  ],
];

async function buildPersistentApp(edits: readonly Edit[]): Promise<Uint8Array> {
  return buildSessionApp({ persistence: true, eventCount: 12, periodSeconds: 15, board: BOARD, edits });
}

/** Writes the new record over the valid one, as if there were only one file. */
function writeInPlace({ board: { storage } }: World): void {
  const write = storage.write.bind(storage);
  const [only, other] = CONFIGURATION_FILES;
  storage.write = (name, ...rest) => write(name === other ? only : name, ...rest);
}

/** The failure of the first failing schedule with persistent sessions. */
function firstPersistentFailure(app: Uint8Array, prepare?: (world: World) => void): string | undefined {
  const sweep = new Sweep(app, sessionScript({ hubForgets: false, powerFails: true }), BOARD);
  return firstFailure(sweep, { cmds: QOS_2_CMDS, kinds: kindsWithout("hub forgets") }, prepare);
}

/** The failure of the first failing schedule. */
function firstFailure(sweep: Sweep, draw: Draw, prepare?: (world: World) => void): string | undefined {
  const runs = new RandomRuns();
  try {
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const schedule = runs.schedule(seed, draw);
      const arrange = (world: World): void => {
        schedule.arrange?.(world);
        prepare?.(world);
      };
      sweep.run({ ...schedule, arrange });
    }
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

describe("random fault schedules", () => {
  it("firmware without defects passes", async () => {
    const app = await buildBrokenSequenceApp(PERIOD_SECONDS, EVENTS, BOARD, []);
    const runs = new RandomRuns();
    const sweep = new Sweep(app, undefined, BOARD);
    for (let seed = 1; seed <= SOUND_SCHEDULES; seed++) sweep.run(runs.schedule(seed, DRAW));
    expect(sweep.runs).toBe(SOUND_SCHEDULES);
  }, 120_000);

  it.each(BROKEN)(
    "firmware %s is found",
    async (_what, edit, promise) => {
      const app = await buildBrokenSequenceApp(PERIOD_SECONDS, EVENTS, BOARD, [edit]);
      expect(firstFailure(new Sweep(app, undefined, BOARD), DRAW)).toMatch(promise);
    },
    120_000,
  );

  it.each(BADLY_CONFIGURED)(
    "firmware %s is found",
    async (_what, edit, promise) => {
      expect(firstPersistentFailure(await buildPersistentApp([edit]))).toMatch(promise);
    },
    120_000,
  );
});

it("random fault schedules: a configuration that overwrites the old one is found, and the schedule is shrunk to the cause", async () => {
  const found = firstPersistentFailure(await buildPersistentApp([]), writeInPlace);
  expect(found).toContain("not connected again in time");
  const faults = found?.split("\n").filter((line) => / \(.*, from [0-9.]+ s, /.test(line));
  expect(faults).toEqual([expect.stringMatching(/^power cut while configured/)]);
}, 120_000);

it("random fault schedules: a schedule of five faults is shrunk to the one that matters", async () => {
  const deaf = BROKEN[1]?.[1] as Edit;
  const app = await buildBrokenSequenceApp(10, 25, BOARD, [deaf]);
  const fault = { during: "idle", forMs: 1_000, size: 1, cmd: "puback" } as const;
  const faults: Fault[] = (
    ["slow network", "packet doubled", "cut", "packet delayed", "clock forward"] as const
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
