/** A board of a virtual world: attached devices, power, memory, clock and configuration, as in a user's test. */
import { beforeAll, describe, expect, it } from "vitest";
import { WATCHDOG_SECONDS } from "../../firmware/limits.ts";
import { loadBoard } from "../../host/boards.ts";
import { createWorld } from "../../host/testing/testing.ts";
import { buildWorldApp, command, connected, HOME } from "../fixtures/connected-world.ts";
import { codeOf } from "../fixtures/error-code.ts";

let app: Uint8Array;

beforeAll(async () => {
  app = await buildWorldApp();
});

describe("board of a virtual world", () => {
  it("reads and writes the devices that the test attaches", async () => {
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

  it("reports its reset cause", async () => {
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

  it("counts its live objects", async () => {
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

  it("restarts after it ran out of memory, and reports it", async () => {
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

  it("is checked by the bytes that it processed if memory ran out for another connection", async () => {
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
    // The first event belongs to the timer.
    board.exhaustMemory({ inEvent: 2 });
    await world.advance("1 s");
    expect(board.lines).toContain("ERROR: Error processing Serial data handler - removing it.");
    world.hub.publish("x", "1", { qos: 1 });
    await world.advance("1 s");
    board.oracle.finish();
    expect(board.oracle.violations).toContainEqual(expect.stringMatching(/#2 never answered \d+$/));
  });

  it("is restarted by the watchdog if memory also ran out for the restart", async () => {
    const world = await connected();
    const { board } = world;
    board.exhaustMemory();
    while (world.hub.published("devices/dev/event/error").length === 0) await world.advance(1);
    // All events up to the restart's timer are lost, and that timer too.
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

  it("has a wall clock that can jump", async () => {
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

  it("uses a new configuration at its next start", async () => {
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

  it("has the old or the new configuration after a power cut at any write of configure", async () => {
    const shown = new Map<number | undefined, number>();
    for (let inWrite = 1; inWrite <= 5; inWrite++) {
      for (let afterBytes = 0; afterBytes < 240; afterBytes += 11) {
        const world = await connected();
        world.board.configure({ keepAliveSeconds: 33 });
        // The writes to the first file: one for the old name, one for the header, and two for the content.
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

  it("measures its call depth", async () => {
    const world = await connected({ measuresStack: true });
    const frames = world.board.deepestCalls.at(-1)?.frames ?? 0;
    expect(frames).toBeGreaterThan(2);
    expect(frames).toBeLessThan(loadBoard("esp32").stackFrames ?? 0);
  });

  it("has a button that is pressed as long as the test holds it", async () => {
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

  it("refuses unknown pins, ports and times", async () => {
    const world = await connected();
    expect(codeOf(() => world.board.pin("D77"))).toBe("MK2002");
    expect(codeOf(() => world.board.attachSerial(() => undefined, "Serial9"))).toBe("MK2002");
    // The port of the console.
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
