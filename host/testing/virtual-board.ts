/**
 * A board of a virtual world: its power, Storage, console, pins and buses, its end of the network, and the judge of its
 * packets. Storage and what is plugged in outlive power cuts. It counts no JsVars, for Node has none: leaks show in
 * `live`, and on the real interpreter.
 */
import type { Configuration } from "../../firmware/contract/configuration.ts";
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import {
  BusDevices,
  busNames,
  type I2cDevice,
  type SerialDevice,
  type SpiDevice,
} from "../simulator/board-api/buses.ts";
import type { Engine, RestartCause } from "../simulator/board-api/simulated-board.ts";
import { StorageFiles } from "../simulator/board-api/storage.ts";
import {
  bootNodeBoard,
  type LiveCounts,
  type NodeBoard,
  type Run,
} from "../simulator/engines/node-engine.ts";
import { seededRandom } from "../simulator/interpreter/random.ts";
import { bootLockstepBoard } from "../simulator/lockstep/lockstep-engine.ts";
import type { Radio } from "../simulator/world/radio.ts";
import type { VirtualLane, VirtualTimeline } from "../simulator/world/virtual-clock.ts";
import {
  STREAM_DIRECTIONS,
  VirtualNetwork,
  type VirtualNetworkOptions,
} from "../simulator/world/virtual-network.ts";
import { requireBetween, requireOneOf, requireSettings, requireWhole } from "./arguments.ts";
import {
  BYTE_FAULTS,
  type ByteFault,
  type MemoryLoss,
  type PowerCut,
  requirePowerCut,
} from "./board-faults.ts";
import { type Depth, readDepth } from "./call-depth.ts";
import { type ConfigurationWrite, type Settings, writeConfiguration } from "./configuration-write.ts";
import type { ConnectionState } from "./connection-state.ts";
import { type Duration, milliseconds } from "./duration.ts";
import { packetTap } from "./packet-tap.ts";
import { ProtocolOracle } from "./protocol-oracle.ts";
import { type VirtualPin, VirtualPins } from "./virtual-pin.ts";

/** Of 7 bits. */
const I2C_ADDRESS_MAX = 0x7f;

export interface ConsoleLine {
  readonly atMs: number;
  readonly text: string;
}

export interface Start {
  readonly atMs: number;
  /** The reset cause. */
  readonly cause: "power on" | RestartCause;
}

export interface VirtualBoardOptions {
  readonly board: Board;
  /** The bytes of app.js. */
  readonly app: Uint8Array;
  readonly configuration: Configuration;
  readonly engine: Engine;
  readonly seed: number;
  readonly timeline: VirtualTimeline;
  readonly air: Radio;
  readonly network: Pick<VirtualNetworkOptions, "reach" | "faultsOf" | "latencyMs">;
  /** Gets a line for each thing that happens; undefined: nobody wants to know, which saves time. */
  readonly record: ((what: string) => void) | undefined;
}

export class VirtualBoard {
  /** The board's own view of time; frozen while a black hole holds it. */
  readonly lane: VirtualLane;
  /** Its network: `cut`, `sever` and `inject` are faults for this board alone. */
  readonly network: VirtualNetwork;
  /** `storage.flash.failPower` cuts its power in a write. */
  readonly storage: StorageFiles;
  readonly oracle: ProtocolOracle;
  readonly console: ConsoleLine[] = [];
  /** Each time that its interpreter started. */
  readonly starts: Start[] = [];
  /** By `configure`, since it was booted first. */
  readonly configurationWrites: ConfigurationWrite[] = [];
  /** Calls that were deeper than any before, the deepest last; empty unless the world measures the stack. */
  readonly deepestCalls: Depth[] = [];
  /** When it tried to connect. */
  readonly attemptTimesMs: number[] = [];
  /** Bytes that the board wrote to its sockets, and got. */
  readonly traffic = { up: 0, down: 0 };
  /** Called when the state of the connection may have changed. */
  onChange: (() => void) | undefined;
  readonly #options: VirtualBoardOptions;
  readonly #devices = new BusDevices();
  readonly #pins: VirtualPins;
  #board: NodeBoard | undefined;
  #eventCount = 0;
  #eventsWithMemory = Number.POSITIVE_INFINITY;
  #isPowered = false;
  #hasNetwork = false;

  constructor(options: VirtualBoardOptions) {
    const { timeline } = options;
    this.#options = options;
    this.lane = timeline.createLane();
    this.storage = new StorageFiles(options.board.storage.sizeBytes);
    this.#pins = new VirtualPins({
      board: options.board,
      engine: options.engine,
      lane: this.lane,
      run: () => this.#run(),
      powered: () => this.#board,
      record: (what) => this.#record(what),
    });
    this.oracle = new ProtocolOracle(() => timeline.nowMs());
    this.network = new VirtualNetwork({
      ...options.network,
      faultsOf: (attempt) => {
        this.attemptTimesMs.push(timeline.nowMs());
        return options.network.faultsOf?.(attempt);
      },
      lane: this.lane,
      peerLane: timeline.createLane(),
      tap: packetTap({
        oracle: this.oracle,
        traffic: this.traffic,
        record: options.record,
        changed: () => this.onChange?.(),
      }),
    });
  }

  /** What motekit knows of boards of its kind: `record.stackFrames`, `record.jsVars`, … */
  get record(): Board {
    return this.#options.board;
  }

  /** That it was booted with first. */
  get settings(): Settings {
    return this.#options.configuration;
  }

  /** As it was booted first; the same holds for `networks`. */
  get deviceId(): string {
    return this.#options.configuration.deviceId;
  }

  get isPowered(): boolean {
    return this.#isPowered;
  }

  get connectionState(): ConnectionState {
    if (!this.#isPowered) return "off";
    return this.#hasNetwork ? this.oracle.state : "without network";
  }

  /** Timers' code and pieces of sockets' data that came to the interpreter since the board was made; 0 on the engine `espruino`. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** The Wi-Fi networks that it was told. */
  get networks(): string[] {
    return this.#options.configuration.wifi.map(({ ssid }) => ssid);
  }

  /** Lines of the console, as text. */
  get lines(): string[] {
    return this.console.map(({ text }) => text);
  }

  /** Exceptions that nobody caught, as the console told of them. */
  get uncaught(): string[] {
    return this.lines.filter((line) => line.includes("Uncaught"));
  }

  /** What lives in the interpreter now, and bytes that wait in its sockets; all 0 without power. */
  get live(): LiveCounts & { readonly queuedBytes: number } {
    const counts = this.#board?.run?.liveCounts() ?? { timers: 0, watches: 0, listeners: 0, sockets: 0 };
    return { ...counts, queuedBytes: this.network.queuedBytes };
  }

  /** Unless it has power; Storage is as it was left. */
  powerOn(): void {
    if (this.#isPowered) return;
    this.#isPowered = true;
    const isProvisioned = this.starts.length > 0;
    this.#hasNetwork = !this.record.radio.wifi;
    const { board, app, configuration, seed, air, engine } = this.#options;
    this.#noteStart("power on");
    // Power may fail again before this returns.
    const boot = engine === "node" ? bootNodeBoard : bootLockstepBoard;
    this.#board = boot({
      board,
      app,
      configuration,
      engine,
      clock: this.lane,
      network: this.network,
      random: seededRandom(seed),
      storage: this.storage,
      isProvisioned,
      air,
      devices: this.#devices,
      pinLevels: this.#pins.levels,
      onLink: (isUp) => {
        this.#hasNetwork = isUp;
        // Sockets hear nothing of it.
        if (!isUp) this.network.sever();
        this.onChange?.();
      },
      hasMemory: (event) => {
        this.#eventCount++;
        if (--this.#eventsWithMemory > 0) return true;
        this.#eventsWithMemory = Number.POSITIVE_INFINITY;
        this.#record("out of memory");
        if (event.kind === "data") this.oracle.lostData(event.connection, event.unheardBytes);
        return false;
      },
      onRestart: (cause) => {
        this.#hasNetwork = !this.record.radio.wifi;
        this.#noteStart(cause);
      },
      onLine: (text) => this.#print(text),
      onPin: (pin, level) => this.#notePin(pin, level),
      onExit: () => {
        this.#isPowered = false;
        this.lane.thaw();
        this.#record("exit");
        this.oracle.powerFailed();
        this.onChange?.();
      },
    });
  }

  /** Now, or within a write to flash that is to come. The hub hears nothing of it. */
  powerCut(cut: PowerCut = {}): void {
    requirePowerCut(cut);
    const { inWrite, afterBytes, offFor } = cut;
    if (inWrite === undefined) {
      if (this.#isPowered) this.#comeBackIn(offFor);
      this.#board?.kill();
      return;
    }
    const { flash } = this.storage;
    let ahead = inWrite;
    flash.failPower = (write) => {
      if (--ahead > 0) return undefined;
      flash.failPower = undefined;
      this.#comeBackIn(offFor);
      return Math.min(afterBytes ?? 0, write.lengthBytes);
    };
  }

  /**
   * Memory runs out in the code of a timer, or of a socket's `data`, before its first statement. That is no exception: the
   * event is lost, and an interval or the listeners of `data` with it; `errorFlag` of `E` comes behind.
   */
  exhaustMemory({ inEvent = 1 }: MemoryLoss = {}): void {
    requireWhole("The event in which memory runs out", inEvent, 1);
    if (this.#options.engine === "espruino") throw notPlayed("Memory that runs out");
    this.#eventsWithMemory = inEvent;
  }

  /**
   * Writes a configuration as `motekit configure` does: the one that the board was booted with, and these changes. It
   * counts from the next start on. With `cut` power fails within, or as soon as all is written; `inWrite` counts the
   * writes to flash that this makes. Nothing happens without power.
   */
  configure(changes: Partial<Settings>, cut?: PowerCut): void {
    if (!this.#isPowered) return;
    const settings = { ...this.#options.configuration, ...changes };
    requireSettings(settings);
    if (cut) this.powerCut({ inWrite: 1, ...cut });
    const isWhole = writeConfiguration(this.storage, settings);
    this.configurationWrites.push({ atMs: this.#options.timeline.nowMs(), settings, isWhole });
    if (!cut || !isWhole) return;
    this.storage.flash.failPower = undefined;
    this.powerCut({ ...(cut.offFor !== undefined && { offFor: cut.offFor }) });
  }

  #comeBackIn(duration: Duration | undefined): void {
    if (duration !== undefined) this.lane.schedule(milliseconds(duration), () => this.powerOn());
  }

  /** Strikes the live connection, or the next one, after so many bytes. */
  injectAtByte(fault: ByteFault, afterBytes: number): void {
    const { direction = "up" } = fault;
    requireOneOf("The direction", direction, STREAM_DIRECTIONS);
    const { leastByte, faults } = BYTE_FAULTS[fault.fault];
    requireWhole("The number of bytes", afterBytes, leastByte);
    this.network.inject(faults(direction, afterBytes, "pause" in fault ? milliseconds(fault.pause) : 0));
  }

  /** The wall clock is set. What is scheduled in the world keeps to uptime. */
  jumpClock(by: Duration, direction: "forward" | "back" = "forward"): void {
    requireOneOf("The direction of a jump", direction, ["forward", "back"]);
    const byMs = direction === "forward" ? milliseconds(by) : -milliseconds(by);
    this.lane.jumpWall(byMs);
    this.oracle.clockJumped(byMs);
  }

  /** @throws MotekitError MK2002 where the board has no such pin. */
  pin(name: string): VirtualPin {
    return this.#pins.pin(name);
  }

  /** Plugs a device into a bus; `address` has 7 bits. @throws MotekitError MK2002: no such bus. */
  attachI2c(address: number, device: I2cDevice, bus = "I2C1"): void {
    this.#requireBus("i2c", bus);
    requireBetween("The address on I2C", address, 0, I2C_ADDRESS_MAX);
    this.#devices.i2c.set(`${bus} ${address}`, device);
  }

  /** @throws MotekitError MK2002: no such bus. */
  attachSpi(device: SpiDevice, bus = "SPI1"): void {
    this.#requireBus("spi", bus);
    this.#devices.spi.set(bus, device);
  }

  /** Gives the other end of a serial port: what it sends reaches the board. @throws MotekitError MK2002: no such port. */
  attachSerial(device: SerialDevice, port = "Serial2"): (bytes: Uint8Array | string) => void {
    this.#requireBus("serial", port);
    this.#devices.serial.set(port, device);
    return (bytes) => {
      this.#run().buses.receive(port, typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    };
  }

  #requireBus(kind: keyof BusDevices, bus: string): void {
    const known = busNames(this.record)[kind];
    const names = known.join(", ") || "none";
    if (!known.includes(bus))
      throw misuse(`The board ${this.record.id} has no ${bus} to plug into, but ${names}.`);
    if (this.#options.engine === "espruino") throw notPlayed(bus);
  }

  #run(): Run {
    const run = this.#board?.run;
    if (run) return run;
    throw misuse(`The board "${this.deviceId}" has no power, or is just starting.`);
  }

  #noteStart(cause: Start["cause"]): void {
    this.starts.push({ atMs: this.#options.timeline.nowMs(), cause });
    if (cause !== "power on") this.oracle.restarted();
    this.#record(`start ${cause}`);
  }

  #notePin(pin: string, level: number): void {
    this.#pins.noteWritten(pin, { atMs: this.#options.timeline.nowMs(), level });
    this.#record(`pin ${pin} ${level}`);
  }

  #print(text: string): void {
    const depth = readDepth(text);
    if (depth) {
      this.deepestCalls.push(depth);
      return;
    }
    this.console.push({ atMs: this.#options.timeline.nowMs(), text });
    this.#record(`console ${text}`);
  }

  #record(what: string): void {
    this.#options.record?.(what);
  }
}

function misuse(message: string): MotekitError {
  return new MotekitError({
    code: "MK2002",
    message,
    remedy: "Compare the board's file in boards/, and boot the board first.",
  });
}

function notPlayed(what: string): MotekitError {
  return new MotekitError({
    code: "MK2007",
    message: `${what} is not played on the engine "espruino".`,
    remedy: 'Leave it out of this scenario, or play it on the engine "node".',
  });
}
