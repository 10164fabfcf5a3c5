/**
 * A client's connection as one stream of bytes, over TCP or WebSocket. It stops reading from a client that does not read
 * what is sent to it.
 */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { BrokerConnection } from "../../broker/broker.ts";
import type { Wire } from "../../broker/connection.ts";
import type { Link } from "../../broker/policy.ts";
import type { Backlog } from "./backlog.ts";
import type { Flushable, OutputBatch } from "./output-batch.ts";

/** The share of the backlog limit below which reading from a client resumes. */
const LOW_SHARE = 0.25;
/** The time in which a client has to close its end before it is disconnected. */
const LINGER_MS = 2_000;

const CLOSE_NORMAL = 1000;
const CLOSE_PROTOCOL_ERROR = 1002;
const CLOSE_UNSUPPORTED_DATA = 1003;

export abstract class Connection implements Wire, Flushable {
  readonly link: Link;
  readonly #batch: OutputBatch;
  readonly #backlog: Backlog;
  #brokerConnection: BrokerConnection | undefined;
  #onClosed: () => void = () => undefined;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #isPaused = false;
  #isPausedForRate = false;
  /** `hasRoom` returned false, so that `drained` has to be called when there is space. */
  #isDrainAwaited = false;
  /** Bytes that wait for the end of the turn, or were written and not yet accepted by the system. */
  #unacceptedBytes = 0;
  #isClosed = false;
  #ending: { readonly isViolation: boolean } | undefined;

  constructor(link: Link, batch: OutputBatch, backlog: Backlog) {
    this.link = link;
    this.#batch = batch;
    this.#backlog = backlog;
  }

  protected abstract write(bytes: Uint8Array, done: () => void): void;
  /** The bytes that were written and that the system has not accepted. */
  protected abstract unsentBytes(): number;
  /** Ends the stream after the bytes that were written. */
  protected abstract hangUp(isViolation: boolean): void;
  protected abstract pause(): void;
  protected abstract resume(): void;
  /** Ends the stream at once. */
  abstract destroy(): void;

  /** Passes bytes to the broker from now on. `onClosed` is called when the stream has ended. */
  serve(brokerConnection: BrokerConnection, onClosed: () => void): void {
    this.#brokerConnection = brokerConnection;
    this.#onClosed = onClosed;
  }

  protected receive(bytes: Buffer): void {
    if (this.#ending) return;
    this.#brokerConnection?.receive(bytes, performance.now());
    this.#batch.endIfLarge();
  }

  protected closed(): void {
    this.#isClosed = true;
    this.#count(-this.#unacceptedBytes);
    this.#brokerConnection?.closed(performance.now());
    this.#onClosed();
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
    this.#count(bytes.length);
    this.#batch.add(this, bytes.length);
  }

  close(isViolation: boolean): void {
    this.#ending = { isViolation };
    this.#batch.add(this, 0);
  }

  /** Stops reading for a time. */
  pauseReading(ms: number): void {
    this.#isPausedForRate = true;
    this.pause();
    setTimeout(() => {
      this.#isPausedForRate = false;
      if (!this.#isPaused) this.resume();
    }, ms).unref();
  }

  hasRoom(): boolean {
    const hasRoom = this.#waitingBytes() <= this.#backlog.roomBytes;
    this.#isDrainAwaited ||= !hasRoom;
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
      this.#resumeIfRoom();
    });
  }

  #count(bytes: number): void {
    this.#unacceptedBytes += bytes;
    this.#backlog.add(bytes);
  }

  #resumeIfRoom(): void {
    if (!this.#isDrainAwaited || this.#waitingBytes() > this.#backlog.roomBytes * LOW_SHARE) return;
    this.#isDrainAwaited = false;
    if (this.#isPaused) {
      this.#isPaused = false;
      if (!this.#isPausedForRate) this.resume();
    }
    this.#brokerConnection?.drained();
  }
}

export class TcpConnection extends Connection {
  readonly #socket: Socket;

  constructor(socket: Socket, link: Link, batch: OutputBatch, backlog: Backlog) {
    super(link, batch, backlog);
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

  constructor(socket: WebSocket, link: Link, batch: OutputBatch, backlog: Backlog) {
    super(link, batch, backlog);
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      // [MQTT-6.0.0-1]
      if (isBinary) this.receive(data as Buffer);
      else socket.close(CLOSE_UNSUPPORTED_DATA, "MQTT requires binary frames");
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
