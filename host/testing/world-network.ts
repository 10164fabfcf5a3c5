/** The network between the boards of a world and the hub, with faults that apply to every board. */
import { nextFraction, type Random } from "../simulator/interpreter/random.ts";
import type { ConnectionFaults, StreamDirection } from "../simulator/world/virtual-network.ts";
import { noBoardYet, requireBetween, requireWhole } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";
import type { VirtualBoard } from "./virtual-board.ts";

const LATENCY_MS_MIN = 2;
const LATENCY_MS_SPAN = 8;
/** lwIP's first retransmission time-out in ESP-IDF. It doubles with each loss of the same segment. */
const RETRANSMISSION_MS = 1_500;
/** A segment is lost at most this often. */
const LOSSES_MAX = 6;

export interface CutOptions {
  /** The byte, counted from now on, on the live connections, or on the next one if there is none. Default: immediately. */
  readonly afterBytes?: number;
  /** `up` is from the board to the hub. Default: `up`. */
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

  /** Closes connections at both ends. Throws MK2002 if there is no board yet, like the following methods. */
  cut({ afterBytes, direction = "up" }: CutOptions = {}): void {
    for (const board of this.#anyBoards()) {
      if (afterBytes === undefined) board.network.cut();
      else board.injectAtByte({ fault: "cut", direction }, afterBytes);
    }
  }

  /** Makes connections half-open: bytes are lost, and neither end notices. */
  sever({ afterBytes, direction = "up" }: CutOptions = {}): void {
    for (const board of this.#anyBoards()) {
      if (afterBytes === undefined) board.network.sever();
      else board.injectAtByte({ fault: "sever", direction }, afterBytes);
    }
  }

  /** Ends a chunk after this number of bytes, at least 1. The rest arrives later. Default direction: `up`. */
  split(atByte: number, pause: Duration, direction: StreamDirection = "up"): void {
    for (const board of this.#anyBoards()) board.injectAtByte({ fault: "split", pause, direction }, atByte);
  }

  /** Sets the maximum chunk size of later connections. Undefined: 536 bytes, as on the board. */
  chunkBytesMax(bytes: number | undefined): void {
    if (bytes !== undefined) requireWhole("The longest chunk", bytes, 1);
    this.#chunkBytesMax = bytes;
  }

  /** The hub reads only this number of bytes from the live connections. The rest waits at the board. */
  stall(afterBytes = 0): void {
    requireWhole("The number of bytes", afterBytes, 0);
    for (const { network } of this.#anyBoards()) network.inject({ readsBytesMax: afterBytes });
  }

  /** Sets the one-way latency. Each chunk takes up to `jitter` longer, and chunks keep their order. */
  latency(latency: Duration, jitter: Duration = 0): void {
    this.#latencyMs = milliseconds(latency);
    this.#jitterMs = milliseconds(jitter);
  }

  /** Sets the share of lost segments, from 0 to 1. TCP sends them again, so bytes arrive late and none is missing. */
  loss(rate: number): void {
    requireBetween("The share of lost segments", rate, 0, 1);
    this.#lossRate = rate;
  }

  /** Refuses new connections for this duration. */
  refuse(duration: Duration): void {
    this.#troubleFor(duration, { refused: true });
  }

  /** Leaves new connections unanswered for this duration: `connect` blocks the interpreter until TCP gives up. */
  blackHole(duration: Duration): void {
    this.#troubleFor(duration, { blackHole: true });
  }

  /** Makes the hub's name unknown for this duration. */
  dnsFailure(duration: Duration): void {
    this.#troubleFor(duration, { hostNotFound: true });
  }

  /** The faults of a connection that a board opens now. */
  faultsNow(): ConnectionFaults | undefined {
    if (this.#chunkBytesMax === undefined) return this.#trouble;
    return { chunkBytesMax: this.#chunkBytesMax, ...this.#trouble };
  }

  /** The latency of the next chunk. */
  latencyMs(): number {
    let ms = this.#latencyMs + Math.floor(nextFraction(this.#random) * this.#jitterMs);
    for (let losses = 0; this.#lossRate > 0 && losses < LOSSES_MAX; losses++) {
      if (nextFraction(this.#random) >= this.#lossRate) break;
      ms += RETRANSMISSION_MS * 2 ** losses;
    }
    return ms;
  }

  /** Throws if there is no board, because the fault could not apply. */
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
