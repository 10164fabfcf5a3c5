/** Boards, Wi-Fi, network and hub of a virtual world, as "motekit/testing" gives them to a user's test. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WATCHDOG_SECONDS } from "../../firmware/limits.ts";
import { loadBoard } from "../../host/boards.ts";
import { MotekitError } from "../../host/errors.ts";
import { milliseconds } from "../../host/testing/duration.ts";
import { drawFaults, FAULT_KINDS, type FaultDraw } from "../../host/testing/fault-schedule.ts";
import { createWorld } from "../../host/testing/testing.ts";
import type { World } from "../../host/testing/world.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";

const HOME = { wifi: { home: "secret" } };
const APP = `import { every, log, onCommand, publish, start } from "motekit";
let count = 0;
every(5, () => publish("count", String(++count), { qos: 1 }));
Serial2.setup(9600);
Serial2.on("data", (data) => Serial2.write(data.toUpperCase()));
onCommand("spi", () => { log("spi " + SPI1.send([1, 2]).join()); return true; });
onCommand("i2c", () => { log("i2c " + I2C1.readReg(0x40, 3, 2).join()); return true; });
onCommand("adc", () => { log("adc " + analogRead(D34)); return true; });
onCommand("leak", () => { setWatch(print, D4, { repeat: true }); return true; });
onCommand("hang", () => { for (let id = 1; id < 99; id++) clearInterval(id); return true; });
onCommand("load", () => { load(); return true; });
start();
`;
let app: Uint8Array;

beforeAll(async () => {
  app = await buildAppText(APP, "esp32");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function connected(
  options: { keepsTranscript?: boolean; measuresStack?: boolean } = {},
): Promise<World> {
  const world = await createWorld({ board: "esp32", app, ...options });
  world.boot(HOME);
  await world.advance("3 s");
  expect(world.hub.isConnected("dev")).toBe(true);
  return world;
}

async function command(world: World, name: string): Promise<void> {
  world.hub.publish(`devices/dev/command/${name}`, "null");
  await world.advance("1 s");
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof MotekitError) return error.code;
    throw error;
  }
  return undefined;
}

describe("a duration", () => {
  it.each([
    [250, 250],
    ["250 ms", 250],
    ["1.5s", 1_500],
    ["5 min", 300_000],
    ["2 h", 7_200_000],
    ["1 d", 86_400_000],
  ] as const)("of %s is %d ms", (duration, ms) => expect(milliseconds(duration)).toBe(ms));

  it.each([-1, Number.NaN, "10 seconds" as never, "s" as never])("is not %s", (duration) => {
    expect(codeOf(() => milliseconds(duration))).toBe("MK2001");
  });
});

describe("Wi-Fi", () => {
  it("that is down for a moment is joined again in silence, and the connection is half-open", async () => {
    const world = await connected();
    world.wifi.down("home", "3 s");
    await world.advance("1 min");
    expect(world.board.lines.filter((line) => line.includes("disconnected"))).toEqual([]);
    world.wifi.down("home", "6.01 s");
    await world.advance("3 min");
    expect(world.board.lines.some((line) => line.includes("no PINGRESP"))).toBe(true);
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("that stays down is told after the silent retries", async () => {
    const world = await connected();
    world.wifi.down("home");
    await world.advance("20 s");
    expect(world.board.connectionState).toBe("without network");
    world.wifi.up("home");
    await world.advance("2 min");
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("with another password, or too weak a signal, is not joined", async () => {
    for (const harm of ["password", "signal"]) {
      const world = await connected();
      if (harm === "password") world.wifi.setPassword("home", "other");
      else world.wifi.signal("home", -95);
      await world.advance("5 min");
      expect(world.hub.isConnected("dev")).toBe(false);
      if (harm === "password") world.wifi.setPassword("home", "secret");
      else world.wifi.signal("home", -80);
      await world.advance("3 min");
      expect(world.hub.isConnected("dev")).toBe(true);
    }
  });

  it("without DHCP gives no address until somebody answers", async () => {
    const world = await createWorld({ board: "esp32", app });
    world.wifi.add("home", "secret");
    world.wifi.dhcpFailure("home", "20 s");
    world.boot(HOME);
    await world.advance("19 s");
    expect(world.board.connectionState).toBe("without network");
    await world.advance("11 s");
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("that nobody added cannot be changed", async () => {
    const world = await connected();
    expect(codeOf(() => world.wifi.down("elsewhere"))).toBe("MK2004");
  });
});

describe("the network", () => {
  it.each([
    ["refuse", "Unable to create socket"],
    ["dnsFailure", "Unable to locate host"],
  ] as const)("fails by %s as the board words it", async (trouble, words) => {
    const world = await connected();
    world.network[trouble]("30 s");
    world.network.cut();
    await world.advance("20 s");
    expect(world.hub.isConnected("dev")).toBe(false);
    expect(world.board.lines.some((line) => line.includes(words))).toBe(true);
    await world.advance("2 min");
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("that is a black hole freezes the interpreter", async () => {
    const world = await connected();
    const before = world.hub.published("count").length;
    world.network.blackHole("10 s");
    world.network.cut();
    await world.advance("5 s");
    expect(world.board.lane.isFrozen).toBe(false);
    const [, secondMs = 0] = world.board.attemptTimesMs;
    await world.advance("2 min");
    const thirdMs = world.board.attemptTimesMs[2] ?? 0;
    expect(thirdMs - secondMs).toBeGreaterThan(18_000);
    expect(world.hub.published("count").length).toBeGreaterThan(before + 20);
  });

  it("that is a black hole holds a board no longer than its power lasts", async () => {
    const world = await connected();
    world.network.blackHole("3 s");
    world.network.cut();
    // From within the world: outside of it nobody sees a board that is frozen.
    for (let ms = 0; ms < 3_000; ms += 100) {
      world.hub.runIn(ms, () => {
        if (world.board.lane.isFrozen && world.board.starts.length === 1)
          world.board.powerCut({ offFor: "4 s" });
      });
    }
    await world.advance("1 min");
    const [, frozenAtMs = 0] = world.board.attemptTimesMs;
    expect(world.board.starts).toHaveLength(2);
    const offMs = (world.board.starts[1]?.atMs ?? 0) - frozenAtMs;
    expect(offMs).toBeGreaterThanOrEqual(4_000);
    expect(offMs).toBeLessThan(4_200);
    expect(world.hub.isConnected("dev")).toBe(true);
    expect(world.violations).toEqual([]);
  });

  it("that is a black hole does not keep a board from its restart while another is frozen in it", async () => {
    const program = `print("boot"); E.enableWatchdog(5, false);
    setTimeout(function() { require("net").connect({ host: "hub", port: 1883 }); }, 1000);`;
    const world = await createWorld({ board: "linux", app: Buffer.from(program) });
    const boards = ["one", "other"].map((deviceId) => world.addBoard({ ...HOME, deviceId }));
    world.network.blackHole("1 h");
    boards[0]?.powerOn();
    world.hub.runIn(3_000, () => boards[1]?.powerOn());
    await world.advance("1 min");
    for (const { console, starts } of boards) {
      const bootsMs = console.filter(({ text }) => text === "boot").map(({ atMs }) => atMs);
      const dueMs = starts.map(({ cause, atMs }) => atMs + (cause === "watchdog" ? 10 : 0));
      expect(bootsMs.length).toBeGreaterThan(10);
      expect(bootsMs).toEqual(dueMs.slice(0, bootsMs.length));
    }
    // One of them is frozen at any time: what lies on the stack must end nevertheless.
    await world.advance("30 min");
    for (const { starts } of boards) expect(starts.length).toBeGreaterThan(360);
  });

  it("that loses segments or is slow brings everything late and whole", async () => {
    const world = await connected();
    world.network.loss(0.3);
    world.network.latency("300 ms", "200 ms");
    await world.advance("2 min");
    world.network.loss(0);
    await world.advance("1 min");
    const counts = new Set(world.hub.published("count").map(({ payload }) => Number(payload)));
    expect(counts.size).toBeGreaterThan(30);
    expect(Math.max(...counts)).toBe(counts.size);
    expect(world.violations).toEqual([]);
  });

  it("that splits every byte changes nothing", async () => {
    const world = await createWorld({ board: "esp32", app });
    world.network.chunkBytesMax(1);
    world.boot(HOME);
    await world.advance("12 s");
    expect(world.hub.published("count")).toHaveLength(2);
  });

  it("whose hub does not read keeps the bytes at the board", async () => {
    const world = await connected();
    world.network.stall();
    await world.advance("11 s");
    expect(world.board.live.queuedBytes).toBeGreaterThan(10);
  });
});

describe("the hub", () => {
  it("takes a client's place, and the client comes back", async () => {
    const world = await connected();
    world.hub.takeOver("dev");
    await world.advance("10 ms");
    await world.advance("10 s");
    expect(world.board.attemptTimesMs).toHaveLength(2);
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("refuses, doubles, delays, and restarts", async () => {
    const world = await connected();
    world.hub.double({ cmd: "puback" });
    world.hub.delay({ cmd: "puback", nth: 2 }, "3 s");
    await world.advance("15 s");
    expect(world.hub.hub.log.frames.map(({ fate }) => fate)).toEqual(
      expect.arrayContaining(["doubled", "delayed"]),
    );
    world.hub.refuse({ refuseConnect: () => 3 });
    world.hub.restart({ keepsState: false, away: "5 s" });
    await world.advance("1 min");
    expect(world.board.lines.some((line) => line.includes("server unavailable"))).toBe(true);
    world.hub.refuse({});
    await world.advance("2 min");
    expect(world.hub.isConnected("dev")).toBe(true);
    expect(world.violations).toEqual([]);
  });

  it("says which frames there were where a message does not come", async () => {
    const world = await connected();
    const failure = await world.hub.expect("nothing", "6 s").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "MK2003" });
    expect((failure as Error).message).toMatch(/#1 > publish \d+ qos1 count 1 B/);
  });
});

describe("a board", () => {
  it("meets the devices that the test plugs in", async () => {
    const world = await connected();
    const { board } = world;
    const heard: string[] = [];
    const written: number[][] = [];
    board.attachSpi((bytes) => bytes.map((byte) => byte + 10));
    board.attachI2c(0x40, { write: (bytes) => written.push([...bytes]), read: () => [7] });
    const send = board.attachSerial((bytes) => heard.push(Buffer.from(bytes).toString()));
    board.pin("D34").drive(0.25);
    send("hello");
    for (const name of ["spi", "i2c", "adc"]) await command(world, name);
    expect(heard).toEqual(["HELLO"]);
    expect(written).toEqual([[3]]);
    expect(board.lines.filter((line) => line.startsWith("~mk log"))).toEqual([
      "~mk log spi 11,12",
      "~mk log i2c 7,255",
      "~mk log adc 0.25",
    ]);
  });

  it("tells why it started", async () => {
    const world = await connected();
    await command(world, "load");
    await command(world, "hang");
    await world.advance(WATCHDOG_SECONDS * 1_000);
    world.board.powerCut({ offFor: "1 s" });
    expect(world.board.isPowered).toBe(false);
    expect(world.board.live).toEqual({ timers: 0, watches: 0, listeners: 0, sockets: 0, queuedBytes: 0 });
    await world.advance("2 s");
    const causes = world.board.starts.map(({ cause }) => cause);
    expect(causes).toEqual(["power on", "load", "watchdog", "power on"]);
  });

  it("shows what it holds on to", async () => {
    const world = await connected();
    const before = world.board.live;
    expect(before).toMatchObject({ sockets: 1, watches: 0 });
    await command(world, "leak");
    expect(world.board.live.watches).toBe(1);
    for (let round = 0; round < 20; round++) {
      world.network.cut();
      await world.advance("2 min");
    }
    expect(world.board.live).toEqual({ ...before, watches: 1 });
  });

  it("starts anew where memory ran out, and says so", async () => {
    const world = await connected();
    world.board.exhaustMemory();
    await world.advance("1 min");
    expect(world.board.starts.map(({ cause }) => cause)).toEqual(["power on", "reboot"]);
    expect(world.hub.published("devices/dev/event/error").map(({ payload }) => payload.toString())).toEqual([
      expect.stringMatching(/restart: (CALLBACK,)?LOW_MEMORY,MEMORY/),
    ]);
    expect(world.hub.isConnected("dev")).toBe(true);
    expect(world.violations).toEqual([]);
  });

  it("is judged by what it heard, where memory ran out for what waited on another connection", async () => {
    const program = `var connect = require("net").connect, hub = { host: "hub", port: 1883 };
    var one = connect(hub, function() { one.write("\\x10\\x0d\\0\\4MQTT\\4\\2\\0\\0\\0\\1a"); });
    var other = connect(hub, function() {
      other.write("\\x10\\x0d\\0\\4MQTT\\4\\2\\0\\0\\0\\1b\\x82\\6\\0\\1\\0\\1x\\1");
    });
    other.on("data", function(data) { print("other", data.length); });
    setTimeout(function() { one.on("data", print); }, 1000);`;
    const world = await createWorld({ board: "linux", app: Buffer.from(program) });
    const board = world.boot(HOME);
    await world.advance("500 ms");
    expect(board.lines).toEqual(["other 4", "other 5"]);
    // The first event is the timer's.
    board.exhaustMemory({ inEvent: 2 });
    await world.advance("1 s");
    expect(board.lines).toContain("ERROR: Error processing Serial data handler - removing it.");
    world.hub.publish("x", "1", { qos: 1 });
    await world.advance("1 s");
    board.oracle.finish();
    expect(board.oracle.violations).toContainEqual(expect.stringMatching(/#2 never answered \d+$/));
  });

  it("is started anew by the watchdog where memory ran out for the restart too", async () => {
    const world = await connected();
    const { board } = world;
    board.exhaustMemory();
    while (world.hub.published("devices/dev/event/error").length === 0) await world.advance(1);
    // Whatever comes before the restart's timer is lost, and that too.
    for (let ms = 0; ms < 1_100; ms++) {
      board.exhaustMemory();
      await world.advance(1);
    }
    board.exhaustMemory({ inEvent: Number.MAX_SAFE_INTEGER });
    expect(board.starts).toHaveLength(1);
    await world.advance("3 min");
    expect(board.starts.map(({ cause }) => cause)).toEqual(["power on", "watchdog"]);
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("has a wall clock that jumps", async () => {
    const world = await connected();
    const before = world.hub.published("count").length;
    world.board.jumpClock("1 min");
    await world.advance("1 s");
    expect(world.hub.published("count").length).toBeGreaterThanOrEqual(before + 12);
    world.board.jumpClock("20 s", "back");
    const later = world.hub.published("count").length;
    await world.advance("15 s");
    expect(world.hub.published("count")).toHaveLength(later);
  });

  it("is configured, and starts with that the next time", async () => {
    const world = await connected();
    const keepAlives = () => world.board.oracle.connects.map(({ packet }) => packet.keepalive);
    const [before] = keepAlives();
    world.board.configure({ keepAliveSeconds: 33 });
    world.network.cut();
    await world.advance("1 min");
    expect(keepAlives()).toEqual([before, before]);
    world.board.powerCut({ offFor: "1 s" });
    await world.advance("1 min");
    expect(keepAlives()).toEqual([before, before, 33]);
    world.board.powerCut();
    world.board.configure({ keepAliveSeconds: 44 });
    world.board.powerOn();
    await world.advance("1 min");
    expect(keepAlives()).toEqual([before, before, 33, 33]);
  });

  it("has its old configuration or the new one, wherever power fails while it is configured", async () => {
    const shown = new Map<number | undefined, number>();
    for (let inWrite = 1; inWrite <= 5; inWrite++) {
      for (let afterBytes = 0; afterBytes < 240; afterBytes += 11) {
        const world = await connected();
        world.board.configure({ keepAliveSeconds: 33 });
        // Into the first file, whose name is overwritten in one write, its header in another, and its bytes in two.
        world.board.configure({ keepAliveSeconds: 22, name: "b" }, { inWrite, afterBytes, offFor: "1 s" });
        await world.advance("1 min");
        const keepAlive = world.board.oracle.connects.at(-1)?.packet.keepalive;
        shown.set(keepAlive, (shown.get(keepAlive) ?? 0) + 1);
        expect(world.board.configurationWrites.map(({ isWhole }) => isWhole)).toEqual([true, inWrite > 4]);
        if (inWrite > 4) expect(keepAlive).toBe(22);
        expect(world.board.storage.read("mk.cfg1")).toContain('"keepAliveSeconds":33');
      }
    }
    expect([...shown.keys()].sort()).toEqual([22, 33]);
  });

  it("says how deep it calls", async () => {
    const world = await connected({ measuresStack: true });
    const frames = world.board.deepestCalls.at(-1)?.frames ?? 0;
    expect(frames).toBeGreaterThan(2);
    expect(frames).toBeLessThan(loadBoard("esp32").stackFrames ?? 0);
  });

  it("has a button that nobody presses, held as long as the test holds it", async () => {
    const program = 'print("held", !digitalRead(BTN1)); setWatch(function() { print("pressed"); }, BTN1);';
    const world = await createWorld({ board: "esp32", app: Buffer.from(program) });
    const board = world.boot(HOME);
    await world.advance("1 s");
    board.pin("D0").press("2 s");
    await world.advance("1 s");
    expect(board.pin("D0").level()).toBe(0);
    board.pin("D0").press();
    await world.advance("5 s");
    expect(board.pin("D0").level()).toBe(1);
    expect(board.lines).toEqual(["held false", "pressed"]);
    board.powerCut();
    board.pin("D0").drive(0);
    board.powerOn();
    expect(board.lines.at(-1)).toBe("held true");
  });

  it("has no pin, port or moment that it has not", async () => {
    const world = await connected();
    expect(codeOf(() => world.board.pin("D77"))).toBe("MK2002");
    expect(codeOf(() => world.board.attachSerial(() => undefined, "Serial9"))).toBe("MK2002");
    // The console's.
    expect(codeOf(() => world.board.attachSerial(() => undefined, "Serial1"))).toBe("MK2002");
    expect(codeOf(() => world.board.attachI2c(0x40, {}, "I2C2"))).toBe("MK2002");
    expect(codeOf(() => world.board.attachSpi((bytes) => bytes, "SPI9"))).toBe("MK2002");
    world.board.powerCut();
    expect(codeOf(() => world.board.pin("D0").press())).toBe("MK2002");
    const empty = await createWorld({ board: "esp32", app });
    expect(codeOf(() => empty.board)).toBe("MK2002");
    for (const harm of ["cut", "sever", "stall"] as const) {
      expect(codeOf(() => empty.network[harm]())).toBe("MK2002");
    }
  });
});

describe("a fault that cannot strike is refused:", () => {
  it.each<[string, (world: World) => unknown]>([
    ["a share above 1", ({ network }) => network.loss(30)],
    ["a share that is no number", ({ network }) => network.loss(Number.NaN)],
    ["fewer bytes than none", ({ network }) => network.cut({ afterBytes: -1 })],
    ["half a byte", ({ network }) => network.sever({ afterBytes: 0.5 })],
    ["another direction", ({ network }) => network.cut({ afterBytes: 5, direction: "sideways" as never })],
    ["a split before the first byte", ({ network }) => network.split(0, "1 s")],
    ["chunks without bytes", ({ network }) => network.chunkBytesMax(0)],
    ["a stall before the first byte", ({ network }) => network.stall(-1)],
    ["a signal that is none", ({ wifi }) => wifi.signal("home", Number.NaN)],
    ["a signal above the sender's", ({ wifi }) => wifi.signal("home", 50)],
    ["a packet that MQTT has not", ({ hub }) => hub.drop({ cmd: "pubak" as never })],
    ["a packet that goes the other way", ({ hub }) => hub.drop({ cmd: "subscribe" })],
    ["a packet before the next", ({ hub }) => hub.double({ cmd: "puback", nth: 0 })],
    ["a way that no packet goes", ({ hub }) => hub.delay({ cmd: "puback", direction: "up" as never }, "1 s")],
    ["a message on many topics", ({ hub }) => hub.publish("home/#", "x")],
    ["a message on none", ({ hub }) => hub.publish("", "x")],
    ["a message of QoS 3", ({ hub }) => hub.publish("home", "x", { qos: 3 as never })],
    ["a filter with # in its midst", ({ hub }) => hub.published("home/#/b")],
    ["memory that runs out before an event", ({ board }) => board.exhaustMemory({ inEvent: 0 })],
    ["a configuration with another keep alive", ({ board }) => board.configure({ keepAliveSeconds: -1 })],
    ["power that fails before a write", ({ board }) => board.powerCut({ inWrite: 0 })],
    ["power that fails before a byte", ({ board }) => board.powerCut({ inWrite: 1, afterBytes: -1 })],
    ["power that fails in bytes of no write", ({ board }) => board.powerCut({ afterBytes: 3 })],
    ["a jump sideways", ({ board }) => board.jumpClock("1 s", "sideways" as never)],
    ["a level above the supply", ({ board }) => board.pin("D4").drive(3.3)],
    ["a level in words", ({ board }) => board.pin("D4").drive("high" as never)],
    ["an address of 8 bits", ({ board }) => board.attachI2c(0x80, {})],
    ["a board whose ID is a topic", (world) => world.boot({ deviceId: "a/b" })],
    ["a keep alive beyond CONNECT", (world) => world.boot({ configuration: { keepAliveSeconds: 65_536 } })],
    ["networks without passwords", (world) => world.boot({ wifi: ["home"] as never })],
  ])("%s", async (_what, action) => {
    const world = await connected();
    const boards = world.boards.length;
    expect(codeOf(() => action(world))).toBe("MK2009");
    expect(world.boards).toHaveLength(boards);
    await world.advance("2 min");
    expect(world.hub.isConnected("dev")).toBe(true);
    expect(world.board.attemptTimesMs).toHaveLength(1);
  });

  it.each<[string, Partial<FaultDraw>]>([
    ["no kinds", { kinds: [] }],
    ["an unknown kind", { kinds: ["cutt" as never] }],
    ["no packets", { cmds: [] }],
    ["more at least than at most", { countMin: 3, countMax: 2 }],
    ["no time to strike", { untilMs: 60_000 }],
  ])("a draw with %s", (_what, draw) => {
    const whole = {
      kinds: FAULT_KINDS,
      cmds: ["puback"],
      countMin: 1,
      countMax: 2,
      untilMs: 90_000,
    } as const;
    expect(drawFaults(1, whole).length).toBeGreaterThan(0);
    expect(codeOf(() => drawFaults(1, { ...whole, ...draw }))).toBe("MK2009");
  });

  it("a sweep of faults that are none", async () => {
    const world = await createWorld({ board: "esp32", app });
    const sweep = world.sweep(() => undefined, { at: "packet", fault: "explode" as never, cmd: "puback" });
    await expect(sweep).rejects.toMatchObject({ code: "MK2009" });
  });
});

describe("a world", () => {
  it("has several boards, each with its own", async () => {
    const world = await createWorld({ board: "esp32", app });
    const [one, other] = [world.boot(HOME), world.boot(HOME)];
    await world.advance("10 s");
    expect([one, other].map(({ deviceId }) => world.hub.isConnected(deviceId))).toEqual([true, true]);
    one.powerCut();
    await world.advance("2 min");
    expect(world.hub.isConnected("dev")).toBe(false);
    expect(world.hub.isConnected("dev-2")).toBe(true);
    expect(world.violations).toEqual([]);
  });

  it("is the same for the same seed, and another for another", async () => {
    const play = async (seed: number): Promise<string> => {
      const world = await createWorld({ board: "esp32", app, seed, keepsTranscript: true });
      world.boot(HOME);
      await world.advance("8 s");
      world.network.cut();
      await world.advance("30 s");
      return world.transcript();
    };
    const first = await play(7);
    expect(first.split("\n").length).toBeGreaterThan(30);
    expect(await play(7)).toBe(first);
    expect(await play(8)).not.toBe(first);
  });

  it("takes no seed that is none, and no board", async () => {
    await expect(createWorld({ board: "esp32", app, seed: 0.5 })).rejects.toMatchObject({ code: "MK2005" });
    vi.stubEnv("MOTEKIT_SEED", "");
    await expect(createWorld({ board: "esp32", app })).rejects.toMatchObject({ code: "MK2005" });
    vi.unstubAllEnvs();
    await expect(createWorld({ app } as never)).rejects.toMatchObject({ code: "MK1101" });
  });
});

describe("a sweep", () => {
  const scenario = async (world: World): Promise<void> => {
    world.boot(HOME);
    await world.advance("40 s");
    const counts = world.hub.published("count").map(({ payload }) => Number(payload));
    if (!counts.includes(1)) throw new Error("count 1 is missing");
  };

  it("tries each packet of a type, and each write to flash", async () => {
    const world = await createWorld({ board: "esp32", app });
    expect(await world.sweep(scenario, { at: "packet", fault: "drop", cmd: "puback" })).toBeGreaterThan(5);
    expect(await world.sweep(scenario, { at: "packet", fault: "delay", cmd: "suback", by: "2 s" })).toBe(1);
    const writing = await buildAppText('require("Storage").write("a", "bcdef");\nprint("end");', "esp32");
    const writes = await (await createWorld({ board: "esp32", app: writing })).sweep(
      async (tried) => {
        tried.boot(HOME);
        await tried.advance("5 s");
        expect(tried.board.lines).toContain("end");
      },
      { at: "write", fault: "power cut", afterBytes: 2, offFor: "1 s" },
    );
    expect(writes).toBeGreaterThan(1);
  });

  it("tries each event in which memory can run out: the device is connected again", async () => {
    const world = await createWorld({ board: "esp32", app });
    const restarts: number[] = [];
    const events = await world.sweep(
      async (tried) => {
        const board = tried.boot(HOME);
        await tried.advance("25 s");
        const before = tried.hub.published("count").length;
        await tried.advance("3 min");
        expect(tried.hub.isConnected("dev")).toBe(true);
        expect(tried.hub.published("count").length).toBeGreaterThan(before + 10);
        expect(board.live.sockets).toBe(1);
        restarts.push(board.starts.filter(({ cause }) => cause === "reboot").length);
      },
      { at: "event", fault: "out of memory" },
    );
    expect(events).toBeGreaterThan(50);
    // Undisturbed, and then once for each event but for the last ones, behind which a second is missing.
    expect(restarts[0]).toBe(0);
    expect(restarts.filter((count) => count === 1).length).toBeGreaterThan(events - 5);
  }, 120_000);

  it("names the first place at which a scenario fails", async () => {
    const once = await buildAppText(
      'import { publish, start } from "motekit";\nstart({ onConnected: () => void publish("count", "1") });',
      "esp32",
    );
    const world = await createWorld({ board: "esp32", app: once });
    const impatient = async (tried: World): Promise<void> => {
      tried.boot(HOME);
      await tried.advance("1 s");
      expect(tried.hub.published("count")).toHaveLength(1);
    };
    await expect(world.sweep(impatient, { at: "byte", fault: "cut" })).rejects.toMatchObject({
      code: "MK2006",
      message: expect.stringMatching(/^cut at byte \d+ of \d+: expected \[.*\] to have a length of 1/),
    });
  });
});
