/** The boards that the hub's program simulates: as the page asks for and follows them. */

export const SIMULATED_ENGINES = ["node", "espruino"] as const;

export type BoardState =
  /** Without power. */
  | "off"
  | "starting"
  | "running"
  /** Its interpreter ended by itself. */
  | "ended";

export interface SimulatedPin {
  /** As Espruino names it: D2. */
  readonly pin: string;
  /** 0, 1, or a fraction: by `analogWrite`, or as it is driven. */
  readonly level: number;
  /** Who sets the level: the board's app, or the page. */
  readonly by: "app" | "page";
}

export interface WellKnownPin {
  readonly pin: string;
  /** Lit, or pressed, at level 0. */
  readonly activeLow: boolean;
}

export interface SimulatedBoardRecord {
  /** Its device ID. */
  readonly id: string;
  /** The board's ID, such as esp32. */
  readonly board: string;
  readonly boardName: string;
  readonly engine: (typeof SIMULATED_ENGINES)[number];
  readonly state: BoardState;
  /** Undefined where it has no Wi-Fi, or its engine cannot switch it. */
  readonly wifi: boolean | undefined;
  readonly led: WellKnownPin | undefined;
  readonly button: WellKnownPin | undefined;
  /** Its console takes a line; MK1472 where it does not. */
  readonly takesLines: boolean;
  /** Those that were written or driven. */
  readonly pins: readonly SimulatedPin[];
}

/** A line of a board's console; traces stand in the words of the sources. */
export interface ConsoleLine {
  /** Counts up over the life of the board. */
  readonly serial: number;
  /** As `Date.now`. */
  readonly atMs: number;
  readonly text: string;
}

export type FleetEvent =
  /** All there is: the first that is told. */
  | {
      readonly kind: "boards";
      readonly boards: readonly (SimulatedBoardRecord & { readonly lines: readonly ConsoleLine[] })[];
    }
  /** A board is there, or has changed. */
  | { readonly kind: "board"; readonly board: SimulatedBoardRecord }
  | { readonly kind: "removed"; readonly id: string }
  | { readonly kind: "line"; readonly id: string; readonly line: ConsoleLine };

export interface BootRequest {
  /** A board's ID. */
  readonly board: string;
  /** Its device ID; left out: made of the board's. */
  readonly id?: string | undefined;
  readonly engine?: (typeof SIMULATED_ENGINES)[number] | undefined;
}

export type BoardAction =
  | { readonly id: string; readonly action: "power on" | "power off" | "reset" | "remove" }
  | { readonly id: string; readonly action: "wifi on" | "wifi off" }
  /** A line for its interpreter, without newline. */
  | { readonly id: string; readonly action: "type"; readonly line: string }
  /** A level from outside: 0, 1, or a fraction for `analogRead`. */
  | { readonly id: string; readonly action: "drive"; readonly pin: string; readonly level: number };
