/**
 * One board's network in virtual time: reliable, ordered byte streams, with the faults that a test injects. `up` is the
 * direction from the board to its peer, `down` the opposite.
 *
 * A connection may be refused (`connect` throws, as on the board), remain unanswered (`connect` freezes the board and then
 * throws), be closed at both ends after any number of bytes, or become half-open there (neither end notices). A board that
 * loses power or restarts leaves a half-open connection to its peer. TCP's segments, windows and retransmissions are not
 * modelled: bytes that the board's socket accepts count as sent. TLS is not modelled either: bytes are sent unencrypted.
 */
import type { ScheduledCall } from "./clock.ts";
import {
  type Connection,
  type ConnectionEvents,
  HostNotFoundError,
  type Network,
  type NetworkAddress,
} from "./network.ts";
import type { VirtualLane } from "./virtual-clock.ts";

/** The bytes that the board sends in one turn of its idle loop, and the maximum chunk that its socket delivers. */
const CHUNK_BYTES_MAX = 536;
const IDLE_LOOP_MS = 1;
const DEFAULT_LATENCY_MS = 5;
/** The board's default time-out for an answer to its SYN. */
const BLACK_HOLE_MS = 18_000;
/** The board's messages for ECONNREFUSED and ETIMEDOUT. */
const REFUSED = "Connect failed (err 111)";
const TIMED_OUT = "Connect failed (err 110)";

export const STREAM_DIRECTIONS = ["up", "down"] as const;
export type StreamDirection = (typeof STREAM_DIRECTIONS)[number];

export interface ConnectionFaults {
  readonly refused?: boolean;
  /** The peer's name is unknown, so that `connect` throws. */
  readonly hostNotFound?: boolean;
  /** `true` lasts for the time-out of the board's TCP. */
  readonly blackHole?: boolean | number;
  /** After this number of bytes in that direction the connection is closed at both ends, or half-open if `silent`. */
  readonly cut?: {
    readonly direction: StreamDirection;
    readonly afterBytes: number;
    readonly silent?: boolean;
  };
  /** The peer reads only this number of bytes. The rest waits at the board, which can only abort the connection. */
  readonly readsBytesMax?: number;
  /** The maximum chunk size. 1 splits at every byte. */
  readonly chunkBytesMax?: number;
  /** A chunk ends at this byte, and the rest arrives later by this time. */
  readonly split?: {
    readonly direction: StreamDirection;
    readonly atByte: number;
    readonly pauseMs: number;
  };
}

/** The peer's end of a connection. Nothing is called before `accept` has returned, or after `closed`. */
export interface PeerEvents {
  received(bytes: Uint8Array): void;
  closed(): void;
}

/** A listener at an address. */
export interface Peer {
  /** Methods of the wire never throw. Bytes that were sent before `close` arrive. */
  accept(wire: { send(bytes: Uint8Array): void; close(): void }): PeerEvents;
}

/** Events at the board's network interface. Connections are counted from 1. */
export interface NetworkTap {
  opened(connection: number): void;
  /** The peer has answered. Not called by engines that cannot observe it. */
  established?(connection: number): void;
  /** The board's socket sent bytes, before any fault. */
  written(connection: number, bytes: Uint8Array): void;
  /** The board received bytes, after any fault. */
  delivered(connection: number, bytes: Uint8Array): void;
  /** The board closed the connection, or was notified of its end. Called once. `isForced`: the board did not wait until everything was sent. */
  over(connection: number, isForced?: boolean): void;
}

export interface VirtualNetworkOptions {
  /** The board's lane. Events for the board wait while it is frozen. */
  readonly lane: VirtualLane;
  /** The lane of the peers. */
  readonly peerLane: VirtualLane;
  /** Undefined if nothing listens at the address. */
  reach(address: NetworkAddress): Peer | undefined;
  /** Called at each attempt to connect, counted from 1. */
  faultsOf?(attempt: number): ConnectionFaults | undefined;
  /** The one-way latency, called for each chunk. Chunks keep their order. */
  latencyMs?(): number;
  readonly tap?: NetworkTap;
}

export class VirtualNetwork implements Network {
  readonly options: VirtualNetworkOptions;
  readonly #open = new Set<VirtualConnection>();
  #attempts = 0;
  /** The faults of the next connection. */
  #awaiting: ConnectionFaults = {};

  constructor(options: VirtualNetworkOptions) {
    this.options = options;
  }

  /** The connections that are open from the board's point of view. */
  get liveCount(): number {
    let count = 0;
    for (const connection of this.#open) if (connection.isLive) count++;
    return count;
  }

  connect(address: NetworkAddress, events: ConnectionEvents): Connection {
    const faults = { ...this.options.faultsOf?.(++this.#attempts), ...this.#awaiting };
    this.#awaiting = {};
    const { blackHole } = faults;
    if (faults.hostNotFound) throw new HostNotFoundError();
    if (blackHole) {
      this.options.lane.freeze(blackHole === true ? BLACK_HOLE_MS : blackHole);
      throw new Error(TIMED_OUT);
    }
    const peer = this.options.reach(address);
    if (faults.refused || !peer) throw new Error(REFUSED);
    const connection = new VirtualConnection({
      number: this.#attempts,
      options: this.options,
      faults,
      events,
      forget: () => void this.#open.delete(connection),
    });
    this.#open.add(connection);
    this.options.tap?.opened(this.#attempts);
    connection.establish(peer);
    return connection;
  }

  /** The number of bytes that the board has written and not sent. */
  get queuedBytes(): number {
    let bytes = 0;
    for (const connection of this.#open) bytes += connection.queuedBytes;
    return bytes;
  }

  /** Injects faults into the live connections, whose bytes count from now on, or into the next one if there is none. */
  inject(faults: ConnectionFaults): void {
    const live = [...this.#open].filter((connection) => connection.isLive);
    for (const connection of live) connection.inject(faults);
    if (live.length === 0) this.#awaiting = { ...this.#awaiting, ...faults };
  }

  /** Closes every connection at both ends. */
  cut(): void {
    for (const connection of [...this.#open]) connection.break(false);
  }

  /** Makes every connection half-open: bytes are lost, and neither end notices. */
  sever(): void {
    for (const connection of [...this.#open]) connection.break(true);
  }
}

interface ConnectionContext {
  readonly number: number;
  readonly options: VirtualNetworkOptions;
  faults: ConnectionFaults;
  readonly events: ConnectionEvents;
  forget(): void;
}

/** One direction of a connection: the number of its bytes, and the time of the last arrival, before which no later one may be. */
interface Way {
  readonly direction: StreamDirection;
  readonly lane: VirtualLane;
  bytes: number;
  lastArrivalMs: number;
}

class VirtualConnection implements Connection {
  readonly #context: ConnectionContext;
  readonly #up: Way;
  readonly #down: Way;
  #peer: PeerEvents | undefined;
  #queue: Uint8Array[] = [];
  #pump: ScheduledCall | undefined;
  #isConnected = false;
  #isEnding = false;
  /** The board neither sends nor receives any more. */
  #isOver = false;
  /** No more bytes pass in either direction. */
  #isBroken = false;

  constructor(context: ConnectionContext) {
    this.#context = context;
    const { lane, peerLane } = context.options;
    this.#up = { direction: "up", lane: peerLane, bytes: 0, lastArrivalMs: 0 };
    this.#down = { direction: "down", lane, bytes: 0, lastArrivalMs: 0 };
  }

  /** The number of the connection for the tap. */
  get number(): number {
    return this.#context.number;
  }

  get isLive(): boolean {
    return !this.#isOver && !this.#isEnding;
  }

  get queuedBytes(): number {
    return this.#queue.reduce((sum, { length }) => sum + length, 0);
  }

  inject(faults: ConnectionFaults): void {
    const { cut, split, readsBytesMax } = faults;
    const passed = (direction: StreamDirection) => (direction === "up" ? this.#up : this.#down).bytes;
    this.#context.faults = {
      ...this.#context.faults,
      ...faults,
      ...(cut && { cut: { ...cut, afterBytes: cut.afterBytes + passed(cut.direction) } }),
      ...(split && { split: { ...split, atByte: split.atByte + passed(split.direction) } }),
      ...(readsBytesMax !== undefined && { readsBytesMax: readsBytesMax + this.#up.bytes }),
    };
    if (!this.#isConnected) return;
    this.#breakWhereDue(this.#up);
    this.#breakWhereDue(this.#down);
  }

  establish(peer: Peer): void {
    this.#arrive(this.#up, 0, () => {
      this.#peer = peer.accept({
        send: (bytes) => this.#travel(this.#down, bytes, (piece) => this.#deliver(piece)),
        close: () => this.#arrive(this.#down, 0, () => this.#tellClosed()),
      });
      this.#arrive(this.#down, 0, () => this.#tellConnected());
    });
  }

  send(bytes: Uint8Array): void {
    const { options, number } = this.#context;
    this.#queue.push(bytes);
    // Before the tap is called, so that a fault injected by it comes after the idle loop's next turn, however often the board wrote.
    this.#schedulePump(0);
    options.tap?.written(number, bytes);
  }

  end(): void {
    if (this.#isEnding || this.#isOver) return;
    this.#isEnding = true;
    this.#context.options.tap?.over(this.#context.number);
    this.#schedulePump(0);
  }

  abort(): void {
    if (this.#isOver) return;
    if (!this.#isBroken) this.#arrive(this.#up, 0, () => this.#peer?.closed());
    this.#isBroken = true;
    this.#leaveBoard(true);
  }

  /** The peer is not notified. */
  destroy(): void {
    this.#isBroken = true;
    this.#leaveBoard();
  }

  break(isSilent: boolean): void {
    if (this.#isBroken) return;
    if (!isSilent) {
      this.#arrive(this.#up, 0, () => this.#peer?.closed());
      this.#arrive(this.#down, 0, () => this.#tellClosed());
    }
    this.#isBroken = true;
  }

  // The board's side.

  #tellConnected(): void {
    if (this.#isOver) return;
    this.#isConnected = true;
    this.#context.options.tap?.established?.(this.#context.number);
    this.#breakWhereDue(this.#up);
    this.#breakWhereDue(this.#down);
    if (!this.#isEnding) this.#context.events.connected();
    this.#schedulePump(0);
  }

  #deliver(piece: Uint8Array): void {
    if (this.#isOver || this.#isEnding) return;
    this.#context.options.tap?.delivered(this.#context.number, piece);
    this.#context.events.received(piece);
  }

  #tellClosed(): void {
    if (this.#isOver) return;
    this.#leaveBoard();
    this.#context.events.closed();
  }

  #leaveBoard(isForced = false): void {
    if (this.isLive) this.#context.options.tap?.over(this.#context.number, isForced);
    this.#isOver = true;
    this.#pump?.cancel();
    this.#context.forget();
  }

  #schedulePump(delayMs: number): void {
    if (this.#pump || !this.#isConnected || this.#isOver) return;
    this.#pump = this.#context.options.lane.schedule(delayMs, () => {
      this.#pump = undefined;
      this.#runPump();
    });
  }

  /** One turn of the idle loop. */
  #runPump(): void {
    if (this.#isStalled()) return;
    const chunk = this.#takeChunk();
    if (chunk.length > 0) {
      this.#travel(this.#up, chunk, (piece) => this.#peer?.received(piece));
      if (this.#queue.length === 0) this.#context.events.drained();
    }
    if (this.#queue.length > 0) this.#schedulePump(IDLE_LOOP_MS);
    else if (this.#isEnding && !this.#isOver) {
      if (!this.#isBroken) this.#arrive(this.#up, 0, () => this.#peer?.closed());
      this.#isBroken = true;
      this.#tellClosed();
    }
  }

  #isStalled(): boolean {
    const { readsBytesMax } = this.#context.faults;
    return readsBytesMax !== undefined && this.#up.bytes >= readsBytesMax;
  }

  #takeChunk(): Uint8Array {
    const waiting = this.#queue.length === 1 ? (this.#queue[0] as Uint8Array) : Buffer.concat(this.#queue);
    const rest = waiting.subarray(CHUNK_BYTES_MAX);
    this.#queue = rest.length > 0 ? [rest] : [];
    return waiting.subarray(0, CHUNK_BYTES_MAX);
  }

  // In transit.

  /** Splits bytes into chunks up to the point at which the connection breaks. */
  #travel(way: Way, bytes: Uint8Array, arrive: (piece: Uint8Array) => void): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#isBroken) {
      const piece = rest.subarray(0, this.#pieceLength(way, rest.length));
      const pauseMs = this.#pauseBefore(way);
      rest = rest.subarray(piece.length);
      way.bytes += piece.length;
      this.#arrive(way, pauseMs, () => arrive(piece));
      this.#breakWhereDue(way);
    }
  }

  #pieceLength(way: Way, length: number): number {
    const { chunkBytesMax, split, cut } = this.#context.faults;
    let most = Math.min(length, chunkBytesMax ?? CHUNK_BYTES_MAX);
    for (const at of [
      split?.direction === way.direction ? split.atByte : 0,
      cut?.direction === way.direction ? cut.afterBytes : 0,
    ]) {
      if (at > way.bytes) most = Math.min(most, at - way.bytes);
    }
    return most;
  }

  #pauseBefore(way: Way): number {
    const { split } = this.#context.faults;
    return split?.direction === way.direction && split.atByte === way.bytes ? split.pauseMs : 0;
  }

  #breakWhereDue(way: Way): void {
    const { cut } = this.#context.faults;
    if (cut?.direction === way.direction && way.bytes === cut.afterBytes) this.break(cut.silent ?? false);
  }

  #arrive(way: Way, pauseMs: number, call: () => void): void {
    if (this.#isBroken) return;
    const nowMs = way.lane.uptimeMs();
    const latencyMs = this.#context.options.latencyMs?.() ?? DEFAULT_LATENCY_MS;
    way.lastArrivalMs = Math.max(way.lastArrivalMs, nowMs + latencyMs + pauseMs);
    way.lane.schedule(way.lastArrivalMs - nowMs, call);
  }
}
