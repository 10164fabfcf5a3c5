/**
 * Boards, Wi-Fi, network and hub in virtual time. The same options and calls give the same transcript, byte for byte, on any
 * computer. Time passes only in `advance`.
 */
import type { Configuration } from "../../firmware/contract/configuration.ts";
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import { MockHub } from "../mock-hub/mock-hub.ts";
import type { Engine } from "../simulator/board-api/simulated-board.ts";
import { simulatedConfiguration } from "../simulator/engines/simulated-configuration.ts";
import { seededRandom } from "../simulator/interpreter/random.ts";
import { Radio } from "../simulator/world/radio.ts";
import { VirtualTimeline } from "../simulator/world/virtual-clock.ts";
import type { ConnectionFaults } from "../simulator/world/virtual-network.ts";
import { noBoardYet, requireSettings, wrongArgument } from "./arguments.ts";
import { withDepthProbe } from "./call-depth.ts";
import { type Duration, milliseconds } from "./duration.ts";
import { packetTrace } from "./packet-trace.ts";
import { type SweepFault, sweepPlaces } from "./sweep.ts";
import { VirtualBoard } from "./virtual-board.ts";
import { VirtualHub } from "./virtual-hub.ts";
import { WorldNetwork } from "./world-network.ts";
import { WorldWifi } from "./world-wifi.ts";

const HUB_ADDRESS = { host: "hub", port: 1883 };
const FRAMES_SHOWN = 30;
const LINES_SHOWN = 25;

export interface WorldOptions {
  readonly board: Board;
  /** The bytes of app.js. */
  readonly app: Uint8Array;
  /** The engine that runs the bundle. Default: `node`. `espruino` is the interpreter itself, on PATH, some 100 times slower. */
  readonly engine?: Engine;
  /** The seed of all random values of the network and the boards. */
  readonly seed: number;
  /** Options for each board that does not override them. */
  readonly configuration?: Partial<Configuration>;
  /** Called at each attempt of a board to connect, counted from 1, after the faults of `world.network`. */
  readonly faultsOf?: (attempt: number, nowMs: number) => ConnectionFaults | undefined;
  /** Called for each board before it first gets power. */
  readonly onBoard?: (board: VirtualBoard) => void;
  /** Keeps a line for each event, which takes time. */
  readonly keepsTranscript?: boolean;
  /** Fills `board.deepestCalls`, which takes time, because each function of the app reads the stack. */
  readonly measuresStack?: boolean;
}

export interface BootOptions {
  /** Passwords by network name, in the order in which the board tries the networks. Open networks have "". */
  readonly wifi?: Readonly<Record<string, string>>;
  /** The device ID. Default: `dev`, then `dev-2` and so on. */
  readonly deviceId?: string;
  readonly configuration?: Partial<Configuration>;
}

/** A test that boots a board in a new world, lets time pass, and throws if it observes a fault of the firmware. */
export type Scenario = (world: World) => void | Promise<void>;

export class World {
  readonly timeline = new VirtualTimeline();
  readonly hub = new VirtualHub(new MockHub(), this.timeline);
  readonly network: WorldNetwork;
  readonly wifi: WorldWifi;
  readonly boards: VirtualBoard[] = [];
  readonly seed: number;
  readonly #options: WorldOptions;
  readonly #app: Uint8Array;
  readonly #radio = new Radio();
  readonly #transcript: string[] = [];

  constructor(options: WorldOptions) {
    if (options.engine === "espruino" && options.measuresStack) throw stackIsUnknown();
    this.#options = options;
    this.#app = options.measuresStack ? withDepthProbe(options.app) : options.app;
    this.seed = options.seed;
    const later = (delayMs: number, call: () => void) => this.hub.runIn(delayMs, call);
    this.network = new WorldNetwork(this.boards, seededRandom(options.seed ^ 0x5eed), later);
    this.wifi = new WorldWifi(this.#radio, later);
  }

  get nowMs(): number {
    return this.timeline.nowMs();
  }

  /** The first board. */
  get board(): VirtualBoard {
    const [board] = this.boards;
    if (board) return board;
    throw noBoardYet();
  }

  /** Adds a board and powers it on. */
  boot(options: BootOptions = {}): VirtualBoard {
    const board = this.addBoard(options);
    board.powerOn();
    return board;
  }

  /** Adds a board without power. */
  addBoard(options: BootOptions = {}): VirtualBoard {
    const configuration = this.#configurationOf(options);
    for (const { ssid, password } of configuration.wifi) {
      if (!this.#radio.has(ssid)) this.#radio.add(ssid, password);
    }
    const { deviceId } = configuration;
    const { board, engine = "node", seed, faultsOf, keepsTranscript } = this.#options;
    const { timeline, hub, network } = this;
    const added = new VirtualBoard({
      board,
      app: this.#app,
      configuration,
      engine,
      seed: seed + this.boards.length,
      timeline,
      radio: this.#radio,
      network: {
        reach: () => (hub.isListening ? hub : undefined),
        faultsOf: (attempt) => ({ ...faultsOf?.(attempt, timeline.nowMs()), ...network.faultsNow() }),
        latencyMs: () => network.latencyMs(),
      },
      record: keepsTranscript
        ? (what) => void this.#transcript.push(`${timeline.nowMs()} ${deviceId} ${what}`)
        : undefined,
    });
    this.boards.push(added);
    this.#options.onBoard?.(added);
    return added;
  }

  /** Creates a world like this one before its first board, with changed options. */
  fork(options: Pick<WorldOptions, "onBoard"> = {}): World {
    return new World({ ...this.#options, ...options });
  }

  /**
   * Plays the scenario in a fork of this world without a fault, and then once for each place at which the fault can apply: each
   * byte of the first connection, each packet of a type, or each write to flash. Resolves with the number of places.
   * @throws MotekitError MK2006 for the first place at which the scenario throws or the board violates MQTT.
   */
  sweep(scenario: Scenario, fault: SweepFault): Promise<number> {
    return sweepPlaces<World>(this, scenario, fault);
  }

  /** Lets time pass. Everything that is due happens before it returns. */
  async advance(duration: Duration): Promise<void> {
    this.timeline.advance(milliseconds(duration));
  }

  /** Cuts the power of all boards and ends the processes of the engine `espruino`. Afterwards only results may be read. */
  close(): void {
    for (const board of this.boards) board.powerCut();
  }

  /** The boards' violations of MQTT 3.1.1 and their uncaught exceptions, one sentence each. */
  get violations(): string[] {
    return this.boards.flatMap(({ oracle, uncaught }) => [...oracle.violations, ...uncaught]);
  }

  /** The decoded packets of the transcript with their virtual times, the same on both engines. Empty unless `keepsTranscript`. */
  packetTrace(): string[] {
    return packetTrace(this.transcript());
  }

  /** One line for each event, with its time in ms and its board. Empty unless `keepsTranscript`. */
  transcript(): string {
    return this.#transcript.join("\n");
  }

  /** The seed, the last lines of the consoles and the last frames, for the analysis of a failure. */
  report(): string {
    const lines = this.boards.flatMap(({ deviceId, console }) =>
      console
        .slice(-LINES_SHOWN)
        .map(({ atMs, text }) => `${(atMs / 1000).toFixed(3)} s ${deviceId} ${text}`),
    );
    return [
      `Seed ${this.seed}: MOTEKIT_SEED=${this.seed} repeats it. ${(this.nowMs / 1000).toFixed(3)} s passed.`,
      "Console:",
      ...lines,
      "Frames at the hub:",
      this.hub.hub.log.format(FRAMES_SHOWN),
    ].join("\n");
  }

  #configurationOf({ wifi, deviceId, configuration }: BootOptions): Configuration {
    const number = this.boards.length + 1;
    const whole = {
      ...simulatedConfiguration(this.#options.board, HUB_ADDRESS, number > 1 ? `dev-${number}` : "dev"),
      ...this.#options.configuration,
      ...configuration,
    };
    const complete = {
      ...whole,
      deviceId: deviceId ?? whole.deviceId,
      ...(wifi && { wifi: networksOf(wifi) }),
    };
    requireSettings(complete);
    return complete;
  }
}

function networksOf(wifi: NonNullable<BootOptions["wifi"]>): Configuration["wifi"] {
  return Object.entries(wifi).map(([ssid, password]) => {
    if (typeof password === "string" && !Array.isArray(wifi)) return { ssid, password };
    throw wrongArgument(
      `The password of the Wi-Fi network "${ssid}" is not a string.`,
      'Write { wifi: { home: "secret" } }, and "" for an open network.',
    );
  });
}

function stackIsUnknown(): MotekitError {
  return new MotekitError({
    code: "MK2007",
    message: 'The engine "espruino" cannot measure the depth of calls.',
    remedy: 'Leave measuresStack out, or use the engine "node".',
  });
}
