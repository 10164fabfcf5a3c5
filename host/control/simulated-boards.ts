/** The simulated boards of the hub's program, as the page requests and follows them. */

export const SIMULATED_ENGINES = ["node", "espruino"] as const;

export type BoardState =
  /** The board has no power. */
  | "off"
  | "starting"
  | "running"
  /** The interpreter ended by itself. */
  | "ended";

export interface SimulatedPin {
  /** The pin's name in Espruino, such as D2. */
  readonly pin: string;
  /** 0, 1, or a fraction that `analogWrite` or the page set. */
  readonly level: number;
  /** The source of the level: the board's app or the page. */
  readonly by: "app" | "page";
}

export interface WellKnownPin {
  readonly pin: string;
  /** True if an LED is lit, or a button is pressed, at level 0. */
  readonly activeLow: boolean;
}

export interface SimulatedBoardRecord {
  /** The device ID. */
  readonly id: string;
  /** The board's ID, such as esp32. */
  readonly board: string;
  readonly boardName: string;
  readonly engine: (typeof SIMULATED_ENGINES)[number];
  readonly state: BoardState;
  /** Whether Wi-Fi is on; undefined if the board has no Wi-Fi or its engine cannot switch it. */
  readonly wifi: boolean | undefined;
  readonly led: WellKnownPin | undefined;
  readonly button: WellKnownPin | undefined;
  /** Whether its console accepts lines; otherwise typing fails with MK1472. */
  readonly takesLines: boolean;
  /** The pins that were written or driven. */
  readonly pins: readonly SimulatedPin[];
}

/** A line of a board's console, with decoded stack traces. */
export interface ConsoleLine {
  /** The line's number, counted over the life of the board. */
  readonly serial: number;
  /** The time as of `Date.now`. */
  readonly atMs: number;
  readonly text: string;
}

export type FleetEvent =
  /** All boards; the first event of the feed. */
  | {
      readonly kind: "boards";
      readonly boards: readonly (SimulatedBoardRecord & { readonly lines: readonly ConsoleLine[] })[];
    }
  /** A board was added or has changed. */
  | { readonly kind: "board"; readonly board: SimulatedBoardRecord }
  | { readonly kind: "removed"; readonly id: string }
  | { readonly kind: "line"; readonly id: string; readonly line: ConsoleLine };

export interface BootRequest {
  /** A board's ID. */
  readonly board: string;
  /** The device ID. If undefined, it is derived from the board's ID. */
  readonly id?: string | undefined;
  readonly engine?: (typeof SIMULATED_ENGINES)[number] | undefined;
}

export type BoardAction =
  | { readonly id: string; readonly action: "power on" | "power off" | "reset" | "remove" }
  | { readonly id: string; readonly action: "wifi on" | "wifi off" }
  /** A line for the interpreter, without a newline. */
  | { readonly id: string; readonly action: "type"; readonly line: string }
  /** A level from outside the board: 0, 1, or a fraction for `analogRead`. */
  | { readonly id: string; readonly action: "drive"; readonly pin: string; readonly level: number };
