/**
 * A client's connection as the broker sees it: one stream of bytes, whether it comes over TCP or WebSocket. It stops
 * reading from a client that does not take what it is sent.
 */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { BrokerConnection } from "../../broker/broker.ts";
import type { Wire } from "../../broker/connection.ts";
import type { Link } from "../../broker/policy.ts";
import type { Backlog } from "./backlog.ts";
import type { Flushable, OutputBatch } from "./output-batch.ts";

/** When no more than this share of its room is taken, a client that was not read is read again. */
const LOW_SHARE = 0.25;
/** A client that does not close its end is cut off. */
const LINGER_MS = 2_000;

const CLOSE_NORMAL = 1000;
const CLOSE_PROTOCOL_ERROR = 1002;
const CLOSE_UNSUPPORTED_DATA = 1003;

export abstract class Connection implements Wire, Flushable {
  readonly link: Link;
  readonly #turn: OutputBatch;
  readonly #backlog: Backlog;
  #entrance: BrokerConnection | undefined;
  #onClosed: () => void = () => undefined;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #isPaused = false;
  #isResting = false;
  /** Somebody was told that there is no room, and wants to hear of it when there is. */
  #isWaitedFor = false;
  /** To be written when the turn ends, or written and not told to be taken yet. */
  #untakenBytes = 0;
  #isClosed = false;
  #ending: { readonly isViolation: boolean } | undefined;

  constructor(link: Link, turn: OutputBatch, backlog: Backlog) {
    this.link = link;
    this.#turn = turn;
    this.#backlog = backlog;
  }

  protected abstract write(bytes: Uint8Array, done: () => void): void;
  /** Bytes that were written and that the system has not taken. */
  protected abstract unsentBytes(): number;
  /** Ends the stream behind what was written. */
  protected abstract hangUp(isViolation: boolean): void;
  protected abstract pause(): void;
  protected abstract resume(): void;
  /** Ends the stream at once. */
  abstract destroy(): void;

  /** Bytes go to the broker from now on. `onClosed` is called when the stream has ended. */
  serve(entrance: BrokerConnection, onClosed: () => void): void {
    this.#entrance = entrance;
    this.#onClosed = onClosed;
  }

  protected receive(bytes: Buffer): void {
    if (this.#ending) return;
    this.#entrance?.receive(bytes, performance.now());
    this.#turn.endIfLarge();
  }

  protected closed(): void {
    this.#isClosed = true;
    this.#count(-this.#untakenBytes);
    this.#entrance?.closed(performance.now());
    this.#onClosed();
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
    this.#count(bytes.length);
    this.#turn.add(this, bytes.length);
  }

  close(isViolation: boolean): void {
    this.#ending = { isViolation };
    this.#turn.add(this, 0);
  }

  /** Nothing is read for so long. */
  rest(ms: number): void {
    this.#isResting = true;
    this.pause();
    setTimeout(() => {
      this.#isResting = false;
      if (!this.#isPaused) this.resume();
    }, ms).unref();
  }

  hasRoom(): boolean {
    const hasRoom = this.#waitingBytes() <= this.#backlog.roomBytes;
    this.#isWaitedFor ||= !hasRoom;
    return hasRoom;
  }

  #waitingBytes(): number {
    return this.#pieceBytes + this.unsentBytes();
  }

  flush(): void {
    const pieces = this.#pieces;
    const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, this.#pieceBytes);
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (bytes.length > 0 && !this.#isClosed) this.#write(bytes);
    if (this.#ending) {
      this.hangUp(this.#ending.isViolation);
      setTimeout(() => this.destroy(), LINGER_MS).unref();
    } else if (!this.#isPaused && !this.hasRoom()) {
      this.#isPaused = true;
      this.pause();
    }
  }

  #write(bytes: Uint8Array): void {
    this.write(bytes, () => {
      if (this.#isClosed) return;
      this.#count(-bytes.length);
      this.#goOn();
    });
  }

  #count(bytes: number): void {
    this.#untakenBytes += bytes;
    this.#backlog.add(bytes);
  }

  #goOn(): void {
    if (!this.#isWaitedFor || this.#waitingBytes() > this.#backlog.roomBytes * LOW_SHARE) return;
    this.#isWaitedFor = false;
    if (this.#isPaused) {
      this.#isPaused = false;
      if (!this.#isResting) this.resume();
    }
    this.#entrance?.drained();
  }
}

export class TcpConnection extends Connection {
  readonly #socket: Socket;

  constructor(socket: Socket, link: Link, turn: OutputBatch, backlog: Backlog) {
    super(link, turn, backlog);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.receive(bytes as Buffer));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.closed());
  }

  protected override write(bytes: Uint8Array, done: () => void): void {
    this.#socket.write(bytes, done);
  }

  protected override unsentBytes(): number {
    return this.#socket.writableLength;
  }

  protected override hangUp(): void {
    this.#socket.end();
  }

  protected override pause(): void {
    this.#socket.pause();
  }

  protected override resume(): void {
    this.#socket.resume();
  }

  override destroy(): void {
    this.#socket.destroy();
  }
}

export class WebSocketConnection extends Connection {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, link: Link, turn: OutputBatch, backlog: Backlog) {
    super(link, turn, backlog);
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      // [MQTT-6.0.0-1]
      if (isBinary) this.receive(data as Buffer);
      else socket.close(CLOSE_UNSUPPORTED_DATA, "MQTT comes in binary frames");
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.closed());
  }

  protected override write(bytes: Uint8Array, done: () => void): void {
    this.#socket.send(bytes, { binary: true }, done);
  }

  protected override unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  protected override hangUp(isViolation: boolean): void {
    this.#socket.close(isViolation ? CLOSE_PROTOCOL_ERROR : CLOSE_NORMAL);
  }

  protected override pause(): void {
    this.#socket.pause();
  }

  protected override resume(): void {
    this.#socket.resume();
  }

  override destroy(): void {
    this.#socket.terminate();
  }
}
