/**
 * The engine `node`: the bundle in a context of `node:vm` that has only Espruino's globals. A reboot creates a new context
 * and keeps Storage.
 */
import { crc32 } from "node:zlib";
import { MotekitError } from "../../errors.ts";
import {
  createConsoleGlobals,
  createEspruinoObject,
  createProcessObject,
  createSmallGlobals,
  type ObjectHost,
} from "../board-api/board-objects.ts";
import { BusDevices, Buses } from "../board-api/buses.ts";
import { createModules } from "../board-api/modules.ts";
import { type PinLevels, Pins, restingLevels } from "../board-api/pins.ts";
import type {
  ExitReason,
  RestartCause,
  SimulatedBoard,
  SimulatedBoardOptions,
} from "../board-api/simulated-board.ts";
import { Sockets } from "../board-api/sockets.ts";
import { createFlashModule, createStorageModule, StorageFiles } from "../board-api/storage.ts";
import { Timers } from "../board-api/timers.ts";
import { repairTornHeader } from "../board-api/torn-storage.ts";
import { toByteString, toReadable } from "../interpreter/byte-strings.ts";
import { Interpreter, type MemoryEvent } from "../interpreter/interpreter.ts";
import { formatValues } from "../interpreter/print.ts";
import { Promises } from "../interpreter/promises.ts";
import { type Random, seededRandom } from "../interpreter/random.ts";
import { type Clock, PoweredClock, realClock } from "../world/clock.ts";
import { PowerFailure } from "../world/flash.ts";
import { realNetwork } from "../world/network.ts";
import { Radio } from "../world/radio.ts";
import { APP_FILE, boardFiles } from "./board-files.ts";

/** Time from reset to the first statement of the bundle. */
const BOOT_MS = 10;
/** Limit of the run time of a typed line, because an infinite loop would stop the hub too. */
const TYPED_MS_MAX = 5_000;
/** Variables of an idle board, of a timer, and of a socket with three listeners, measured on 2v29 (32 bit). */
const JSVARS = { idle: 400, timer: 13, socket: 34 } as const;

/** Numbers of live objects in a board's interpreter. A number that only grows is a leak. */
export interface LiveCounts {
  readonly timers: number;
  /** Watches by `setWatch`. */
  readonly watches: number;
  /** Event listeners, including those of open sockets. */
  readonly listeners: number;
  readonly sockets: number;
}

/** An interpreter from one boot to the next. After `end` it has no more effects. */
export interface Run {
  readonly isEnded: boolean;
  readonly pins: Pick<Pins, "has" | "level" | "drive">;
  readonly buses: Pick<Buses, "receive">;
  liveCounts(): LiveCounts;
  start(app: string): void;
  /** The same as in `SimulatedBoard`. */
  type(line: string): void;
  end(): void;
}

export function bootNodeBoard(options: SimulatedBoardOptions): NodeBoard {
  return bootInProcess(options, (run) => new BoardRun(run));
}

/** Creates an interpreter, which is driven only by calls of this process and answers before they return. */
export function bootInProcess(
  options: SimulatedBoardOptions,
  createRun: (options: RunOptions) => Run,
): NodeBoard {
  const board = new NodeBoard(options, createRun);
  board.powerOn();
  return board;
}

export class NodeBoard implements SimulatedBoard {
  readonly #options: SimulatedBoardOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #storage: StorageFiles;
  readonly #serialNumber: string;
  readonly #radio: Radio;
  readonly #devices: BusDevices;
  readonly #pinLevels: PinLevels;
  readonly #createRun: (options: RunOptions) => Run;
  #run: Run | undefined;
  #ended = false;

  constructor(options: SimulatedBoardOptions, createRun: (options: RunOptions) => Run) {
    this.#createRun = createRun;
    const deviceNumber = crc32(options.configuration.deviceId);
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#random = options.random ?? seededRandom(deviceNumber);
    this.#storage = options.storage ?? new StorageFiles(options.board.storage.sizeBytes);
    this.#serialNumber = deviceNumber.toString(16).padStart(12, "0");
    this.#radio = options.radio ?? new Radio(options.configuration.wifi);
    this.#devices = options.devices ?? new BusDevices();
    this.#pinLevels = options.pinLevels ?? restingLevels(options.board);
    this.#storage.flash.onPowerFailure = () => this.kill();
    if (options.isProvisioned) this.#storage.powerOn();
    else this.#provision();
  }

  #provision(): void {
    const { app, configuration } = this.#options;
    this.#storage.flash.powerOn();
    for (const [name, content] of boardFiles(app, configuration)) {
      const problem = this.#storage.provision(name, content);
      if (problem !== undefined) throw storageError(name, content.length, this.#storage.sizeBytes, problem);
    }
  }

  powerOn(): void {
    if (this.#ended || !this.#repairStorage()) return;
    this.#run = this.#createRun({
      ...this.#options,
      clock: this.#clock,
      random: this.#random,
      network: this.#options.network ?? realNetwork,
      storage: this.#storage,
      serialNumber: this.#serialNumber,
      radio: this.#radio,
      devices: this.#devices,
      pinLevels: this.#pinLevels,
      onRestart: (cause) => {
        this.#options.onRestart?.(cause);
        this.#clock.schedule(BOOT_MS, () => this.powerOn());
      },
    });
    this.#run.start(this.#storage.read(APP_FILE) ?? "");
  }

  /** Returns false if power failed meanwhile. */
  #repairStorage(): boolean {
    try {
      repairTornHeader(this.#storage);
      return true;
    } catch (error) {
      if (error instanceof PowerFailure) return false;
      throw error;
    }
  }

  drivePin(pin: string, level: number): void {
    this.#run?.pins.drive(pin, level);
  }

  type(line: string): void {
    this.run?.type(line);
  }

  /** Undefined while the board has no power or is starting. */
  get run(): Run | undefined {
    return this.#run?.isEnded ? undefined : this.#run;
  }

  async stop(): Promise<void> {
    this.kill();
  }

  kill(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#run?.end();
    const reason: ExitReason = { kind: "stopped" };
    this.#options.onExit(reason);
  }
}

function storageError(name: string, lengthBytes: number, sizeBytes: number, problem: string): MotekitError {
  return new MotekitError({
    code: "MK1305",
    message: `${name} (${lengthBytes} bytes) does not fit into the board's Storage of ${sizeBytes} bytes: ${problem}.`,
    remedy: "Make the app smaller, or choose a board with more Storage.",
  });
}

export interface RunOptions extends Omit<SimulatedBoardOptions, "app" | "engine" | "onExit" | "onRestart"> {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: NonNullable<SimulatedBoardOptions["network"]>;
  readonly storage: StorageFiles;
  readonly serialNumber: string;
  readonly radio: Radio;
  readonly devices: BusDevices;
  readonly pinLevels: PinLevels;
  onRestart(cause: RestartCause): void;
}

/** The run of an interpreter from one boot to the next. */
export class BoardRun implements Run {
  readonly pins: Pins;
  readonly buses: Buses;
  readonly interpreter: Interpreter;
  readonly #timers: Timers;
  readonly #sockets: Sockets;
  readonly #options: RunOptions;
  readonly #clock: PoweredClock;
  #linkUp: boolean;
  #leaveRadio = (): void => undefined;
  #ended = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#linkUp = !options.board.radio.wifi;
    const printLine = (line: string) => this.#print(line);
    const hasMemory = (event: MemoryEvent) => options.hasMemory?.(event) ?? true;
    const { board, network, pinLevels: levels, random } = options;
    const interpreter = new Interpreter({ random, unicode: board.unicode, printLine, hasMemory });
    const clock = new PoweredClock(options.clock);
    this.#clock = clock;
    this.interpreter = interpreter;
    this.#timers = new Timers(interpreter, clock);
    this.#sockets = new Sockets({ interpreter, network, printLine, linkIsUp: () => this.#linkUp });
    this.buses = new Buses(interpreter, board, options.devices);
    this.pins = new Pins({
      interpreter,
      board,
      clock,
      levels,
      printLine,
      onPin: (pin, level) => this.#notePin(pin, level),
    });
    this.#fillGlobals();
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  liveCounts(): LiveCounts {
    return {
      timers: this.#timers.count,
      watches: this.pins.watchCount,
      listeners: this.interpreter.listenerCount,
      sockets: this.#sockets.count,
    };
  }

  start(app: string): void {
    this.interpreter.run(app, APP_FILE);
  }

  type(line: string): void {
    this.interpreter.enter(() => {
      const value = this.interpreter.evaluate(toByteString(Buffer.from(line)), TYPED_MS_MAX);
      this.#print(
        toReadable(`= ${typeof value === "string" ? JSON.stringify(value) : formatValues([value])}`),
      );
    });
  }

  /** Ends this run, which has no more effects. Bytes that are not delivered yet are dropped. */
  end(): void {
    this.#ended = true;
    this.interpreter.halt();
    this.#leaveRadio();
    this.#clock.cancelAll();
    this.#timers.clearAll();
    this.#sockets.destroyAll();
  }

  #fillGlobals(): void {
    const interpreter = this.interpreter;
    const { board, random, storage, serialNumber, radio } = this.#options;
    const modules = createModules(interpreter, {
      net: () => this.#sockets.netModule(),
      ...(board.capabilities.includes("tls") && { tls: () => this.#sockets.tlsModule() }),
      Storage: () => createStorageModule(interpreter, storage),
      Flash: () => createFlashModule(interpreter, storage, board.storage.addressBytes),
    });
    const host: ObjectHost = {
      interpreter,
      board,
      clock: this.#clock,
      random,
      serialNumber,
      moduleNames: modules.names,
      printLine: (line) => this.#print(line),
      restart: (cause) => interpreter.defer(() => this.#restart(cause)),
      restartNow: (cause) => this.#restart(cause),
      variablesInUse: () =>
        JSVARS.idle + JSVARS.timer * this.#timers.count + JSVARS.socket * this.#sockets.count,
    };
    const processObject = createProcessObject(host);
    interpreter.process = processObject;
    interpreter.espruino = createEspruinoObject(host);
    Object.assign(interpreter.global, {
      ...this.#timers.globals(),
      ...this.pins.globals(),
      ...this.buses.globals(),
      ...createConsoleGlobals(host),
      ...createSmallGlobals(host),
      ...modules.globals,
      process: processObject,
      E: interpreter.espruino,
      Promise: new Promises(interpreter).constructorFunction,
    });
    if (board.radio.wifi) this.#leaveRadio = modules.addWifi(radio, (up) => this.#setLink(up));
  }

  /** After a power failure the current code runs to its end, but without effects. */
  #print(line: string): void {
    if (!this.#ended) this.#options.onLine(line);
  }

  #notePin(pin: string, level: number): void {
    if (!this.#ended) this.#options.onPin(pin, level);
  }

  #setLink(up: boolean): void {
    this.#linkUp = up;
    this.#options.onLink?.(up);
  }

  #restart(cause: RestartCause): void {
    if (this.#ended) return;
    this.end();
    this.#options.onRestart(cause);
  }
}
