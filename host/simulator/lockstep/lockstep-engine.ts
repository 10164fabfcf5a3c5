/**
 * The engine `espruino` in virtual time: the bundle on the user's Espruino for Linux, in lockstep with the objects that the
 * engine `node` uses. Clock, network, random values, radio and Storage are the same, so that a scenario can run on both engines
 * and its packets can be compared. Each boot has its own process.
 *
 * I2C, SPI, serial ports and analogue pins are not supported, and live objects are not counted. TLS is sent as plain bytes.
 */
import { parseConsoleLine } from "../../../firmware/contract/console-lines.ts";
import { MotekitError } from "../../errors.ts";
import { createSensor } from "../board-api/board-objects.ts";
import { hasPin } from "../board-api/pins.ts";
import {
  type RestartCause,
  type SimulatedBoardOptions,
  WATCHDOG_TRIGGERED,
} from "../board-api/simulated-board.ts";
import { requireEspruino } from "../engines/espruino-program.ts";
import { notEspruino } from "../engines/espruino-provision.ts";
import {
  bootInProcess,
  type LiveCounts,
  type NodeBoard,
  type Run,
  type RunOptions,
} from "../engines/node-engine.ts";
import { toByteString } from "../interpreter/byte-strings.ts";
import { nextFraction } from "../interpreter/random.ts";
import { PoweredClock, type ScheduledCall } from "../world/clock.ts";
import { PowerFailure } from "../world/flash.ts";
import { LockstepLink } from "./lockstep-link.ts";
import { decodeDouble, encodeDouble, encodeText, LOOKS_TOLD, lockstepProgram } from "./lockstep-program.ts";
import { LockstepSockets } from "./lockstep-sockets.ts";
import { LockstepStorage } from "./lockstep-storage.ts";

/** @throws MotekitError MK1302 if Espruino for Linux is not found. */
export function bootLockstepBoard(options: SimulatedBoardOptions): NodeBoard {
  const program = requireEspruino(options.espruinoProgram);
  return bootInProcess(options, (run) => new LockstepRun(run, program));
}

class LockstepRun implements Run {
  readonly pins: Run["pins"];
  readonly buses: Run["buses"];
  readonly #options: RunOptions;
  readonly #program: string;
  readonly #clock: PoweredClock;
  readonly #link: LockstepLink;
  readonly #sockets: LockstepSockets;
  readonly #storage: LockstepStorage;
  readonly #measure: () => number;
  readonly #written = new Map<string, number>();
  readonly #leaveRadio: () => void;
  #wake: ScheduledCall | undefined;
  #watchdogMs: number | undefined;
  #watchdog: ScheduledCall | undefined;
  #linkIsUp: boolean;
  /** True while the interpreter waits for an answer. */
  #isAsked = false;
  #ended = false;

  constructor(options: RunOptions, program: string) {
    const { board, storage, radio, network, serialNumber } = options;
    this.#options = options;
    this.#program = program;
    this.#clock = new PoweredClock(options.clock);
    this.#clock.onJump((byMs) => this.#tell("J", encodeDouble(byMs)));
    this.#measure = createSensor(options);
    this.#linkIsUp = !board.radio.wifi;
    this.#storage = new LockstepStorage(storage, board.storage.addressBytes);
    this.#sockets = new LockstepSockets({
      network,
      linkIsUp: () => this.#linkIsUp,
      printLine: (line) => this.#print(line),
      tell: (kind, ...values) => this.#tell(kind, ...values),
    });
    this.pins = {
      has: (name) => hasPin(board, name),
      level: (name) => this.#written.get(name) ?? options.pinLevels.get(name) ?? 0,
      drive: (name, level) => this.#drivePin(name, level),
    };
    this.buses = { receive: () => refuse("Serial ports are not supported") };
    this.#link = new LockstepLink({
      program,
      createProgram: (pipes) => lockstepProgram({ board, serialNumber, pipes, pinLevels: options.pinLevels }),
      onLine: (line) => this.#takeLine(line),
    });
    this.#leaveRadio = radio.onChange(() => this.#notifyRadio());
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  liveCounts(): LiveCounts {
    return refuse("Live objects are not counted");
  }

  start(app: string): void {
    this.#goOn();
    this.#notifyRadio();
    this.#tell("B", encodeText(app));
  }

  type(): void {
    refuse("Console input is not supported");
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leaveRadio();
    this.#clock.cancelAll();
    this.#sockets.destroyAll();
    this.#link.close();
  }

  #drivePin(name: string, level: number): void {
    this.#options.pinLevels.set(name, level);
    this.#tell("P", name, encodeDouble(level));
  }

  #notifyRadio(): void {
    this.#tell("A", encodeText(toByteString(Buffer.from(JSON.stringify(this.#options.radio.inReach())))));
  }

  /** Delivers an event and processes all its effects before time passes. */
  #tell(kind: string, ...values: readonly string[]): void {
    if (this.#ended) return;
    this.#send(kind, values);
    this.#goOn();
  }

  #send(kind: string, values: readonly string[]): void {
    const now = [encodeDouble(this.#clock.uptimeMs()), encodeDouble(this.#clock.wallMs())];
    this.#link.send(`${[kind, ...now].join(" ")} ${values.join(" ")}`);
  }

  /** Answers requests until the interpreter is idle, or has processed an event that arrived while it was waiting. */
  #goOn(): void {
    const endWord = this.#isAsked ? "done" : "idle";
    while (!this.#ended) {
      const [word = "", ...values] = this.#receive().split(" ");
      if (word === "idle") this.#schedule(values);
      if (word === endWord) return;
      this.#isAsked = true;
      const answer = this.#attempt(word, values);
      this.#isAsked = endWord === "done";
      if (!this.#ended) this.#send("=", [answer]);
    }
  }

  #receive(): string {
    const line = this.#link.receive();
    if (line !== undefined) return line;
    this.end();
    if (!this.#link.isStarted) throw notEspruino(this.#program, this.#link.banner);
    return refuse("The interpreter ended unexpectedly", "Read the last lines on the board's console");
  }

  /** If power fails during a request, the request gets no answer. */
  #attempt(word: string, values: readonly string[]): string {
    try {
      return this.#answer(word, values);
    } catch (error) {
      if (error instanceof PowerFailure && this.#ended) return "";
      throw error;
    }
  }

  #answer(word: string, values: readonly string[]): string {
    const [value = ""] = values;
    switch (word) {
      case "random":
        return encodeDouble(nextFraction(this.#options.random));
      case "temperature":
        return encodeDouble(this.#measure());
      case "looked":
        for (let look = 0; look < LOOKS_TOLD && !this.#ended; look++) this.#clock.looked();
        return "";
      case "link":
        this.#setLink(value === "1");
        return "";
      case "watchdog":
        this.#watchdogMs = value === "-" ? undefined : decodeDouble(value) * 1000;
        this.#kickWatchdog();
        return "";
      case "kick":
        this.#kickWatchdog();
        return "";
      case "restart":
        this.#restart(value as RestartCause);
        return "";
      default:
        return this.#sockets.answer(word, values) ?? this.#storage.answer(word, values);
    }
  }

  #schedule([wake = "-", isScheduled]: readonly string[]): void {
    if (isScheduled !== "1") return;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (wake === "-") return;
    const delayMs = Math.max(decodeDouble(wake) - this.#clock.uptimeMs(), 0);
    this.#wake = this.#clock.schedule(delayMs, () => this.#tell("T"));
  }

  #setLink(isUp: boolean): void {
    this.#linkIsUp = isUp;
    this.#options.onLink?.(isUp);
  }

  #kickWatchdog(): void {
    this.#watchdog?.cancel();
    this.#watchdog = undefined;
    if (this.#watchdogMs === undefined) return;
    this.#watchdog = this.#clock.scheduleReset(this.#watchdogMs, () => {
      this.#print(WATCHDOG_TRIGGERED);
      this.#restart("watchdog");
    });
  }

  #restart(cause: RestartCause): void {
    if (this.#ended) return;
    this.end();
    this.#options.onRestart(cause);
  }

  #takeLine(line: string): void {
    const parsed = parseConsoleLine(line);
    if (parsed?.kind !== "pin") {
      this.#print(line);
      return;
    }
    const [pin = "", level] = parsed.detail.split(" ");
    this.#written.set(pin, Number(level));
    this.#options.onPin(pin, Number(level));
  }

  #print(line: string): void {
    if (!this.#ended) this.#options.onLine(line);
  }
}

function refuse(what: string, advice = "Leave it out of this scenario"): never {
  throw new MotekitError({
    code: "MK2007",
    message: `${what} on the engine "espruino".`,
    remedy: `${advice}, or use the engine "node".`,
  });
}
