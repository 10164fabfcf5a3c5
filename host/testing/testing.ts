/**
 * What a test of firmware imports, as "motekit/testing": boards, Wi-Fi, network and hub in virtual time, for vitest. A
 * test that fails prints its seed, the consoles and the last frames; the variable `MOTEKIT_SEED` repeats it.
 */
import { resolve } from "node:path";
import { onTestFailed, TestRunner } from "vitest";
import { type Board, loadBoard } from "../boards.ts";
import { buildFirmware } from "../build/build.ts";
import { MotekitError } from "../errors.ts";
import { findEntry } from "../project.ts";
import { World, type WorldOptions } from "./world.ts";

export { MotekitError } from "../errors.ts";
export type { AcceptedMessage, HubRules } from "../mock-hub/mock-hub.ts";
export type { I2cDevice, SerialDevice, SpiDevice } from "../simulator/buses.ts";
export type { LiveCounts } from "../simulator/node-engine.ts";
export type { ConnectionFaults } from "../simulator/virtual-network.ts";
export { CONNECTION_STATES, type ConnectionState } from "./connection-state.ts";
export type { Duration } from "./duration.ts";
export {
  Coverage,
  drawFaults,
  FAULT_KINDS,
  type Fault,
  type FaultDraw,
  type FaultKind,
  formatFault,
  playFaults,
  type Strike,
  shrinkFaults,
} from "./fault-schedule.ts";
export type { Scenario, SweepFault } from "./sweep.ts";
export type { ConsoleLine, PinChange, PowerCut, Start, VirtualBoard, VirtualPin } from "./virtual-board.ts";
export type { PacketChoice, VirtualHub } from "./virtual-hub.ts";
export type { BootOptions, World } from "./world.ts";
export type { CutOptions, WorldNetwork } from "./world-network.ts";
export type { WorldWifi } from "./world-wifi.ts";

export interface CreateWorldOptions extends Omit<WorldOptions, "app" | "board" | "seed"> {
  /** The ID of a board that motekit knows, or the path of a board file. */
  readonly board: string;
  /** The firmware's first file, from the working folder; src/main.ts by default. Built once in a process. */
  readonly entry?: string;
  /** The bytes of an app.js instead. */
  readonly app?: Uint8Array;
  /** 1 by default. `MOTEKIT_SEED` goes before it. */
  readonly seed?: number;
}

const apps = new Map<string, Promise<Uint8Array>>();

/** @throws MotekitError as a build does: MK10xx to MK12xx; MK2005 where the seed is none. */
export async function createWorld(options: CreateWorldOptions): Promise<World> {
  const { entry, app, seed, ...rest } = options;
  const board = loadBoard(options.board);
  const world = new World({
    ...rest,
    board,
    app: app ?? (await builtApp(findEntry(entry, resolve(".")), board)),
    seed: chosenSeed(seed),
  });
  if (TestRunner.getCurrentTest()) onTestFailed(() => void process.stderr.write(`${world.report()}\n`));
  return world;
}

function builtApp(entry: string, board: Board): Promise<Uint8Array> {
  const key = `${board.id} ${entry}`;
  const app = apps.get(key) ?? buildFirmware({ entry, board }).then((result) => result.app);
  apps.set(key, app);
  return app;
}

function chosenSeed(seed = 1): number {
  const chosen = process.env.MOTEKIT_SEED === undefined ? seed : Number(process.env.MOTEKIT_SEED);
  if (Number.isSafeInteger(chosen)) return chosen;
  throw new MotekitError({
    code: "MK2005",
    message: `The seed is no whole number: ${process.env.MOTEKIT_SEED ?? seed}.`,
    remedy: "Set MOTEKIT_SEED to the number that the failing test printed, or leave it away.",
  });
}
