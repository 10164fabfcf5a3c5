/** The sockets of an interpreter in lockstep, on the network of the world. They are numbered from 1. */
import { toByteString, toBytes } from "../interpreter/byte-strings.ts";
import { type Connection, type ConnectionEvents, HostNotFoundError, type Network } from "../world/network.ts";
import { decodeText, encodeText } from "./lockstep-program.ts";

/** The maximum chunk size of the interpreter's sockets. */
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

export class LockstepSockets {
  readonly #host: LockstepSocketsHost;
  readonly #open = new Map<string, Connection>();
  #count = 0;

  constructor(host: LockstepSocketsHost) {
    this.#host = host;
  }

  /** Returns undefined if the word does not belong to the network. */
  answer(word: string, [value = "", data = ""]: readonly string[]): string | undefined {
    if (word === "connect") return this.#connect(Number(value), decodeText(data));
    if (word === "send") {
      this.#open.get(value)?.send(toBytes(decodeText(data)));
      return "";
    }
    if (word !== "close") return undefined;
    // The interpreter closes a socket when everything is sent, or when it aborts.
    this.#open.get(value)?.abort();
    this.#open.delete(value);
    return "";
  }

  destroyAll(): void {
    for (const connection of this.#open.values()) connection.destroy();
    this.#open.clear();
  }

  #connect(port: number, host: string): string {
    const { network, linkIsUp, printLine } = this.#host;
    if (!linkIsUp()) return NO_SOCKET;
    const number = String(++this.#count);
    try {
      this.#open.set(number, network.connect({ host, port }, this.#eventsOf(number)));
      return number;
    } catch (error) {
      if (!(error instanceof HostNotFoundError)) printLine(`ERROR: ${(error as Error).message}`);
      return NO_SOCKET;
    }
  }

  #eventsOf(number: string): ConnectionEvents {
    const { tell } = this.#host;
    return {
      connected: () => tell("C", number),
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
}
