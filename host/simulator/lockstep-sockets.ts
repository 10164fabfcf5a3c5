/** The sockets of an interpreter that keeps step, on the network of the world; they are numbered from 1. */
import { toByteString, toBytes } from "./byte-strings.ts";
import { decodeText, encodeText } from "./lockstep-program.ts";
import { type Connection, type ConnectionEvents, HostNotFoundError, type Network } from "./network.ts";

/** The interpreter's own sockets take no more at once. */
const CHUNK_BYTES_MAX = 536;
const NO_SOCKET = "-1";

export interface LockstepSocketsHost {
  readonly network: Network;
  /** False while the board's radio has no network. */
  linkIsUp(): boolean;
  printLine(line: string): void;
  /** Tells the interpreter of an event. */
  tell(kind: string, ...values: readonly string[]): void;
}

interface OpenSocket {
  connection: Connection;
  isConnected: boolean;
}

export class LockstepSockets {
  readonly #host: LockstepSocketsHost;
  readonly #open = new Map<string, OpenSocket>();
  #count = 0;

  constructor(host: LockstepSocketsHost) {
    this.#host = host;
  }

  /** Undefined where the word is none of the network. */
  answer(word: string, [value = "", data = ""]: readonly string[]): string | undefined {
    if (word === "connect") return this.#connect(Number(value), decodeText(data));
    if (word === "send") {
      this.#open.get(value)?.connection.send(toBytes(decodeText(data)));
      return "";
    }
    if (word !== "close") return undefined;
    this.#close(value, data !== "0");
    return "";
  }

  destroyAll(): void {
    for (const { connection } of this.#open.values()) connection.destroy();
    this.#open.clear();
  }

  #connect(port: number, host: string): string {
    const { network, linkIsUp, printLine } = this.#host;
    if (!linkIsUp()) return NO_SOCKET;
    const number = String(++this.#count);
    try {
      const connection = network.connect({ host, port }, this.#eventsOf(number));
      this.#open.set(number, { connection, isConnected: false });
      return number;
    } catch (error) {
      if (!(error instanceof HostNotFoundError)) printLine(`ERROR: ${(error as Error).message}`);
      return NO_SOCKET;
    }
  }

  #eventsOf(number: string): ConnectionEvents {
    const { tell } = this.#host;
    return {
      connected: () => {
        const socket = this.#open.get(number);
        if (socket) socket.isConnected = true;
        tell("C", number);
      },
      received: (bytes) => {
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES_MAX) {
          tell("R", number, encodeText(toByteString(bytes.subarray(at, at + CHUNK_BYTES_MAX))));
        }
      },
      drained: () => tell("S", number),
      closed: () => {
        this.#open.delete(number);
        tell("X", number);
      },
    };
  }

  /** What has not left is lost. */
  #close(number: string, isUnsent: boolean): void {
    const socket = this.#open.get(number);
    this.#open.delete(number);
    if (isUnsent || !socket?.isConnected) socket?.connection.abort();
    else socket.connection.end();
  }
}
