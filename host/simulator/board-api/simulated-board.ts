/**
 * A board without hardware. It runs the same bundle as the board, on one of two engines: `node` is a context of Node's
 * interpreter behind Espruino's API, and `espruino` is the user's Espruino for Linux.
 */
import type { Configuration } from "../../../firmware/contract/configuration.ts";
import type { Board } from "../../boards.ts";
import type { MemoryEvent } from "../interpreter/interpreter.ts";
import type { Random } from "../interpreter/random.ts";
import type { Clock } from "../world/clock.ts";
import type { Network } from "../world/network.ts";
import type { Radio } from "../world/radio.ts";
import type { BusDevices } from "./buses.ts";
import type { PinLevels } from "./pins.ts";
import type { StorageFiles } from "./storage.ts";

export const ENGINES = ["node", "espruino"] as const;
export type Engine = (typeof ENGINES)[number];

/** The console line before the hardware watchdog restarts the board, as ESP-IDF prints it. */
export const WATCHDOG_TRIGGERED = "task_wdt: Task watchdog got triggered.";

export type ExitReason =
  /** `stop` or `kill` was called. */
  | { readonly kind: "stopped" }
  /** The interpreter's program ended by itself. */
  | { readonly kind: "ended"; readonly detail: string };

/** The reason why a board with power restarts. */
export type RestartCause = "watchdog" | "load" | "reboot";

export interface SimulatedBoardOptions {
  readonly board: Board;
  /** The bytes of app.js. */
  readonly app: Uint8Array;
  readonly configuration: Configuration;
  readonly engine: Engine;
  /** Path or name of Espruino for Linux. Default: `espruino` on PATH. */
  readonly espruinoProgram?: string;
  /** Called for a console line: UTF-8, without its newline. Lines that report pins are left out. */
  onLine(line: string): void;
  /** Called when a written pin changes its level: 0, 1, or a fraction by `analogWrite`. */
  onPin(pin: string, level: number): void;
  /** Called once, when the board has stopped. */
  onExit(reason: ExitReason): void;
  /**
   * Driven levels, which apply from the bundle's first statement on. By default the button is not pressed. `drivePin` changes
   * this map, so that levels survive restarts. On `espruino`, if the board restarts by itself, levels that were driven since
   * `bootBoard` apply right after the bundle's first statements.
   */
  readonly pinLevels?: PinLevels;
  // Only the engine `node` has these options. Their defaults are the real clock, network and so on.
  readonly clock?: Clock;
  readonly network?: Network;
  readonly random?: Random;
  /** The files of an earlier run, so that they survive a rebuild. */
  readonly storage?: StorageFiles;
  /** True if `storage` already has an app and a configuration, with which the board starts. */
  readonly isProvisioned?: boolean;
  /** The access points in range. Default: the configured networks. */
  readonly radio?: Radio;
  /** Called when the radio has joined a network and has an address, or has lost it. */
  onLink?(isUp: boolean): void;
  /** The devices on the buses. Default: none. */
  readonly devices?: BusDevices;
  /** Called before each timer's code and each socket chunk. False makes memory run out in it. Default: always true. */
  hasMemory?(event: MemoryEvent): boolean;
  /** Restarts the board, which keeps only Storage. */
  onRestart?(cause: RestartCause): void;
}

export interface SimulatedBoard {
  /** Drives a pin, such as that of a button (`board.pins.button`) or a sensor. */
  drivePin(pin: string, level: number): void;
  /**
   * Runs a line that a user types at the console, without its newline. Its value is printed after `=`, or its exception. On
   * `node` a line that takes too long is aborted, but not the timers that it starts. The line has the rights of this program's
   * user, because no engine isolates hostile code.
   */
  type(line: string): void;
  /** Ends the board. Resolves when all its resources are released. May be called again. */
  stop(): Promise<void>;
  /** Cuts the power: connections end without DISCONNECT, and no more code of the board runs. */
  kill(): void;
}
