/**
 * Pins: the globals `D0`, `D1` and so on, functions such as `digitalWrite`, and `setWatch`. A pin reads its driven level
 * (`drive`), otherwise the written level, otherwise that of its pull-up. A watch sees driven levels, and needs no debouncing,
 * because a simulated press does not bounce. On a board `typeof` a pin is "number"; here it is "object".
 */
import type { Board } from "../../boards.ts";
import type { Callback, Interpreter } from "../interpreter/interpreter.ts";
import type { Clock } from "../world/clock.ts";

export interface PinHost {
  readonly interpreter: Interpreter;
  readonly board: Board;
  readonly clock: Clock;
  readonly levels: PinLevels;
  printLine(line: string): void;
  /** Called when a written level changes: 0, 1, or a fraction by `analogWrite`. */
  onPin(pin: string, level: number): void;
}

/** Driven levels by pin name. They survive the board's restarts. */
export type PinLevels = Map<string, number>;

/** The levels of a board whose button is not pressed. The Linux build has no pins with pull-ups. */
export function restingLevels({ chip, pins: { button } }: Board): PinLevels {
  return new Map(button?.activeLow && chip !== "linux" ? [[button.pin, 1]] : []);
}

interface Watch {
  readonly pin: string;
  readonly code: Callback;
  readonly repeat: boolean;
  /** 1 for rising edges, -1 for falling, 0 for both. */
  readonly edge: number;
  lastTime: number | undefined;
}

/** The highest pin number, by chip. Source: Espruino 2v29, boards/*.py, generate_pins. */
/** The modes that `pinMode` accepts. */
const MODES: ReadonlySet<string> = new Set([
  "auto",
  "analog",
  "input",
  "input_pullup",
  "input_pulldown",
  "output",
  "opendrain",
  "opendrain_pullup",
  "af_output",
  "af_opendrain",
]);
const LAST_PIN: Readonly<Record<Board["chip"], number>> = { esp32: 39, esp32s3: 48, esp32c3: 21, linux: 32 };

export function hasPin(board: Board, name: string): boolean {
  const number = /^D(0|[1-9]\d*)$/.exec(name)?.[1];
  return number !== undefined && Number(number) <= LAST_PIN[board.chip];
}

export class Pins {
  readonly #host: PinHost;
  readonly #prototype: object;
  readonly #pins = new Map<string, object>();
  readonly #names = new WeakMap<object, string>();
  readonly #written = new Map<string, number>();
  readonly #modes = new Map<string, string>();
  readonly #watches = new Map<number, Watch>();
  #nextWatch = 1;

  constructor(host: PinHost) {
    this.#host = host;
    this.#prototype = host.interpreter.object({});
    for (let number = 0; number <= LAST_PIN[host.board.chip]; number++) {
      const pin = Object.create(this.#prototype) as object;
      this.#pins.set(`D${number}`, pin);
      this.#names.set(pin, `D${number}`);
    }
    this.#definePrototype();
  }

  get watchCount(): number {
    return this.#watches.size;
  }

  has(name: string): boolean {
    return this.#pins.has(name);
  }

  /** The level that was written last, otherwise the driven level. */
  level(name: string): number {
    return this.#written.get(name) ?? this.#level(name);
  }

  /** Drives a pin, like a button or a sensor. A fraction is for `analogRead`. */
  drive(name: string, level: number): void {
    if (!this.#pins.has(name)) throw new RangeError(`The board has no pin ${name}.`);
    const before = this.#level(name);
    this.#host.levels.set(name, level);
    if (before !== level) this.#fireWatches(name, level);
  }

  globals(): Record<string, unknown> {
    const { led, button } = this.#host.board.pins;
    const wellKnown: Record<string, unknown> = {};
    // The official Linux build defines no LED and no button, even if the user has connected some.
    if (led && this.#host.board.chip !== "linux") wellKnown.LED1 = this.#pins.get(led.pin);
    if (button && this.#host.board.chip !== "linux") wellKnown.BTN1 = this.#pins.get(button.pin);
    const construct = (pin: unknown) => this.#pins.get(this.#nameOf(pin));
    const Pin = (pin: unknown) => construct(pin);
    Pin.prototype = this.#prototype;
    return {
      ...Object.fromEntries(this.#pins),
      ...wellKnown,
      Pin,
      HIGH: 1,
      LOW: 0,
      digitalWrite: (pin: unknown, value: unknown) => this.#writeMany(pin, value),
      digitalRead: (pin: unknown) => this.#readMany(pin),
      digitalPulse: (pin: unknown, value: unknown, ms: unknown) => this.#pulse(this.#nameOf(pin), value, ms),
      analogWrite: (pin: unknown, value: unknown) => this.#write(this.#nameOf(pin), fraction(value)),
      analogRead: (pin: unknown) => this.#analogRead(this.#nameOf(pin)),
      pinMode: (pin: unknown, mode: unknown) => this.#setMode(this.#nameOf(pin), mode),
      getPinMode: (pin: unknown) => this.#mode(this.#nameOf(pin)),
      setWatch: (code: unknown, pin: unknown, options?: unknown) => this.#setWatch(code, pin, options),
      clearWatch: (...ids: unknown[]) => this.#clearWatch(ids),
    };
  }

  /** "auto", or no mode, leaves the choice to the pin. */
  #setMode(pin: string, mode: unknown): void {
    if (mode !== undefined && !MODES.has(String(mode)))
      throw this.#host.interpreter.error("Unknown pin mode");
    this.#modes.set(pin, String(mode));
  }

  #definePrototype(): void {
    const pins = this;
    const name = (pin: object) => pins.#nameOf(pin);
    const members: Record<string, (this: object, ...values: unknown[]) => unknown> = {
      write(value) {
        pins.#write(name(this), value ? 1 : 0);
      },
      set() {
        pins.#write(name(this), 1);
      },
      reset() {
        pins.#write(name(this), 0);
      },
      toggle() {
        return pins.#write(name(this), pins.#level(name(this)) ? 0 : 1) !== 0;
      },
      read() {
        return pins.#level(name(this)) !== 0;
      },
      pulse(value, ms) {
        pins.#pulse(name(this), value, ms);
      },
      pwm(value) {
        pins.#write(name(this), fraction(value));
      },
      analog() {
        return pins.#analogRead(name(this));
      },
      mode(mode) {
        pins.#setMode(name(this), mode);
      },
      getMode() {
        return pins.#mode(name(this));
      },
      getInfo() {
        return pins.#host.interpreter.object({ port: "D", num: Number(name(this).substring(1)) });
      },
      toString() {
        return name(this);
      },
      toJSON() {
        return name(this);
      },
    };
    const toPrimitive = function (this: object, hint: string) {
      return hint === "number" ? Number(name(this).substring(1)) : name(this);
    };
    for (const [key, value] of [...Object.entries(members), [Symbol.toPrimitive, toPrimitive] as const]) {
      Object.defineProperty(this.#prototype, key, { value, writable: true, configurable: true });
    }
  }

  #nameOf(pin: unknown): string {
    const known = typeof pin === "object" && pin !== null ? this.#names.get(pin) : undefined;
    const name = known ?? (typeof pin === "number" ? `D${pin}` : String(pin));
    if (!this.#pins.has(name)) throw this.#host.interpreter.error("Invalid pin");
    return name;
  }

  #level(name: string): number {
    return this.#host.levels.get(name) ?? this.#written.get(name) ?? (this.#isPulledUp(name) ? 1 : 0);
  }

  #isPulledUp(name: string): boolean {
    return this.#modes.get(name) === "input_pullup";
  }

  #mode(name: string): string {
    return this.#modes.get(name) ?? (this.#written.has(name) ? "output" : "undefined");
  }

  #write(name: string, level: number): number {
    const before = this.#written.get(name);
    this.#written.set(name, level);
    if (before !== level) this.#host.onPin(name, level);
    return level;
  }

  /** With several pins the last one is the lowest bit. */
  #writeMany(pin: unknown, value: unknown): void {
    if (!Array.isArray(pin)) {
      this.#write(this.#nameOf(pin), value ? 1 : 0);
      return;
    }
    [...pin].reverse().forEach((each, bit) => {
      this.#write(this.#nameOf(each), (Number(value) >> bit) & 1);
    });
  }

  #readMany(pin: unknown): number {
    if (!Array.isArray(pin)) return this.#level(this.#nameOf(pin)) ? 1 : 0;
    return pin.reduce<number>((bits, each) => bits * 2 + (this.#level(this.#nameOf(each)) ? 1 : 0), 0);
  }

  #pulse(name: string, value: unknown, ms: unknown): void {
    const level = value ? 1 : 0;
    this.#write(name, level);
    const { interpreter, clock } = this.#host;
    clock.schedule(Number(Array.isArray(ms) ? ms[0] : ms) || 0, () => {
      interpreter.enter(() => void this.#write(name, 1 - level));
    });
  }

  #analogRead(name: string): number {
    const driven = this.#host.levels.get(name);
    if (driven === undefined) this.#host.printLine("ERROR: nothing drives this pin in the simulator");
    return driven ?? 0;
  }

  #setWatch(code: unknown, pin: unknown, options: unknown): number {
    const { interpreter } = this.#host;
    if (typeof code !== "function") throw interpreter.error("Function or String not supplied!");
    const { repeat, edge } =
      typeof options === "object" && options !== null
        ? (options as { repeat?: unknown; edge?: unknown })
        : { repeat: options, edge: undefined };
    const id = this.#nextWatch++;
    this.#watches.set(id, {
      pin: this.#nameOf(pin),
      code: code as Callback,
      repeat: Boolean(repeat),
      edge: this.#edgeOf(edge),
      lastTime: undefined,
    });
    return id;
  }

  #edgeOf(edge: unknown): number {
    if (edge === undefined || edge === 0 || edge === "both") return 0;
    if (edge === 1 || edge === "rising") return 1;
    if (edge === -1 || edge === "falling") return -1;
    const message = "'edge' in setWatch should be 1, -1, 0, 'rising', 'falling' or 'both'";
    throw this.#host.interpreter.error(message, "TypeError");
  }

  #clearWatch(ids: unknown[]): void {
    if (ids.length === 0) this.#watches.clear();
    else if (ids[0] === undefined) {
      throw this.#host.interpreter.error("clearWatch(undefined) not allowed. Use clearWatch() instead");
    } else this.#watches.delete(ids[0] as number);
  }

  #fireWatches(name: string, level: number): void {
    const { interpreter, clock } = this.#host;
    const time = clock.wallMs() / 1000;
    for (const [id, watch] of [...this.#watches]) {
      if (watch.pin !== name) continue;
      const { lastTime } = watch;
      watch.lastTime = time;
      if (watch.edge !== 0 && watch.edge !== (level ? 1 : -1)) continue;
      if (!watch.repeat) this.#watches.delete(id);
      const event = interpreter.object({ state: level !== 0, time, lastTime, pin: this.#pins.get(name) });
      // An edge during a blocking call is reported after the call.
      interpreter.defer(() => void watch.code(event));
    }
  }
}

function fraction(value: unknown): number {
  return Math.min(Math.max(Number(value) || 0, 0), 1);
}
