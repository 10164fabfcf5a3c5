/** A virtual world of "motekit/testing", as in a user's test, and a sweep of faults over it. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { milliseconds } from "../../host/testing/duration.ts";
import { createWorld } from "../../host/testing/testing.ts";
import type { World } from "../../host/testing/world.ts";
import { buildWorldApp, HOME } from "../fixtures/connected-world.ts";
import { codeOf } from "../fixtures/error-code.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";

let app: Uint8Array;

beforeAll(async () => {
  app = await buildWorldApp();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("durations of motekit/testing", () => {
  it.each([
    [250, 250],
    ["250 ms", 250],
    ["1.5s", 1_500],
    ["5 min", 300_000],
    ["2 h", 7_200_000],
    ["1 d", 86_400_000],
  ] as const)("of %s is %d ms", (duration, ms) => expect(milliseconds(duration)).toBe(ms));

  it.each([-1, Number.NaN, "10 seconds" as never, "s" as never])("%s is refused", (duration) => {
    expect(codeOf(() => milliseconds(duration))).toBe("MK2001");
  });
});

describe("virtual world", () => {
  it("has several boards, each with its own state", async () => {
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

  it("has the same transcript for the same seed, and another for another seed", async () => {
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

  it("refuses an invalid seed, and faults without a board", async () => {
    await expect(createWorld({ board: "esp32", app, seed: 0.5 })).rejects.toMatchObject({ code: "MK2005" });
    vi.stubEnv("MOTEKIT_SEED", "");
    await expect(createWorld({ board: "esp32", app })).rejects.toMatchObject({ code: "MK2005" });
    vi.unstubAllEnvs();
    await expect(createWorld({ app } as never)).rejects.toMatchObject({ code: "MK1101" });
  });
});

describe("sweep of a virtual world", () => {
  const scenario = async (world: World): Promise<void> => {
    world.boot(HOME);
    await world.advance("40 s");
    const counts = world.hub.published("count").map(({ payload }) => Number(payload));
    if (!counts.includes(1)) throw new Error("count 1 is missing");
  };

  it("tests each packet of a type, and each write to flash", async () => {
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

  it("tests each event in which memory can run out, after which the device reconnects", async () => {
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
    // Once without a fault, and then once for each event except those of the last second.
    expect(restarts[0]).toBe(0);
    expect(restarts.filter((count) => count === 1).length).toBeGreaterThan(events - 5);
  }, 120_000);

  it("reports the first place at which a scenario fails", async () => {
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
