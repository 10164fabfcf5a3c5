/**
 * The module "motekit/testing" for firmware tests with vitest: boards, Wi-Fi, network and hub in virtual time. A failing test
 * prints its seed, the consoles and the last frames. The environment variable `MOTEKIT_SEED` repeats it, and `MOTEKIT_ENGINE`
 * selects the engine.
 */
import { resolve } from "node:path";
import { onTestFailed, onTestFinished, TestRunner } from "vitest";
import { type Board, loadBoard } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import { findEntry } from "../project/find-entry.ts";
import { ENGINES, type Engine } from "../simulator/board-api/simulated-board.ts";
import { World, type WorldOptions } from "./world.ts";

export type { PacketFault } from "../broker/packet-fault.ts";
export { MotekitError } from "../errors.ts";
export type { AcceptedMessage, HubRules } from "../mock-hub/mock-hub.ts";
export type { I2cDevice, SerialDevice, SpiDevice } from "../simulator/board-api/buses.ts";
export type { Engine } from "../simulator/board-api/simulated-board.ts";
export type { LiveCounts } from "../simulator/engines/node-engine.ts";
export type { ConnectionFaults } from "../simulator/world/virtual-network.ts";
export type { ByteFault, MemoryLoss, PowerCut } from "./board-faults.ts";
export type { ConfigurationWrite, Settings } from "./configuration-write.ts";
export { CONNECTION_STATES, type ConnectionState } from "./connection-state.ts";
export type { Duration } from "./duration.ts";
export { FAULT_KINDS, type FaultKind, RESTARTING_KINDS } from "./fault-kinds.ts";
export {
  Coverage,
  drawFaults,
  type Fault,
  type FaultDraw,
  formatFault,
  playFaults,
  type Strike,
  shrinkFaults,
} from "./fault-schedule.ts";
export type { WrittenConnect } from "./protocol-oracle.ts";
export type { SweepFault } from "./sweep.ts";
export type { ConsoleLine, Start, VirtualBoard } from "./virtual-board.ts";
export type { PacketChoice, VirtualHub } from "./virtual-hub.ts";
export type { PinChange, VirtualPin } from "./virtual-pin.ts";
export type { BootOptions, Scenario, World } from "./world.ts";
export type { CutOptions, WorldNetwork } from "./world-network.ts";
export type { WorldWifi } from "./world-wifi.ts";

export interface CreateWorldOptions extends Omit<WorldOptions, "app" | "board" | "seed"> {
  /** The ID of a board that motekit knows, or the path of a board file. */
  readonly board: string;
  /** The firmware's entry file, relative to the working folder. Default: src/main.ts. It is built once per process. */
  readonly entry?: string;
  /** The bytes of an app.js, in place of `entry`. */
  readonly app?: Uint8Array;
  /** The seed of all random values. Default: 1. `MOTEKIT_SEED` takes precedence. */
  readonly seed?: number;
  /** The engine. Default: `node`. `MOTEKIT_ENGINE` takes precedence. */
  readonly engine?: Engine;
}

const apps = new Map<string, Promise<Uint8Array>>();

/**
 * Creates a world. If a test creates it, it is closed at the end of the test.
 * @throws MotekitError the errors of a build (MK10xx to MK12xx), MK2005 for an invalid seed, MK2008 for an unknown engine.
 * With the engine `espruino`, `boot` throws MK1302 if Espruino for Linux is not found.
 */
export async function createWorld(options: CreateWorldOptions): Promise<World> {
  const { entry, app, seed, engine, ...rest } = options;
  const board = loadBoard(String(options.board));
  const world = new World({
    ...rest,
    board,
    app: app ?? (await builtApp(findEntry(entry, resolve(".")), board)),
    seed: chosenSeed(seed),
    engine: chosenEngine(engine),
  });
  if (TestRunner.getCurrentTest()) {
    onTestFailed(() => void process.stderr.write(`${world.report()}\n`));
    onTestFinished(() => world.close());
  }
  return world;
}

/** Loads the compiler only if it is needed, because that takes a second. */
async function build(entry: string, board: Board): Promise<Uint8Array> {
  const { buildFirmware } = await import("../build/build.ts");
  return (await buildFirmware({ entry, board })).app;
}

function builtApp(entry: string, board: Board): Promise<Uint8Array> {
  const key = `${board.id} ${entry}`;
  const app = apps.get(key) ?? build(entry, board);
  apps.set(key, app);
  return app;
}

function chosenSeed(seed = 1): number {
  const given = process.env.MOTEKIT_SEED;
  // Number("") would be 0.
  const chosen = given === undefined ? seed : Number(given.trim() || Number.NaN);
  if (Number.isSafeInteger(chosen)) return chosen;
  throw new MotekitError({
    code: "MK2005",
    message: `The seed is not a whole number: ${JSON.stringify(given ?? seed)}.`,
    remedy: "Set MOTEKIT_SEED to the number that the failing test printed, or unset it.",
  });
}

function chosenEngine(engine: Engine = "node"): Engine {
  const named = process.env.MOTEKIT_ENGINE ?? engine;
  const chosen = ENGINES.find((known) => known === named);
  if (chosen) return chosen;
  throw new MotekitError({
    code: "MK2008",
    message: `There is no engine named "${named}".`,
    remedy: `Set MOTEKIT_ENGINE to ${ENGINES.join(" or ")}, or unset it.`,
  });
}
