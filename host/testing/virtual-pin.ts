/**
 * The pins of a virtual board, as a test uses them. Driven levels belong to the world, like a button that is held: they survive
 * power cuts, and the board finds them when it starts.
 */
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import { hasPin, type PinLevels, restingLevels } from "../simulator/board-api/pins.ts";
import type { Engine } from "../simulator/board-api/simulated-board.ts";
import type { NodeBoard, Run } from "../simulator/engines/node-engine.ts";
import type { VirtualLane } from "../simulator/world/virtual-clock.ts";
import { requireBetween } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

const PRESS_MS = 100;

/** A pin of a virtual board. */
export interface VirtualPin {
  /** Drives the pin, with or without power: 0 or 1, or a fraction of the supply voltage for `analogRead`. */
  drive(level: number): void;
  /**
   * Drives the pin to the opposite of its idle level for this duration, by default 100 ms. The idle level is the last driven
   * level, otherwise 0, or 1 for a board button that is active low.
   * @throws MotekitError MK2002 if the board has no power, so that it could not notice.
   */
  press(duration?: Duration): void;
  /** The level that the board wrote last, otherwise the driven level. @throws MotekitError MK2002 if the board has no power. */
  level(): number;
  /** The levels that the board has written. */
  changes(): readonly PinChange[];
}

export interface PinChange {
  readonly atMs: number;
  /** 0 or 1, or a fraction after `analogWrite`. */
  readonly level: number;
}

export interface VirtualPinsOptions {
  readonly board: Board;
  readonly engine: Engine;
  readonly lane: VirtualLane;
  /** Throws if the board has no power. */
  run(): Run;
  /** Drives a pin, with or without power. */
  powered(): NodeBoard | undefined;
  record(what: string): void;
}

export class VirtualPins {
  /** The level that the pin is driven to now. */
  readonly levels: PinLevels;
  /** The level that the pin is driven to while it is not pressed. */
  readonly #resting: PinLevels;
  readonly #changes = new Map<string, PinChange[]>();
  readonly #options: VirtualPinsOptions;

  constructor(options: VirtualPinsOptions) {
    this.#options = options;
    this.levels = restingLevels(options.board);
    this.#resting = restingLevels(options.board);
  }

  /** @throws MotekitError MK2002 if the board has no such pin. */
  pin(name: string): VirtualPin {
    const { board, lane } = this.#options;
    if (!hasPin(board, name)) throw noSuchPin(board, name);
    return {
      drive: (level) => {
        this.#requireLevel(name, level);
        this.#resting.set(name, level);
        this.#drive(name, level);
      },
      press: (duration = PRESS_MS) => {
        const forMs = milliseconds(duration);
        this.#options.run();
        this.#drive(name, this.#restingLevel(name) ? 0 : 1);
        lane.schedule(forMs, () => this.#drive(name, this.#restingLevel(name)));
      },
      level: () => this.#options.run().pins.level(name),
      changes: () => this.#changes.get(name) ?? [],
    };
  }

  noteWritten(pin: string, change: PinChange): void {
    const changes = this.#changes.get(pin) ?? [];
    this.#changes.set(pin, changes);
    changes.push(change);
  }

  #restingLevel(name: string): number {
    return this.#resting.get(name) ?? 0;
  }

  #drive(name: string, level: number): void {
    this.#options.record(`drive ${name} ${level}`);
    const run = this.#options.powered()?.run;
    if (run) run.pins.drive(name, level);
    else this.levels.set(name, level);
  }

  #requireLevel(name: string, level: number): void {
    requireBetween(`The level of ${name}`, level, 0, 1);
    if (this.#options.engine === "node" || Number.isInteger(level)) return;
    throw new MotekitError({
      code: "MK2007",
      message: `Analogue levels are not supported on the engine "espruino", but ${name} is driven to ${level}.`,
      remedy: 'Use 0 or 1, or the engine "node".',
    });
  }
}

function noSuchPin({ id }: Board, name: string): MotekitError {
  return new MotekitError({
    code: "MK2002",
    message: `The board ${id} has no pin ${name}.`,
    remedy: "Use a pin such as D0 or D1 that the board's file in boards/ lists.",
  });
}
