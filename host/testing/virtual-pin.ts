/**
 * The pins of a virtual board as a test holds them. Levels from outside are of the world's, as a button that somebody
 * holds: they outlive power cuts, and the board finds them when it starts.
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

/** A pin as a test holds it. */
export interface VirtualPin {
  /** A level from outside, with power or without: 0 or 1, or a fraction of the supply voltage for `analogRead`. */
  drive(level: number): void;
  /**
   * The other level than the one it rests at, and that one again after so long; 100 ms by default. A pin rests at the level
   * that it was driven to last, else at 0, but for the board's button where that is active low.
   * @throws MotekitError MK2002 where the board has no power: nobody would see it.
   */
  press(duration?: Duration): void;
  /** What the board wrote last, else what it is driven to. @throws MotekitError MK2002 where the board has no power. */
  level(): number;
  /** The levels that the board wrote. */
  changes(): readonly PinChange[];
}

export interface PinChange {
  readonly atMs: number;
  /** 0, 1, or a fraction by `analogWrite`. */
  readonly level: number;
}

export interface VirtualPinsOptions {
  readonly board: Board;
  readonly engine: Engine;
  readonly lane: VirtualLane;
  /** Throws where there is no power. */
  run(): Run;
  /** With power or without. */
  powered(): NodeBoard | undefined;
  record(what: string): void;
}

export class VirtualPins {
  /** From outside, now. */
  readonly levels: PinLevels;
  /** From outside, while nothing is pressed. */
  readonly #resting: PinLevels;
  readonly #changes = new Map<string, PinChange[]>();
  readonly #options: VirtualPinsOptions;

  constructor(options: VirtualPinsOptions) {
    this.#options = options;
    this.levels = restingLevels(options.board);
    this.#resting = restingLevels(options.board);
  }

  /** @throws MotekitError MK2002 where the board has no such pin. */
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
      message: `Analogue levels are not played on the engine "espruino": ${name} is driven to ${level}.`,
      remedy: 'Leave it out of this scenario, or play it on the engine "node".',
    });
  }
}

function noSuchPin({ id }: Board, name: string): MotekitError {
  return new MotekitError({
    code: "MK2002",
    message: `The board ${id} has no pin ${name}.`,
    remedy: "Pins are D0, D1, …; compare the board's file in boards/.",
  });
}
