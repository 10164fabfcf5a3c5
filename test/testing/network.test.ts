/** Wi-Fi, network and hub of a virtual world with their faults, as in a user's test. */
import { beforeAll, describe, expect, it } from "vitest";
import { createWorld } from "../../host/testing/testing.ts";
import { buildWorldApp, connected, HOME } from "../fixtures/connected-world.ts";
import { codeOf } from "../fixtures/error-code.ts";

let app: Uint8Array;

beforeAll(async () => {
  app = await buildWorldApp();
});

describe("Wi-Fi of a virtual world", () => {
  it("after a short outage the board rejoins silently, and its connection is half-open", async () => {
    const world = await connected();
    world.wifi.down("home", "3 s");
    await world.advance("1 min");
    expect(world.board.lines.filter((line) => line.includes("disconnected"))).toEqual([]);
    world.wifi.down("home", "6.01 s");
    await world.advance("3 min");
    expect(world.board.lines.some((line) => line.includes("no-pingresp"))).toBe(true);
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("a long outage is reported after the silent retries", async () => {
    const world = await connected();
    world.wifi.down("home");
    await world.advance("20 s");
    expect(world.board.connectionState).toBe("without network");
    world.wifi.up("home");
    await world.advance("2 min");
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("a network with another password or a weak signal is not joined", async () => {
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

  it("without DHCP the board gets no address until DHCP answers", async () => {
    const world = await createWorld({ board: "esp32", app });
    world.wifi.add("home", "secret");
    world.wifi.dhcpFailure("home", "20 s");
    world.boot(HOME);
    await world.advance("19 s");
    expect(world.board.connectionState).toBe("without network");
    await world.advance("11 s");
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("an unknown network cannot be changed", async () => {
    const world = await connected();
    expect(codeOf(() => world.wifi.down("elsewhere"))).toBe("MK2004");
  });
});

describe("network of a virtual world", () => {
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

  it("an unanswered connection blocks the interpreter", async () => {
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

  it("a power cut ends a blocked connection attempt", async () => {
    const world = await connected();
    world.network.blackHole("3 s");
    world.network.cut();
    // Checked from within the world, because from outside a board is never blocked.
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

  it("a blocked board restarts while another board is blocked", async () => {
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
    // One of the boards is always blocked, but the stack must not grow without limit.
    await world.advance("30 min");
    for (const { starts } of boards) expect(starts.length).toBeGreaterThan(360);
  });

  it("lost segments and latency delay all bytes, and none is missing", async () => {
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

  it("chunks of one byte change nothing for the app", async () => {
    const world = await createWorld({ board: "esp32", app });
    world.network.chunkBytesMax(1);
    world.boot(HOME);
    await world.advance("12 s");
    expect(world.hub.published("count")).toHaveLength(2);
  });

  it("bytes for a hub that does not read wait at the board", async () => {
    const world = await connected();
    world.network.stall();
    await world.advance("11 s");
    expect(world.board.live.queuedBytes).toBeGreaterThan(10);
  });
});

describe("hub of a virtual world", () => {
  it("another client with the same identifier ends the connection, and the board reconnects", async () => {
    const world = await connected();
    world.hub.takeOver("dev");
    await world.advance("10 ms");
    await world.advance("10 s");
    expect(world.board.attemptTimesMs).toHaveLength(2);
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("the hub refuses, doubles and delays packets, and restarts", async () => {
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

  it("the hub refuses the first CONNECT, cuts the second and accepts the third", async () => {
    const world = await createWorld({ board: "esp32", app });
    const connect = { cmd: "connect", direction: "in" } as const;
    world.hub.inject(connect, { action: "refuse", returnCode: 3 });
    world.hub.inject({ ...connect, nth: 2 }, { action: "cut" });
    world.boot(HOME);
    await world.advance("3 min");
    const connects = world.hub.hub.log.frames.filter(({ packet }) => packet.type === "connect");
    expect(connects.map(({ fate }) => fate)).toEqual(["refused", "cut", "passed"]);
    expect(world.hub.isConnected("dev")).toBe(true);
  });

  it("the error for a missing message lists the last frames", async () => {
    const world = await connected();
    const failure = await world.hub.expect("nothing", "6 s").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "MK2003" });
    expect((failure as Error).message).toMatch(/#1 > publish \d+ qos1 count 1 B/);
  });
});
