/** Timers, the console, time and modules. */

/** The number that `setTimeout` and `setInterval` return. */
type Timer = number;

/** Milliseconds. Without a delay it runs at once after the current code. */
declare function setTimeout(run: (nothing: void) => void, delayMs?: number): Timer;
declare function setTimeout<A extends any[]>(run: (...args: A) => void, delayMs?: number, ...args: A): Timer;
/** An interval whose handler runs out of memory is deleted. */
declare function setInterval<A extends any[]>(run: (...args: A) => void, periodMs: number, ...args: A): Timer;
/** Throws for `undefined`. Without an argument it removes **every** timer, so the argument is required here. */
declare function clearTimeout(timer: Timer): void;
/** Throws for `undefined`. Without an argument it removes **every** timer, so the argument is required here. */
declare function clearInterval(timer: Timer): void;
/** Espruino's own: gives a running timer a new period, counted from now. */
declare function changeInterval(timer: Timer, periodMs: number): void;

/** Seconds since 1970, with a fraction. */
declare function getTime(): number;
/** Sets the clock. Pending timers keep their distance on ESP32. */
declare function setTime(seconds: number): void;

/** Prints values, separated by spaces. Objects print as JSON. */
declare function print(...values: any[]): void;

interface Console {
  debug(...values: any[]): void;
  error(...values: any[]): void;
  info(...values: any[]): void;
  log(...values: any[]): void;
  /** Prints the values and the call stack. */
  trace(...values: any[]): void;
  warn(...values: any[]): void;
}

/** All but `trace` do the same: they print on the console. */
declare var console: Console;

/** Prints the interpreter's data structures, from `root` down. */
declare function trace(root?: any): void;
/** Prints the program's variables and functions as source text. */
declare function dump(): void;
/** Whether the console echoes what is typed. */
declare function echo(on: boolean): void;
/** Puts a function's source text on the console's line, for editing. */
declare function edit(functionName: string | Function): void;
/** Restarts the interpreter and runs the saved program, or the file of Storage that is named. */
declare function load(fileName?: string): void;
/** Restarts the interpreter without the saved program; with `true` the saved program is erased. */
declare function reset(clearFlash?: boolean): void;
/** Writes the interpreter's state into flash, to be restored at power on. */
declare function save(): void;
/** The chip's serial number. */
declare function getSerial(): string;

declare var global: typeof globalThis;

/** Drivers that the project brings, by name. The build fills it with those that a program uses. */
interface EspruinoDrivers {}

/**
 * The modules that are part of the interpreter, by name. A project that brings a module of its own may describe it:
 * `interface EspruinoModules { DHT22: … }` in a declaration file beside it.
 */
interface EspruinoModules extends EspruinoDrivers {
  Flash: FlashModule;
  Storage: StorageModule;
  dgram: DatagramModule;
  heatshrink: HeatshrinkModule;
  http: HttpModule;
  net: NetModule;
  timer: TimerModule;
}

/** Throws when the module is missing. */
declare function require<Name extends keyof EspruinoModules>(module: Name): EspruinoModules[Name];

interface ModuleCache {
  /** Makes a module known by its name: its source text, or a function that fills `exports`. */
  addCached(name: string, module: string | (() => void)): void;
  getCached(): string[];
  removeAllCached(): void;
  removeCached(name: string): void;
}

declare var Modules: ModuleCache;
