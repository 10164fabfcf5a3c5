/** The network between the boards of a world and the hub: its faults, which hold for every board. */
import { nextFraction, type Random } from "../simulator/interpreter/random.ts";
import type { ConnectionFaults, StreamDirection } from "../simulator/world/virtual-network.ts";
import { noBoardYet, requireBetween, requireWhole } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";
import type { VirtualBoard } from "./virtual-board.ts";

const LATENCY_MS_MIN = 2;
const LATENCY_MS_SPAN = 8;
/** lwIP's first wait for an acknowledgement in ESP-IDF; it doubles with each loss of the same segment. */
const RETRANSMISSION_MS = 1_500;
/** A segment that was lost so often gets through. */
const LOSSES_MAX = 6;

export interface CutOptions {
  /** From now on, on the live connections, or of the next one where there is none; at once without it. */
  readonly afterBytes?: number;
  /** `up`, from the board to the hub, by default. */
  readonly direction?: StreamDirection;
}

export class WorldNetwork {
  readonly #boards: readonly VirtualBoard[];
  readonly #random: Random;
  readonly #later: (delayMs: number, call: () => void) => void;
  #latencyMs = LATENCY_MS_MIN;
  #jitterMs = LATENCY_MS_SPAN;
  #lossRate = 0;
  #trouble: ConnectionFaults | undefined;
  #chunkBytesMax: number | undefined;

  constructor(
    boards: readonly VirtualBoard[],
    random: Random,
    later: (delayMs: number, call: () => void) => void,
  ) {
    this.#boards = boards;
    this.#random = random;
    this.#later = later;
  }

  /** Connections break, and both ends learn of it. As for the next ones, MK2002 where there is no board yet. */
  cut({ afterBytes, direction = "up" }: CutOptions = {}): void {
    for (const board of this.#anyBoards()) {
      if (afterBytes === undefined) board.network.cut();
      else board.injectAtByte({ fault: "cut", direction }, afterBytes);
    }
  }

  /** Connections become half-open: bytes vanish, and neither end learns of it. */
  sever({ afterBytes, direction = "up" }: CutOptions = {}): void {
    for (const board of this.#anyBoards()) {
      if (afterBytes === undefined) board.network.sever();
      else board.injectAtByte({ fault: "sever", direction }, afterBytes);
    }
  }

  /** A chunk ends after so many bytes, 1 or more, and the rest comes later. `direction` is `up` by default. */
  split(atByte: number, pause: Duration, direction: StreamDirection = "up"): void {
    for (const board of this.#anyBoards()) board.injectAtByte({ fault: "split", pause, direction }, atByte);
  }

  /** No chunk of a connection from now on is longer; undefined: 536 bytes, as on the board. */
  chunkBytesMax(bytes: number | undefined): void {
    if (bytes !== undefined) requireWhole("The longest chunk", bytes, 1);
    this.#chunkBytesMax = bytes;
  }

  /** The hub reads no more than so many bytes of the live connections: the rest waits at the board. */
  stall(afterBytes = 0): void {
    requireWhole("The number of bytes", afterBytes, 0);
    for (const { network } of this.#anyBoards()) network.inject({ readsBytesMax: afterBytes });
  }

  /** One way. Each chunk takes up to `jitter` longer; none overtakes another. */
  latency(latency: Duration, jitter: Duration = 0): void {
    this.#latencyMs = milliseconds(latency);
    this.#jitterMs = milliseconds(jitter);
  }

  /** The share of segments that get lost, from 0 to 1. TCP sends them again, so that bytes come late and none is missing. */
  loss(rate: number): void {
    requireBetween("The share of segments that get lost", rate, 0, 1);
    this.#lossRate = rate;
  }

  /** New connections are refused for so long. */
  refuse(duration: Duration): void {
    this.#troubleFor(duration, { refused: true });
  }

  /** Nobody answers new connections for so long: `connect` freezes the interpreter until its TCP gives up. */
  blackHole(duration: Duration): void {
    this.#troubleFor(duration, { blackHole: true });
  }

  /** Nobody knows the hub's address for so long. */
  dnsFailure(duration: Duration): void {
    this.#troubleFor(duration, { hostNotFound: true });
  }

  /** What befalls a connection that a board opens now. */
  faultsNow(): ConnectionFaults | undefined {
    if (this.#chunkBytesMax === undefined) return this.#trouble;
    return { chunkBytesMax: this.#chunkBytesMax, ...this.#trouble };
  }

  /** For the next chunk. */
  latencyMs(): number {
    let ms = this.#latencyMs + Math.floor(nextFraction(this.#random) * this.#jitterMs);
    for (let losses = 0; this.#lossRate > 0 && losses < LOSSES_MAX; losses++) {
      if (nextFraction(this.#random) >= this.#lossRate) break;
      ms += RETRANSMISSION_MS * 2 ** losses;
    }
    return ms;
  }

  /** A fault that nobody can meet is none. */
  #anyBoards(): readonly VirtualBoard[] {
    if (this.#boards.length > 0) return this.#boards;
    throw noBoardYet();
  }

  #troubleFor(duration: Duration, trouble: ConnectionFaults): void {
    this.#trouble = trouble;
    this.#later(milliseconds(duration), () => {
      if (this.#trouble === trouble) this.#trouble = undefined;
    });
  }
}
