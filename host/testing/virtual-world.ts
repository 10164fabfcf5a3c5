/**
 * One board, its network and its hub in virtual time: a function of its options, so that the same options give the same
 * transcript, byte for byte, on any machine.
 */
import type { Configuration } from "../../firmware/contract/configuration.ts";
import type { Board } from "../boards.ts";
import { MockHub } from "../mock-hub/mock-hub.ts";
import { bootNodeBoard } from "../simulator/node-engine.ts";
import { nextFraction, seededRandom } from "../simulator/random.ts";
import type { SimulatedBoard } from "../simulator/simulated-board.ts";
import { StorageFiles } from "../simulator/storage.ts";
import { type VirtualLane, VirtualTimeline } from "../simulator/virtual-clock.ts";
import { type ConnectionFaults, type NetworkTap, VirtualNetwork } from "../simulator/virtual-network.ts";
import { ProtocolOracle } from "./protocol-oracle.ts";
import { VirtualHub } from "./virtual-hub.ts";

const LATENCY_MS_MIN = 2;
const LATENCY_MS_SPAN = 8;

export interface VirtualWorldOptions {
  readonly board: Board;
  /** The bytes of app.js. */
  readonly app: Uint8Array;
  readonly configuration: Configuration;
  readonly seed: number;
  /** Asked at each attempt of the board to connect, which are counted from 1. */
  readonly faultsOf?: (attempt: number, nowMs: number) => ConnectionFaults | undefined;
  /** Keeps a line for each thing that happened. Costs time. */
  readonly keepsTranscript?: boolean;
}

export interface ConsoleLine {
  readonly atMs: number;
  readonly text: string;
}

export class VirtualWorld {
  readonly timeline = new VirtualTimeline();
  readonly hub: VirtualHub;
  readonly network: VirtualNetwork;
  readonly oracle = new ProtocolOracle(() => this.timeline.nowMs());
  readonly lane: VirtualLane = this.timeline.createLane();
  readonly console: ConsoleLine[] = [];
  /** False: nobody listens at the hub's address. */
  hubListens = true;
  readonly #options: VirtualWorldOptions;
  /** The board's; `storage.flash.failPower` cuts its power in a write. */
  readonly storage: StorageFiles;
  readonly #transcript: string[] = [];
  #board: SimulatedBoard | undefined;
  #isPowered = false;

  constructor(options: VirtualWorldOptions) {
    this.#options = options;
    this.storage = new StorageFiles(options.board.storage.sizeBytes);
    this.hub = new VirtualHub(new MockHub(), this.timeline);
    const random = seededRandom(options.seed ^ 0x5eed);
    this.network = new VirtualNetwork({
      lane: this.lane,
      peerLane: this.timeline.createLane(),
      reach: () => (this.hubListens ? this.hub : undefined),
      faultsOf: (attempt) => options.faultsOf?.(attempt, this.timeline.nowMs()),
      latencyMs: () => LATENCY_MS_MIN + Math.floor(nextFraction(random) * LATENCY_MS_SPAN),
      tap: options.keepsTranscript ? this.#recordingTap() : this.oracle,
    });
  }

  /** Power on, unless it is; Storage is as it was left. */
  boot(): void {
    if (this.#isPowered) return;
    this.#isPowered = true;
    this.#board = bootNodeBoard({
      board: this.#options.board,
      app: this.#options.app,
      configuration: this.#options.configuration,
      engine: "node",
      clock: this.lane,
      network: this.network,
      random: seededRandom(this.#options.seed),
      storage: this.storage,
      onLine: (text) => {
        this.console.push({ atMs: this.timeline.nowMs(), text });
        this.#record(`console ${text}`);
      },
      onPin: (pin, level) => this.#record(`pin ${pin} ${level}`),
      onExit: () => {
        this.#isPowered = false;
        this.#record("exit");
        this.oracle.powerFailed();
      },
    });
  }

  /** The hub hears nothing of it. */
  powerCut(): void {
    this.#board?.kill();
    this.#board = undefined;
  }

  drivePin(pin: string, level: number): void {
    this.#board?.drivePin(pin, level);
  }

  advance(durationMs: number): void {
    this.timeline.advance(durationMs);
  }

  /** What happened, a line each, with its time. Empty unless `keepsTranscript`. */
  transcript(): string {
    return this.#transcript.join("\n");
  }

  #record(what: string): void {
    if (this.#options.keepsTranscript) this.#transcript.push(`${this.timeline.nowMs()} ${what}`);
  }

  #recordingTap(): NetworkTap {
    const { oracle } = this;
    return {
      opened: (number) => {
        this.#record(`#${number} opened`);
        oracle.opened(number);
      },
      written: (number, bytes) => {
        this.#record(`#${number} > ${Buffer.from(bytes).toString("hex")}`);
        oracle.written(number, bytes);
      },
      delivered: (number, bytes) => {
        this.#record(`#${number} < ${Buffer.from(bytes).toString("hex")}`);
        oracle.delivered(number, bytes);
      },
      over: (number) => {
        this.#record(`#${number} over`);
        oracle.over(number);
      },
    };
  }
}
