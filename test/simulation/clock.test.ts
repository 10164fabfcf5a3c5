/** Jumps of the wall clock in virtual time: the interpreter's timers use the wall clock, the hardware watchdog does not. */
import { beforeAll, expect, it } from "vitest";
import { WATCHDOG_KICK_MS, WATCHDOG_SECONDS } from "../../firmware/limits.ts";
import { WATCHDOG_TRIGGERED } from "../../host/simulator/board-api/simulated-board.ts";
import type { World } from "../../host/testing/world.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { KEEP_ALIVE_SECONDS, Sweep } from "../fixtures/sweep.ts";

const HOUR_MS = 3_600_000;
const JUMP_AT_MS = 5_500;
let world: World;
let app: Uint8Array;

beforeAll(async () => {
  app = await buildSequenceApp(1, 1_000);
});

function jump(byMs: number): void {
  world = new Sweep(app).createWorld({});
  world.board.powerOn();
  world.timeline.advance(JUMP_AT_MS);
  expect(arrived()).toBe(5);
  world.board.lane.jumpWall(byMs);
}

/** The app's events at the hub, including repeated ones. */
const arrived = () => world.hub.hub.messages.filter(({ topic }) => topic.endsWith("/sequence")).length;

const printed = (text: string) => world.board.console.filter((line) => line.text.includes(text));

it("a clock jump of an hour forward runs all due timers, and the device is connected within twice the keep alive", () => {
  jump(HOUR_MS);
  world.timeline.advance(2_000 * KEEP_ALIVE_SECONDS);
  expect(world.hub.hub.isConnected("dev")).toBe(true);
  expect(printed("~mk boot")).toHaveLength(1);
  const before = arrived();
  expect(before).toBeGreaterThan(5 + 20);
  world.timeline.advance(10_000);
  expect(world.hub.hub.isConnected("dev")).toBe(true);
});

it("a clock jump of an hour back stops the timers, and the watchdog restarts the board", () => {
  jump(-HOUR_MS);
  world.timeline.advance(1000 * WATCHDOG_SECONDS - WATCHDOG_KICK_MS);
  expect(arrived()).toBe(5);
  expect(printed("~mk boot")).toHaveLength(1);
  world.timeline.advance(WATCHDOG_KICK_MS + 1_000);
  expect(printed(WATCHDOG_TRIGGERED)).toHaveLength(1);
  expect(printed("~mk boot")).toHaveLength(2);
  expect(world.hub.hub.isConnected("dev")).toBe(true);
  world.timeline.advance(10_000);
  expect(arrived()).toBeGreaterThan(5 + 8);
});
