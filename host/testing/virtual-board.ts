/**
 * A board of a virtual world: its power, Storage, console, pins, buses and network interface, and the protocol oracle for its
 * packets. Storage and attached devices survive power cuts. JsVars are not counted, because Node has none; leaks show in
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

/** I2C addresses have 7 bits. */
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
  readonly radio: Radio;
  readonly network: Pick<VirtualNetworkOptions, "reach" | "faultsOf" | "latencyMs">;
  /** Gets a line for each event. Undefined without a transcript, which saves time. */
  readonly record: ((what: string) => void) | undefined;
}

export class VirtualBoard {
  /** The board's lane of the timeline. It is frozen while `connect` blocks. */
  readonly lane: VirtualLane;
  /** The board's network. `cut`, `sever` and `inject` are faults for this board only. */
  readonly network: VirtualNetwork;
  /** The board's Storage. `storage.flash.failPower` cuts the power in a write. */
  readonly storage: StorageFiles;
  readonly oracle: ProtocolOracle;
  readonly console: ConsoleLine[] = [];
  /** The times at which the interpreter started. */
  readonly starts: Start[] = [];
  /** The configuration that `configure` wrote since the first boot. */
  readonly configurationWrites: ConfigurationWrite[] = [];
  /** Calls that were deeper than all previous ones, deepest last. Empty unless the world measures the stack. */
  readonly deepestCalls: Depth[] = [];
  /** The times at which the board tried to connect. */
  readonly attemptTimesMs: number[] = [];
  /** The numbers of bytes that the board's sockets sent and received. */
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

  /** The board's record in boards/, such as `record.stackFrames` and `record.jsVars`. */
  get record(): Board {
    return this.#options.board;
  }

  /** The device ID of the first boot. */
  get settings(): Settings {
    return this.#options.configuration;
  }

  /** The hubs of the first boot, as `networks` are those of the first boot. */
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

  /** The number of timer calls and socket chunks since the board was created. 0 on the engine `espruino`. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** The Wi-Fi networks of its configuration. */
  get networks(): string[] {
    return this.#options.configuration.wifi.map(({ ssid }) => ssid);
  }

  /** The lines of the console. */
  get lines(): string[] {
    return this.console.map(({ text }) => text);
  }

  /** Uncaught exceptions, as printed on the console. */
  get uncaught(): string[] {
    return this.lines.filter((line) => line.includes("Uncaught"));
  }

  /** The live objects of the interpreter and the bytes that wait in its sockets. All are 0 without power. */
  get live(): LiveCounts & { readonly queuedBytes: number } {
    const counts = this.#board?.run?.liveCounts() ?? { timers: 0, watches: 0, listeners: 0, sockets: 0 };
    return { ...counts, queuedBytes: this.network.queuedBytes };
  }

  /** Powers the board on, unless it has power. Storage keeps its content. */
  powerOn(): void {
    if (this.#isPowered) return;
    this.#isPowered = true;
    const isProvisioned = this.starts.length > 0;
    this.#hasNetwork = !this.record.radio.wifi;
    const { board, app, configuration, seed, radio, engine } = this.#options;
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
      radio,
      devices: this.#devices,
      pinLevels: this.#pins.levels,
      onLink: (isUp) => {
        this.#hasNetwork = isUp;
        // Sockets get no event.
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

  /** Cuts the power, now or in a later write to flash. The hub is not notified. */
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
   * Memory runs out in a timer's code or a socket's `data` listener, before its first statement. This is not an exception: the
   * event is lost together with the interval or the `data` listeners, and `E` emits `errorFlag` afterwards.
   */
  exhaustMemory({ inEvent = 1 }: MemoryLoss = {}): void {
    requireWhole("The event in which memory runs out", inEvent, 1);
    if (this.#options.engine === "espruino") throw notSupported("Running out of memory");
    this.#eventsWithMemory = inEvent;
  }

  /**
   * Writes a configuration as `motekit configure` does: that of the first boot with these changes. It takes effect at the next
   * start. With `cut` power fails during the write or at its end; `inWrite` counts the writes to flash of this call. Nothing
   * happens without power.
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

  /** Applies a fault to the live connection, or to the next one, after this number of bytes. */
  injectAtByte(fault: ByteFault, afterBytes: number): void {
    const { direction = "up" } = fault;
    requireOneOf("The direction", direction, STREAM_DIRECTIONS);
    const { leastByte, faults } = BYTE_FAULTS[fault.fault];
    requireWhole("The number of bytes", afterBytes, leastByte);
    this.network.inject(faults(direction, afterBytes, "pause" in fault ? milliseconds(fault.pause) : 0));
  }

  /** Sets the board's wall clock. The world's own schedule uses uptime and does not change. */
  jumpClock(by: Duration, direction: "forward" | "back" = "forward"): void {
    requireOneOf("The direction of a jump", direction, ["forward", "back"]);
    const byMs = direction === "forward" ? milliseconds(by) : -milliseconds(by);
    this.lane.jumpWall(byMs);
    this.oracle.clockJumped(byMs);
  }

  /** @throws MotekitError MK2002 if the board has no such pin. */
  pin(name: string): VirtualPin {
    return this.#pins.pin(name);
  }

  /** Attaches a device to an I2C bus; `address` has 7 bits. @throws MotekitError MK2002 if the board has no such bus. */
  attachI2c(address: number, device: I2cDevice, bus = "I2C1"): void {
    this.#requireBus("i2c", bus);
    requireBetween("The address on I2C", address, 0, I2C_ADDRESS_MAX);
    this.#devices.i2c.set(`${bus} ${address}`, device);
  }

  /** Attaches a device to an SPI bus. @throws MotekitError MK2002 if the board has no such bus. */
  attachSpi(device: SpiDevice, bus = "SPI1"): void {
    this.#requireBus("spi", bus);
    this.#devices.spi.set(bus, device);
  }

  /** Returns the other end of a serial port. @throws MotekitError MK2002 if the board has no such port. */
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
    if (!known.includes(bus)) throw misuse(`The board ${this.record.id} has no bus ${bus}. It has ${names}.`);
    if (this.#options.engine === "espruino") throw notSupported(bus);
  }

  #run(): Run {
    const run = this.#board?.run;
    if (run) return run;
    throw misuse(`The board "${this.deviceId}" has no power, or is still starting.`);
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
    remedy: "Check the board's file in boards/, and boot the board first.",
  });
}

function notSupported(what: string): MotekitError {
  return new MotekitError({
    code: "MK2007",
    message: `${what} is not supported on the engine "espruino".`,
    remedy: 'Leave it out of this scenario, or use the engine "node".',
  });
}
