/** `E`, `process` and other globals of a simulated board, except pins and timers. */
import { crc32 } from "node:zlib";
import type { Board } from "../../boards.ts";
import { toBytes, toReadable } from "../interpreter/byte-strings.ts";
import type { Callback, Interpreter } from "../interpreter/interpreter.ts";
import { formatValues } from "../interpreter/print.ts";
import { nextFraction, type Random } from "../interpreter/random.ts";
import type { Clock, ScheduledCall } from "../world/clock.ts";
import { type RestartCause, WATCHDOG_TRIGGERED } from "./simulated-board.ts";

/** The value of `process.version`: the release of the interpreter whose behaviour was measured. */
export const SIMULATED_VERSION = "2v29";

export interface ObjectHost {
  readonly interpreter: Interpreter;
  readonly board: Board;
  readonly clock: Clock;
  readonly random: Random;
  readonly serialNumber: string;
  readonly moduleNames: readonly string[];
  printLine(line: string): void;
  /** Restarts the board when the current code has ended. */
  restart(cause: RestartCause): void;
  /** Restarts the board immediately. No code runs after this call. */
  restartNow(cause: RestartCause): void;
  /** The number of variables in use, estimated from timers and sockets, because this engine has no variables. */
  variablesInUse(): number;
}

/** `process.memory().total` of a board whose heap grows. */
const GROWING_HEAP_JSVARS = 4096;

/** The members of `process.env` that depend on the board. */
export function boardEnvironment(board: Board, serialNumber: string) {
  return {
    VERSION: SIMULATED_VERSION,
    BOARD: board.espruinoBoard,
    STORAGE: board.storage.sizeBytes,
    SERIAL: serialNumber,
    CONSOLE: board.console.device,
  };
}

export function createProcessObject(host: ObjectHost): object {
  const { interpreter, board } = host;
  return interpreter.object({
    version: SIMULATED_VERSION,
    env: interpreter.object({
      ...boardEnvironment(board, host.serialNumber),
      MODULES: host.moduleNames.join(","),
    }),
    memory() {
      const total = board.jsVars.count ?? GROWING_HEAP_JSVARS;
      const usage = Math.min(host.variablesInUse(), total);
      return interpreter.object({
        free: total - usage,
        usage,
        total,
        history: 0,
        blocksize: board.jsVars.sizeBytes,
      });
    },
  });
}

export function createEspruinoObject(host: ObjectHost): object {
  const { interpreter, board } = host;
  const watchdog = new Watchdog(host);
  const flags: Record<string, unknown> = {};
  return interpreter.object({
    CRC32: (data: unknown) => crc32(toBytes(interpreter.byteStringOf(data))),
    toString: (...values: unknown[]) => interpreter.byteStringOf(...values),
    toUint8Array: (...values: unknown[]) => interpreter.uint8Array(interpreter.byteStringOf(...values)),
    toArrayBuffer: (value: unknown) => interpreter.uint8Array(interpreter.byteStringOf(value)).buffer,
    // A text is its bytes here, on a board with Unicode as well.
    asUTF8: (text: unknown) => {
      if (!board.unicode) throw interpreter.error("Unicode not supported on this build");
      return text;
    },
    fromUTF8: (text: unknown) => (board.unicode ? text : undefined),
    isUTF8: () => false,
    toJS: (value: unknown) => interpreter.stringifyJson(value),
    getTemperature: createSensor(host),
    hwRand: () => host.random.nextUint32() | 0,
    srand: () => undefined,
    getErrorFlags: () => interpreter.array(interpreter.takeErrorFlags()),
    getFlags: () => interpreter.object({ ...flags }),
    setFlags: (values: Record<string, unknown>) => void Object.assign(flags, values),
    getSizeOf: (value: unknown) => Math.ceil(String(value).length / 10) + 1,
    enableWatchdog: (timeoutSeconds: unknown, automatic?: unknown) =>
      watchdog.enable(Number(timeoutSeconds), automatic === undefined || Boolean(automatic)),
    kickWatchdog: () => watchdog.kick(),
    reboot: () => {
      host.restartNow("reboot");
      throw interpreter.error("Rebooting");
    },
    defrag: () => undefined,
    setTimeZone: () => undefined,
  });
}

/** The temperature of the simulated chip: near 45 °C, varying by tenths. NaN on boards without a sensor, as on hardware. */
export function createSensor(host: Pick<ObjectHost, "board" | "random">): () => number {
  const CHIP_CELSIUS = 45;
  const WANDER_CELSIUS_MAX = 10;
  let celsius = CHIP_CELSIUS + (nextFraction(host.random) - 0.5) * 4;
  return () => {
    if (!host.board.temperatureSensor) return Number.NaN;
    celsius += (nextFraction(host.random) - 0.5) * 0.4;
    celsius = Math.min(
      Math.max(celsius, CHIP_CELSIUS - WANDER_CELSIUS_MAX),
      CHIP_CELSIUS + WANDER_CELSIUS_MAX,
    );
    return Math.round(celsius * 10) / 10;
  };
}

/** The hardware watchdog, which restarts a board that does not kick it in time. `automatic` kicks it while the board idles. */
class Watchdog {
  readonly #host: ObjectHost;
  #timeoutMs: number | undefined;
  #alarm: ScheduledCall | undefined;

  constructor(host: ObjectHost) {
    this.#host = host;
  }

  enable(timeoutSeconds: number, automatic: boolean): void {
    this.#timeoutMs = automatic ? undefined : timeoutSeconds * 1000;
    this.kick();
  }

  kick(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (this.#timeoutMs === undefined) return;
    const { clock } = this.#host;
    const bite = () => {
      this.#host.printLine(WATCHDOG_TRIGGERED);
      this.#host.restartNow("watchdog");
    };
    this.#alarm = clock.scheduleReset?.(this.#timeoutMs, bite) ?? clock.schedule(this.#timeoutMs, bite);
  }
}

export function createConsoleGlobals(host: ObjectHost): Record<string, unknown> {
  const { interpreter } = host;
  let pending = "";
  const flush = () => {
    const lines = pending.split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) host.printLine(toReadable(line.replace(/\r$/, "")));
  };
  const writeText = (text: string) => {
    pending += text;
    flush();
  };
  const print: Callback = (...values) => writeText(`${formatValues(values)}\n`);
  const serial = interpreter.object({
    print: (...values: unknown[]) => writeText(formatValues(values)),
    println: (...values: unknown[]) => writeText(`${formatValues(values)}\r\n`),
    write: (...values: unknown[]) => writeText(interpreter.byteStringOf(...values)),
    setup: () => undefined,
    setConsole: () => undefined,
  });
  return {
    print,
    console: interpreter.object({
      log: print,
      info: print,
      debug: print,
      warn: print,
      error: print,
      trace: print,
    }),
    trace: () => undefined,
    [host.board.console.device]: serial,
  };
}

/** Small globals that need only the board's clock and serial number. */
export function createSmallGlobals(host: ObjectHost): Record<string, unknown> {
  const { interpreter, clock } = host;
  let offsetMs = 0;
  const nowMs = () => {
    clock.looked?.();
    interpreter.requireRunning();
    return clock.wallMs() + offsetMs;
  };
  return {
    Date: createDate(interpreter.global.Date as DateConstructor, nowMs),
    getTime: () => nowMs() / 1000,
    setTime: (seconds: unknown) => {
      offsetMs = Number(seconds) * 1000 - clock.wallMs();
    },
    getSerial: () => host.serialNumber,
    load: () => host.restart("load"),
    reset: () => {
      throw interpreter.error("reset() is not simulated by the node engine; load() is");
    },
    save: () => undefined,
    dump: () => undefined,
    echo: () => undefined,
    edit: () => undefined,
    atob: (text: unknown) => Buffer.from(String(text), "base64").toString("latin1"),
    btoa: (bytes: unknown) => toBytes(String(bytes)).toString("base64"),
  };
}

/** A `Date` that reads the board's clock. */
function createDate(date: DateConstructor, nowMs: () => number): DateConstructor {
  const now = () => Math.floor(nowMs());
  Object.defineProperty(date, "now", { value: now, writable: true, configurable: true });
  return new Proxy(date, {
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as object,
    apply: (target) => new target(now()).toString(),
  });
}
