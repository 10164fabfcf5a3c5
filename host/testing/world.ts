/**
 * Boards, their Wi-Fi, network and hub in virtual time: a function of its options, so that the same options and calls
 * give the same transcript, byte for byte, on any machine. Time passes by `advance` alone.
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
  /** What runs the bundle: `node` by default; `espruino` is the interpreter itself, on PATH, some 100 times slower. */
  readonly engine?: Engine;
  /** Of all chance in the world: the network's and the boards'. */
  readonly seed: number;
  /** Beyond the defaults, for each board that does not say otherwise. */
  readonly configuration?: Partial<Configuration>;
  /** Asked at each attempt of a board to connect, which are counted from 1, after the faults of `world.network`. */
  readonly faultsOf?: (attempt: number, nowMs: number) => ConnectionFaults | undefined;
  /** Called for each board before it first gets power. */
  readonly onBoard?: (board: VirtualBoard) => void;
  /** Keeps a line for each thing that happened. Costs time. */
  readonly keepsTranscript?: boolean;
  /** Fills `board.deepestCalls`. Costs time, and a look at the stack in each function of the app. */
  readonly measuresStack?: boolean;
}

export interface BootOptions {
  /** Passwords by the networks' names, in the order in which the board tries them. Open networks have "". */
  readonly wifi?: Readonly<Record<string, string>>;
  /** `dev` by default, then `dev-2`, … */
  readonly deviceId?: string;
  readonly configuration?: Partial<Configuration>;
}

/** Boots a board in a fresh world, lets time pass, and throws if what it sees is wrong. */
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
  readonly #air = new Radio();
  readonly #transcript: string[] = [];

  constructor(options: WorldOptions) {
    if (options.engine === "espruino" && options.measuresStack) throw stackIsUnknown();
    this.#options = options;
    this.#app = options.measuresStack ? withDepthProbe(options.app) : options.app;
    this.seed = options.seed;
    const later = (delayMs: number, call: () => void) => this.hub.runIn(delayMs, call);
    this.network = new WorldNetwork(this.boards, seededRandom(options.seed ^ 0x5eed), later);
    this.wifi = new WorldWifi(this.#air, later);
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

  /** A board more, with power. */
  boot(options: BootOptions = {}): VirtualBoard {
    const board = this.addBoard(options);
    board.powerOn();
    return board;
  }

  /** A board more, without power. */
  addBoard(options: BootOptions = {}): VirtualBoard {
    const configuration = this.#configurationOf(options);
    for (const { ssid, password } of configuration.wifi) {
      if (!this.#air.has(ssid)) this.#air.add(ssid, password);
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
      air: this.#air,
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

  /** A world as this one was before its first board, with other options. */
  fork(options: Pick<WorldOptions, "onBoard"> = {}): World {
    return new World({ ...this.#options, ...options });
  }

  /**
   * Plays the scenario in a fork of this world, then once for each place at which the fault can strike: each byte of the
   * first connection, each packet of a type, each write to flash. The result is the number of places.
   * @throws MotekitError MK2006 for the first place at which the scenario throws or the board breaks a rule.
   */
  sweep(scenario: Scenario, fault: SweepFault): Promise<number> {
    return sweepPlaces<World>(this, scenario, fault);
  }

  /** Lets time pass for all; everything that falls due happens before it returns. */
  async advance(duration: Duration): Promise<void> {
    this.timeline.advance(milliseconds(duration));
  }

  /** Cuts the power of all boards: the processes of the engine `espruino` end. Nothing of it may be used afterwards but what is known. */
  close(): void {
    for (const board of this.boards) board.powerCut();
  }

  /** What the boards did against MQTT 3.1.1, and exceptions that nobody caught, a sentence each. */
  get violations(): string[] {
    return this.boards.flatMap(({ oracle, uncaught }) => [...oracle.violations, ...uncaught]);
  }

  /** The packets of the transcript, decoded, with their virtual times: the same on both engines. Empty unless `keepsTranscript`. */
  packetTrace(): string[] {
    return packetTrace(this.transcript());
  }

  /** What happened, a line each, with its time in ms and its board. Empty unless `keepsTranscript`. */
  transcript(): string {
    return this.#transcript.join("\n");
  }

  /** The seed, the last lines of the consoles and the last frames, for whoever looks for the cause. */
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
      `The board shall know the Wi-Fi network "${ssid}", and its password is no text.`,
      'Write { wifi: { home: "secret" } }, and "" for an open network.',
    );
  });
}

function stackIsUnknown(): MotekitError {
  return new MotekitError({
    code: "MK2007",
    message: 'The depth of calls is not measured on the engine "espruino".',
    remedy: 'Leave measuresStack away, or play it on the engine "node".',
  });
}
