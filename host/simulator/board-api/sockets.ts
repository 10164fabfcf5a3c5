/**
 * `require("net")` and `require("tls")` of a simulated board, with the behaviour measured on Espruino 2v29: `data` has strings
 * of at most 536 bytes, one at a time; `write` always returns false, and only `drain` reports room; an end and a reset by the
 * peer look alike (`end`, `close(false)`); bytes that could not be sent give `error` and `close(true)`; writing to a closed
 * socket throws; `end` waits until everything is sent, even if the peer does not read. Bytes are sent when the interpreter
 * idles; its own `clsNow` silently drops what was written since then. Data that arrives without a listener is kept and
 * delivered once (the board delivers it repeatedly). Servers are not supported.
 */
import { toByteString, toBytes } from "../interpreter/byte-strings.ts";
import type { Callback, DataEvent, Interpreter } from "../interpreter/interpreter.ts";
import {
  type Connection,
  HostNotFoundError,
  type Network,
  type NetworkAddress,
  TlsHandshakeError,
} from "../world/network.ts";
import { readTlsMaterial } from "../world/tls-material.ts";

const CHUNK_BYTES_MAX = 536;
const ERROR_CODE_UNSENT = -8;
const NO_SOCKET = "Unable to create socket";

export interface SocketHost {
  readonly interpreter: Interpreter;
  readonly network: Network;
  /** False while the board's radio has no network. */
  linkIsUp(): boolean;
  printLine(line: string): void;
}

interface ConnectOptions {
  readonly host?: unknown;
  readonly port?: unknown;
  /** The options of TLS begin here. */
  readonly ca?: unknown;
  readonly cert?: unknown;
  readonly key?: unknown;
}

export class Sockets {
  readonly #host: SocketHost;
  readonly #open = new Set<SimulatedSocket>();

  constructor(host: SocketHost) {
    this.#host = host;
  }

  get count(): number {
    return this.#open.size;
  }

  netModule(): object {
    const { interpreter } = this.#host;
    return interpreter.object({
      connect: (options: unknown, callback?: unknown) => this.#connect(this.#address(options), callback),
      createServer: () => {
        throw interpreter.error("Servers are not simulated by the node engine");
      },
    });
  }

  tlsModule(): object {
    const { interpreter } = this.#host;
    return interpreter.object({
      connect: (options: unknown, callback?: unknown) => {
        const tls = readTlsMaterial(this.#host, optionsOf(options));
        return this.#connect({ ...this.#address(options), tls }, callback);
      },
    });
  }

  /** Drops every connection without an event in the bundle. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
  }

  #connect(address: NetworkAddress, callback: unknown): object {
    this.#host.interpreter.requireRunning();
    if (!this.#host.linkIsUp()) throw this.#internalError(NO_SOCKET);
    const socket = new SimulatedSocket(this.#host, () => void this.#open.delete(socket));
    if (typeof callback === "function") socket.connectCallback = callback as Callback;
    socket.attach(this.#openConnection(socket, address));
    this.#open.add(socket);
    return socket.object;
  }

  /** An immediate refusal by the network, with the message of the board. */
  #openConnection(socket: SimulatedSocket, address: NetworkAddress): Connection {
    const { network, printLine } = this.#host;
    try {
      return network.connect(address, socket);
    } catch (error) {
      if (error instanceof HostNotFoundError) throw this.#internalError(error.message);
      printLine(`ERROR: ${(error as Error).message}`);
      throw this.#internalError(NO_SOCKET);
    }
  }

  /** An error of Espruino's type InternalError, whose name precedes the message. */
  #internalError(message: string): Error {
    return Object.assign(this.#host.interpreter.error(message), { name: "InternalError" });
  }

  #address(options: unknown): NetworkAddress {
    const { host, port } = optionsOf(options);
    const number = Number(port);
    if (!Number.isInteger(number) || number < 1 || number > 65535) {
      this.#host.printLine("ERROR: Connect failed (err 111)");
      throw this.#internalError(NO_SOCKET);
    }
    return { host: host === undefined ? "localhost" : String(host), port: number };
  }
}

function optionsOf(options: unknown): ConnectOptions {
  return typeof options === "object" && options !== null ? options : { port: options };
}

class SimulatedSocket {
  readonly object: object;
  connectCallback: Callback | undefined;
  readonly #host: SocketHost;
  readonly #forget: () => void;
  #connection: Connection | undefined;
  /** Bytes that arrived without a listener. */
  #kept = "";
  #unsent = false;
  /** Bytes that were written since the interpreter last idled. */
  #written: Uint8Array[] = [];
  #ending = false;
  #closingNow = false;
  #closed = false;

  constructor(host: SocketHost, forget: () => void) {
    this.#host = host;
    this.#forget = forget;
    this.object = this.#createObject();
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  destroy(): void {
    this.#closed = true;
    this.#connection?.destroy();
  }

  #createObject(): object {
    const { interpreter } = this.#host;
    const addListener = (event: unknown, listener: unknown) => {
      interpreter.listenTo(this.object, event, listener);
      if (event === "data" && this.#kept) interpreter.defer(() => this.#deliver());
    };
    const object = interpreter.object({
      on: addListener,
      addListener,
      write: (...data: unknown[]) => this.#write(data[0]),
      end: (...data: unknown[]) => this.#end(data[0]),
      available: () => this.#kept.length,
      read: (length?: unknown) => this.#read(length),
    });
    Object.defineProperty(object, "cls", { get: () => this.#ending || this.#closed });
    Object.defineProperty(object, "clsNow", {
      set: (isClosing: unknown) => {
        this.#closingNow = Boolean(isClosing);
        if (isClosing) interpreter.whenIdle(() => this.#closeNow());
      },
    });
    return object;
  }

  #closeNow(): void {
    if (this.#closed) return;
    this.#connection?.abort();
    // Dropping these bytes is not an error.
    this.#unsent = false;
    this.closed();
  }

  #write(data: unknown): boolean {
    const { interpreter } = this.#host;
    if (this.#ending || this.#closed) throw interpreter.error("This socket is closed");
    const bytes = String(data);
    if (bytes.length === 0) return false;
    this.#unsent = true;
    this.#written.push(toBytes(bytes));
    if (this.#written.length === 1) interpreter.whenIdle(() => this.#send());
    return false;
  }

  #send(): void {
    if (this.#closed || this.#closingNow) return;
    for (const bytes of this.#written.splice(0)) this.#connection?.send(bytes);
  }

  #end(data: unknown): void {
    if (this.#ending || this.#closed) return;
    if (data !== undefined) this.#write(data);
    this.#ending = true;
    this.#host.interpreter.whenIdle(() => {
      if (!this.#closed && !this.#closingNow) this.#connection?.end();
    });
  }

  #read(length: unknown): string {
    const taken = this.#kept.substring(0, length === undefined ? this.#kept.length : Number(length));
    this.#kept = this.#kept.substring(taken.length);
    return taken;
  }

  // Events of the network.

  connected(): void {
    if (this.#ending) return;
    const { interpreter, printLine } = this.#host;
    const listeners = interpreter.listeners(this.object, "connect");
    if (this.connectCallback && listeners.length > 0) {
      printLine("Execution Interrupted");
      return;
    }
    // Without bytes to send there is space, so existing listeners get `drain`.
    const drained = this.#unsent ? [] : interpreter.listeners(this.object, "drain");
    const connected = this.connectCallback ? [this.connectCallback] : listeners;
    interpreter.pass(() => {
      for (const listener of [...connected, ...drained]) {
        interpreter.enter(() => void listener.call(this.object, this.object));
      }
    });
  }

  received(bytes: Uint8Array): void {
    this.#kept += toByteString(bytes);
    this.#deliver();
  }

  #deliver(): void {
    const { interpreter } = this.#host;
    while (this.#kept && !this.#closed && interpreter.listeners(this.object, "data").length > 0) {
      const hasMemory = interpreter.hasMemory(this.#dataEvent());
      const chunk = this.#read(CHUNK_BYTES_MAX);
      if (hasMemory) interpreter.dispatch(this.object, "data", [chunk]);
      else interpreter.loseListeners(this.object, "data", [chunk], "Error processing Serial data handler");
    }
  }

  #dataEvent(): DataEvent {
    // No event arrives before the socket is attached.
    const { number } = this.#connection as Connection;
    return { kind: "data", connection: number, unheardBytes: this.#kept.length };
  }

  drained(): void {
    if (this.#written.length > 0) return;
    this.#unsent = false;
    this.#host.interpreter.dispatch(this.object, "drain", []);
  }

  closed(failure?: Error): void {
    const { interpreter, printLine } = this.#host;
    const refused = failure !== undefined && (failure as NodeJS.ErrnoException).syscall === "connect";
    if (refused) printLine(`ERROR: Connect failed (${failure.message})`);
    this.#closed = true;
    this.#forget();
    const lost = this.#unsent || refused;
    if (lost) {
      const error = interpreter.object({ code: ERROR_CODE_UNSENT, message: "unsent data" });
      interpreter.dispatch(this.object, "error", [error]);
    }
    if (!refused) interpreter.dispatch(this.object, "end", []);
    interpreter.dispatch(this.object, "close", [lost]);
    if (failure instanceof TlsHandshakeError) {
      interpreter.report(interpreter.error(`mbedtls_ssl_handshake returned ${failure.message}`));
    }
    interpreter.forgetListeners(this.object);
  }
}
