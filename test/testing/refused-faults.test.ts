/** Faults that can never apply are refused with the reason. */
import { beforeAll, describe, expect, it } from "vitest";
import { FAULT_KINDS } from "../../host/testing/fault-kinds.ts";
import { drawFaults, type FaultDraw } from "../../host/testing/fault-schedule.ts";
import { createWorld } from "../../host/testing/testing.ts";
import type { World } from "../../host/testing/world.ts";
import { buildWorldApp, connected } from "../fixtures/connected-world.ts";
import { codeOf } from "../fixtures/error-code.ts";

const CONNECT = { cmd: "connect", direction: "in" } as const;

let app: Uint8Array;

beforeAll(async () => {
  app = await buildWorldApp();
});

describe("motekit/testing refuses a fault that can never apply:", () => {
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
    ["a fault that there is not", ({ hub }) => hub.inject({ cmd: "puback" }, { action: "explode" as never })],
    ["a delay without a time", ({ hub }) => hub.inject({ cmd: "puback" }, { action: "delay" })],
    ["a delay of no time", ({ hub }) => hub.delay({ cmd: "puback" }, 0)],
    ["a drop with a time", ({ hub }) => hub.inject({ cmd: "puback" }, { action: "drop", delayMs: 5 })],
    ["a refused packet of the hub", ({ hub }) => hub.inject({ cmd: "publish" }, { action: "refuse" })],
    [
      "a return code that MQTT does not have",
      ({ hub }) => hub.inject(CONNECT, { action: "refuse", returnCode: 6 }),
    ],
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
  ])("a random schedule with %s", (_what, draw) => {
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

  it("a sweep with unknown faults", async () => {
    const world = await createWorld({ board: "esp32", app });
    const sweep = world.sweep(() => undefined, { at: "packet", fault: "explode" as never, cmd: "puback" });
    await expect(sweep).rejects.toMatchObject({ code: "MK2009" });
  });
});
