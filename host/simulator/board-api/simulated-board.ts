/**
 * A board without hardware: it runs the very bundle that goes to the board, on one of two engines. `node` is a context
 * of Node's own interpreter behind Espruino's API; `espruino` is the user's Espruino for Linux.
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

/** On the console before the hardware watchdog starts the board anew, as ESP-IDF words it. */
export const WATCHDOG_TRIGGERED = "task_wdt: Task watchdog got triggered.";

export type ExitReason =
  /** `stop` or `kill` was called. */
  | { readonly kind: "stopped" }
  /** The program of the interpreter ended by itself. */
  | { readonly kind: "ended"; readonly detail: string };

/** Why a board that has power starts anew. */
export type RestartCause = "watchdog" | "load" | "reboot";

export interface SimulatedBoardOptions {
  readonly board: Board;
  /** The bytes of app.js. */
  readonly app: Uint8Array;
  readonly configuration: Configuration;
  readonly engine: Engine;
  /** Path or name of Espruino for Linux; `espruino` on PATH without it. */
  readonly espruinoProgram?: string;
  /** A line of the console, for people: UTF-8, without its newline. Reports of pins are not among them. */
  onLine(line: string): void;
  /** A pin was written and its level changed: 0, 1, or a fraction by `analogWrite`. */
  onPin(pin: string, level: number): void;
  /** Called once. */
  onExit(reason: ExitReason): void;
  /**
   * What pins are given from outside, from the bundle's first statement on; by default the button is there, and nobody presses it.
   * `drivePin` writes here, so that levels outlive restarts. On `espruino` those that were driven since `bootBoard` come right behind the
   * bundle's first statements where the board starts anew by itself.
   */
  readonly pinLevels?: PinLevels;
  // The engine `node` alone takes these; each has a default that is real.
  readonly clock?: Clock;
  readonly network?: Network;
  readonly random?: Random;
  /** Files of an earlier run, so that they outlive a rebuild. */
  readonly storage?: StorageFiles;
  /** `storage` has an app and a configuration of its own: the board starts with those. */
  readonly isProvisioned?: boolean;
  /** What the radio hears; the configured networks by default. */
  readonly air?: Radio;
  /** The board's radio joined a network and has an address, or has lost it. */
  onLink?(isUp: boolean): void;
  /** What is behind the buses; nothing by default. */
  readonly devices?: BusDevices;
  /** Asked before each timer's code and each piece of a socket's data: false where memory runs out in it. It does not, by default. */
  hasMemory?(event: MemoryEvent): boolean;
  /** The board starts anew, and forgets all but Storage. */
  onRestart?(cause: RestartCause): void;
}

export interface SimulatedBoard {
  /** A level from outside: a button (`board.pins.button`), a sensor. */
  drivePin(pin: string, level: number): void;
  /**
   * A line that a person types at the console, without its newline. Its value is printed behind `=`, or what it throws. On
   * `node` it is broken off where it takes too long, what it sets going is not. It may do what this program's user may: no
   * engine keeps hostile code in.
   */
  type(line: string): void;
  /** Ends the board; resolves when nothing of it is left. May be called again. */
  stop(): Promise<void>;
  /** Power is cut: connections drop without DISCONNECT, and no code of the board runs any more. */
  kill(): void;
}
