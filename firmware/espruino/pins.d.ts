/** Pins and what is done with them. Boards have more pins than D0…D21: see `capabilities/`. */

type PinMode =
  | "analog"
  | "input"
  | "input_pullup"
  | "input_pulldown"
  | "output"
  | "opendrain"
  | "opendrain_pullup"
  | "af_output"
  | "af_opendrain"
  | "af_opendrain_pullup";

interface PinInfo {
  readonly port: string;
  readonly num: number;
  readonly output?: number;
  readonly functions: { readonly [name: string]: unknown };
}

/** The frequency is in hertz. `soft` allows software PWM where the hardware has none, `forceSoft` demands it. */
interface PwmOptions {
  freq?: number;
  soft?: boolean;
  forceSoft?: boolean;
}

/** Counts as a number: `typeof` says so, and `D5 === 5`. `new Pin(5)` makes a pin from a number. */
interface Pin {
  /** A reading from 0 to 1. */
  analog(): number;
  getInfo(): PinInfo;
  getMode(): PinMode | undefined;
  mode(mode: PinMode | "auto"): void;
  pulse(value: boolean | 0 | 1, durationMs: number | number[]): void;
  /** A duty cycle from 0 to 1. */
  pwm(dutyCycle: number, options?: PwmOptions): void;
  read(): boolean;
  reset(): void;
  set(): void;
  toggle(): boolean;
  write(value: boolean | 0 | 1): void;
}

interface PinConstructor {
  new (value: number | string | Pin): Pin;
}

declare var Pin: PinConstructor;

declare var HIGH: 1;
declare var LOW: 0;

declare function analogRead(pin: Pin): number;
declare function analogWrite(pin: Pin, dutyCycle: number, options?: PwmOptions): void;
/** Pulses run in hardware or a timer: the call returns at once. An array is a train of alternating levels. */
declare function digitalPulse(pin: Pin, value: boolean | 0 | 1, durationMs: number | number[]): void;
/** Several pins make a number, the first pin its highest bit. */
declare function digitalRead(pin: Pin | readonly Pin[]): number;
/** Several pins take the bits of a number, the last pin its lowest bit. */
declare function digitalWrite(pin: Pin | readonly Pin[], value: number | boolean): void;
/** `undefined` gives the choice of mode back to the functions that use the pin. */
declare function pinMode(pin: Pin, mode?: PinMode | "auto", automatic?: boolean): void;
declare function getPinMode(pin: Pin): PinMode | undefined;
declare function shiftOut(
  pins: Pin | readonly Pin[],
  options: { clk?: Pin; clkPol?: boolean | 0 | 1; repeat?: number },
  data: number | string | ArrayLike<number>,
): void;

/** The number that `setWatch` returns. */
type Watch = number;

interface WatchEvent {
  readonly state: boolean;
  /** Seconds. */
  readonly time: number;
  readonly lastTime: number | undefined;
  readonly pin: Pin;
  /** Only when the watch was given a data pin: its level at the event. */
  readonly data?: boolean;
}

interface WatchOptions {
  repeat?: boolean;
  edge?: "rising" | "falling" | "both";
  /** Milliseconds for which the pin must be quiet. */
  debounce?: number;
  irq?: boolean;
  data?: Pin;
  hispeed?: boolean;
}

declare function setWatch(run: (event: WatchEvent) => void, pin: Pin, options?: WatchOptions): Watch;
/** Without an argument it removes **every** watch, so the argument is required here. */
declare function clearWatch(watch: Watch): void;

/** A pin that shows when the interpreter is busy, and one that shows when it sleeps. */
declare function setBusyIndicator(pin?: Pin): void;
declare function setSleepIndicator(pin?: Pin): void;

declare var D0: Pin;
declare var D1: Pin;
declare var D2: Pin;
declare var D3: Pin;
declare var D4: Pin;
declare var D5: Pin;
declare var D6: Pin;
declare var D7: Pin;
declare var D8: Pin;
declare var D9: Pin;
declare var D10: Pin;
declare var D11: Pin;
declare var D12: Pin;
declare var D13: Pin;
declare var D14: Pin;
declare var D15: Pin;
declare var D16: Pin;
declare var D17: Pin;
declare var D18: Pin;
declare var D19: Pin;
declare var D20: Pin;
declare var D21: Pin;
