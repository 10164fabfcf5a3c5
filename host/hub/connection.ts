/**
 * A client's connection as the broker sees it: one stream of bytes, whether it comes over TCP or WebSocket, with
 * the frame guard on its way in. What the broker writes in one turn leaves as one piece, because over WebSocket
 * each piece is a frame and the broker writes CONNACK byte by byte.
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { FrameGuard } from "./frame-guard.ts";
import type { Fault } from "./packet-rules.ts";

export type ConnectionKind = "tcp" | "websocket";

const CONNACK = 0x20;
const CLOSE_NORMAL = 1000;
const CLOSE_PROTOCOL_ERROR = 1002;
const CLOSE_UNSUPPORTED_DATA = 1003;

type Done = (error?: Error | null) => void;
type Pieces = readonly { readonly chunk: Buffer }[];

/** Emits "turned-away" with a reason when the guard, not the broker, ends the connection. Knows no topics. */
export abstract class Connection extends Duplex {
  abstract readonly kind: ConnectionKind;
  readonly #guard = new FrameGuard();
  /** The beginning of a packet whose head the guard could not judge yet. */
  #held: Buffer = Buffer.alloc(0);
  #turnedAway = false;

  /** The address of the peer, for people. */
  abstract readonly peer: string;
  /** Sends one piece; `done` is called when the system has taken it. */
  protected abstract send(bytes: Buffer, done: Done): void;
  /** Ends the connection after all that was sent. `clean` false: the client broke the protocol. */
  protected abstract hangUp(clean: boolean): void;

  /** False: the source must pause until `_read` is called. */
  protected receive(bytes: Buffer): boolean {
    if (this.#turnedAway) return true;
    const verdict = this.#guard.judge(bytes);
    if (verdict.kind !== "pass") {
      this.#turnAway(verdict);
      return true;
    }
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = all.subarray(verdict.bytes);
    return verdict.bytes === 0 || this.push(all.subarray(0, verdict.bytes));
  }

  #turnAway(fault: Fault): void {
    this.#turnedAway = true;
    this.#held = Buffer.alloc(0);
    this.emit("turned-away", fault.reason);
    if (fault.kind === "close") {
      this.destroy();
      return;
    }
    this.send(Buffer.from([CONNACK, 2, 0, fault.returnCode]), () => this.hangUp(false));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.send(chunk, done);
  }

  override _writev(pieces: Pieces, done: Done): void {
    this.send(Buffer.concat(pieces.map((piece) => piece.chunk)), done);
  }

  override _final(done: Done): void {
    this.hangUp(true);
    done();
  }
}

export class TcpConnection extends Connection {
  readonly kind = "tcp";
  readonly peer: string;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    this.peer = `${socket.remoteAddress}:${socket.remotePort}`;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => {
      if (!this.receive(bytes as Buffer)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.destroy();
    done(error);
  }

  protected override send(bytes: Buffer, done: Done): void {
    this.#socket.write(bytes, done);
  }

  protected override hangUp(): void {
    this.#socket.end(() => this.destroy());
  }
}

export class WebSocketConnection extends Connection {
  readonly kind = "websocket";
  readonly peer: string;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, peer: string) {
    super();
    this.#socket = socket;
    this.peer = peer;
    socket.on("message", (data, isBinary) => {
      // [MQTT-6.0.0-1]
      if (!isBinary) socket.close(CLOSE_UNSUPPORTED_DATA, "MQTT comes in binary frames");
      else if (!this.receive(data as Buffer)) socket.pause();
    });
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.terminate();
    done(error);
  }

  protected override send(bytes: Buffer, done: Done): void {
    this.#socket.send(bytes, { binary: true }, done);
  }

  protected override hangUp(clean: boolean): void {
    this.#socket.close(clean ? CLOSE_NORMAL : CLOSE_PROTOCOL_ERROR);
  }
}
