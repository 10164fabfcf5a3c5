/** A world on real Espruino (`engine: "espruino"`) compared with the same world on the simulator. */
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../host/simulator/board-api/simulated-board.ts";
import { FAULT_KINDS } from "../../host/testing/fault-kinds.ts";
import { Coverage, drawFaults, formatFault, playFaults } from "../../host/testing/fault-schedule.ts";
import { createWorld } from "../../host/testing/testing.ts";
import type { World } from "../../host/testing/world.ts";
import { effort } from "../fixtures/effort.ts";
import { codeOf } from "../fixtures/error-code.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";
import { QOS_2_CMDS } from "../fixtures/session-app.ts";

const HOME = { wifi: { home: "secret" } };
/** The number of seeds. `npm run soak` runs 200. */
const SEEDS = effort("tierSeeds");
/** The number of seeds with which every kind of fault applies to an idle connection. */
const COVERING_SEEDS = 200;
/** The time by which every fault has been applied. */
const FAULTS_MS = 65_000;
const SESSION_MS = 80_000;
/** Time limit for one core of a slow computer. */
const TIMEOUT_MS = 900_000;
const BUILDS_MS_MAX = 120_000;

function appText(afterCount: string): string {
  return `import { every, log, onCommand, publish, start, subscribe } from "motekit";
import { usePersistence } from "motekit/persistence";
import { useQos2 } from "motekit/qos2";
usePersistence({ sizeBytes: 2000 });
useQos2();
let count = 0;
function payload(): string {
  let text = String(count);
  while (count % 3 === 0 && text.length < 700) text += text;
  return text;
}
every(6, () => {
  count++;
  publish("count", payload(), { qos: count % 2 ? 1 : 2 });
  ${afterCount}
});
setWatch((event) => publish("button", String(Math.round(event.time * 1000)), { qos: 1 }), D0, { repeat: true, edge: "both" });
onCommand("led", (value) => {
  digitalWrite(D2, value === true);
  return value;
});
start({ keepSession: true });
subscribe("in/#", 2, (message) => {
  log("handled " + message.topicName);
  publish("echo", message.payload, { qos: 1 });
});
`;
}

let app: Uint8Array;
/** An app that sends one more message, once. */
let mutant: Uint8Array;

beforeAll(async () => {
  app = await buildAppText(appText(""), "esp32");
  mutant = await buildAppText(appText('if (count === 2) publish("once", "", { qos: 0 });'), "esp32");
}, BUILDS_MS_MAX);

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Sends messages to the board and presses its button while faults are applied. */
function scriptSession({ hub, board }: World): void {
  for (let second = 4; second < SESSION_MS / 1000; second += 12) {
    hub.runIn(second * 1000, () => hub.publish("devices/dev/command/led", second % 8 ? "true" : "false"));
    hub.runIn(second * 1200, () => hub.publish("in/text", "x".repeat(second * 20), { qos: 2 }));
    hub.runIn(second * 1300, () => {
      // The button can be pressed only while the board is running.
      const button = board.pin("D0");
      if (codeOf(() => button.level()) !== undefined) return;
      // The handler may be interrupted by a power cut.
      button.press("300 ms");
    });
  }
}

async function play(
  engine: Engine,
  seed: number,
  bundle: Uint8Array,
  coverage?: Coverage,
): Promise<string[]> {
  const world = await createWorld({ board: "esp32", app: bundle, seed, engine, keepsTranscript: true });
  world.addBoard(HOME);
  const faults = coverage
    ? drawFaults(seed, { kinds: FAULT_KINDS, cmds: QOS_2_CMDS, countMin: 3, countMax: 5, untilMs: FAULTS_MS })
    : [];
  const strikes = playFaults(world, faults);
  scriptSession(world);
  world.board.powerOn();
  await world.advance(SESSION_MS);
  world.close();
  coverage?.add(strikes);
  return [...faults.map(formatFault), ...world.packetTrace()];
}

/** The console lines that are the same on both engines. */
async function linesOf(engine: Engine, program: string, duration: number): Promise<string[]> {
  const world = await createWorld({ board: "esp32", app: Buffer.from(program), engine });
  const board = world.boot(HOME);
  await world.advance(duration);
  world.close();
  // The engines print stack frames differently.
  return board.console.filter(({ text }) => /^\S/.test(text)).map(({ atMs, text }) => `${atMs} ${text}`);
}

const LANGUAGE = `
function say(name, action) {
  try { print(name, action()); } catch (error) { print(name, "threw", error.message); }
}
var storage = require("Storage"), boots = storage.list(/^boot/).length;
storage.write("boot" + boots, "x");
print("boot", boots, Math.round(getTime() * 1000), Date.now());
print("chance", Math.floor(Math.random() * 1e6), Math.randInt(1000), E.hwRand(), Math.round(E.getTemperature() * 10));
print("board", process.env.BOARD, getSerial());
say("timer of a number", function() { return setTimeout(5); });
say("no timer", function() { return clearTimeout(undefined); });
say("unknown interval", function() { return changeInterval(999, 5); });
setTimeout(function(one, two) { print("later", one, two, Math.round(getTime() * 1000)); }, 150.5, "x", 2);
setTimeout("print('text', Math.round(getTime() * 1000))", 72);
var beats = 0, beat = setInterval(function() {
  print("beat", ++beats, Math.round(getTime() * 1000));
  if (beats === 2) changeInterval(beat, 25);
  if (beats === 5) clearInterval(beat);
}, 10);
setTimeout(function() { print("zero"); }, 0);
Promise.resolve(1).then(function() { print("promise"); });
storage.write("file", "hello");
say("read", function() { return storage.read("file") + storage.read("file", 1, 3) + storage.read("none"); });
say("part", function() { storage.write("part", "12", 0, 8); return storage.write("part", "34", 2); });
say("again", function() { return storage.write("part", "99", 0); });
say("empty", function() { return storage.write("void", ""); });
say("JSON", function() { storage.writeJSON("json", { a: [1] }); return storage.readJSON("json").a[0]; });
say("list", function() { return storage.list().join(); });
say("erase", function() { storage.erase("file"); return storage.read("file"); });
say("free", function() { return storage.getFree(); });
say("bytes", function() { storage.write("bytes", new Uint8Array([0, 200, 255])); return E.CRC32(storage.read("bytes")); });
var until = getTime() + 0.02;
while (getTime() < until);
print("waited", Math.round(getTime() * 1000));
digitalWrite(D2, 1);
print("pin", digitalRead(D2));
setTimeout(function() { throw new Error("on purpose"); }, 300);
setTimeout(function() { setTime(1000000000); print("set", Math.round(getTime())); }, 350);
if (boots === 0) setTimeout(load, 400);
else if (boots === 1) setTimeout(E.reboot, 400);
else if (boots === 2) E.enableWatchdog(1, false);
`;

describe.skipIf(!hasProgram("espruino"))("world on real Espruino", () => {
  it(
    `sends the same packets at the same times as the simulator, for ${SEEDS} seeds`,
    async () => {
      const coverage = new Coverage();
      let packets = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const simulated = await play("node", seed, app, coverage);
        const real = await play("espruino", seed, app, new Coverage());
        expect(real, `seed ${seed}`).toEqual(simulated);
        packets += real.length;
      }
      expect(packets).toBeGreaterThan(50 * SEEDS);
      if (SEEDS < COVERING_SEEDS) return;
      for (const kind of FAULT_KINDS) expect(coverage.missing([kind], ["idle"]), kind).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "the comparison finds a bundle that sends one more packet",
    async () => {
      const simulated = await play("node", 1, app);
      const real = await play("espruino", 1, mutant);
      const added = real.filter((line) => !simulated.includes(line));
      expect(added.some((line) => line.endsWith('publish qos0 once 0 B ""'))).toBe(true);
      expect(real.filter((line) => line.includes(" once ")).length).toBe(1);
      expect(await play("node", 1, mutant)).toEqual(real);
    },
    TIMEOUT_MS,
  );

  it("gives the same time, random values, Storage and restarts as the simulator", async () => {
    const simulated = await linesOf("node", LANGUAGE, 4_000);
    expect(simulated.length).toBeGreaterThan(80);
    expect(await linesOf("espruino", LANGUAGE, 4_000)).toEqual(simulated);
  }, 60_000);

  it("has the same pin levels as the simulator: idle button, pull-up, held over a restart", async () => {
    const program = `print("start", digitalRead(BTN1), digitalRead(D5));
pinMode(D4, "input_pullup");
print("pulled up", digitalRead(D4), D4.read());
setWatch(function(e) { print("button", e.state); }, BTN1, { repeat: true, edge: "both" });`;
    const play = async (engine: Engine): Promise<string[]> => {
      const world = await createWorld({ board: "esp32", app: Buffer.from(program), engine });
      const board = world.addBoard(HOME);
      board.pin("D5").drive(1);
      board.powerOn();
      await world.advance("1 s");
      board.pin("D0").press();
      await world.advance("1 s");
      board.pin("D0").drive(0);
      board.powerCut({ offFor: "1 s" });
      await world.advance("2 s");
      world.close();
      return board.lines;
    };
    const simulated = await play("node");
    expect(simulated).toEqual([
      "start 1 1",
      "pulled up 1 true",
      "button false",
      "button true",
      "button false",
      "start 0 1",
      "pulled up 1 true",
    ]);
    expect(await play("espruino")).toEqual(simulated);
  }, 60_000);

  it.each<[string, string, (world: World) => void]>([
    [
      "connect that is not answered",
      'require("net").connect({ host: "hub", port: 1883 });',
      ({ network }) => network.blackHole("1 min"),
    ],
    ["a loop that waits for long", "var until = getTime() + 25; while (getTime() < until);", () => undefined],
    ["a loop that waits for ever", "while (getTime());", () => undefined],
  ])(
    "is restarted by the watchdog during a %s, like the simulator",
    async (_what, stuck, arrange) => {
      const program = `E.enableWatchdog(3, false);
setInterval(E.kickWatchdog, 2000);
require("Wifi").connect("home", { password: "secret" });
print("boot");
if (!require("Storage").read("stuck")) setTimeout(function() {
  require("Storage").write("stuck", "1");
  try { ${stuck} } catch (error) { print("went on"); }
  require("Storage").write("after", "1");
  print("went on");
}, 5000);
setTimeout(function() { print("after", require("Storage").read("after")); }, 6000);`;
      const play = async (engine: Engine): Promise<string[]> => {
        const world = await createWorld({ board: "esp32", app: Buffer.from(program), engine });
        const board = world.boot(HOME);
        arrange(world);
        await world.advance("1 min");
        world.close();
        return board.console.map(({ atMs, text }) => `${atMs} ${text}`);
      };
      const simulated = await play("node");
      // 3 s after the last kick, within the duration of one read of the time.
      expect(simulated).toEqual([
        "0 boot",
        expect.stringMatching(/^700[01](\.\d+)? task_wdt: Task watchdog got triggered\.$/),
        expect.stringMatching(/^701[01](\.\d+)? boot$/),
        expect.stringMatching(/^1301[01](\.\d+)? after undefined$/),
      ]);
      expect(await play("espruino")).toEqual(simulated);
    },
    60_000,
  );

  it("is selected by MOTEKIT_ENGINE, and leaves no process and no file", async () => {
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("motekit-lockstep-"));
    const before = folders();
    vi.stubEnv("MOTEKIT_ENGINE", "espruino");
    const world = await createWorld({ board: "esp32", app });
    const board = world.boot(HOME);
    await world.advance("3 s");
    expect(world.hub.isConnected("dev")).toBe(true);
    expect(folders().length).toBe(before.length + 1);
    expect(codeOf(() => board.live)).toBe("MK2007");
    expect(codeOf(() => board.attachI2c(0x40, {}))).toBe("MK2007");
    expect(codeOf(() => board.exhaustMemory())).toBe("MK2007");
    expect(codeOf(() => board.attachSerial(() => undefined))).toBe("MK2007");
    expect(codeOf(() => board.pin("D34").drive(0.5))).toBe("MK2007");
    world.close();
    expect(folders()).toEqual(before);
    expect(existsSync("espruino.flash")).toBe(false);
  }, 60_000);
});

it("createWorld: a missing Espruino program is an error", async () => {
  vi.stubEnv("PATH", "");
  const world = await createWorld({ board: "esp32", app, engine: "espruino" });
  expect(codeOf(() => world.boot(HOME))).toBe("MK1302");
});

it("createWorld: an unknown engine is an error", async () => {
  vi.stubEnv("MOTEKIT_ENGINE", "v8");
  await expect(createWorld({ board: "esp32", app })).rejects.toMatchObject({ code: "MK2008" });
});

it("createWorld: measuresStack is refused with the engine espruino", async () => {
  const world = createWorld({ board: "esp32", app, engine: "espruino", measuresStack: true });
  await expect(world).rejects.toMatchObject({ code: "MK2007" });
});
