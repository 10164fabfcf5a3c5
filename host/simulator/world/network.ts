/** The network behind `require("net")` of a simulated board. Passed in, so that a test can play it. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TlsMaterial } from "./tls-material.ts";

export interface NetworkAddress {
  readonly host: string;
  readonly port: number;
  /** There where the connection is one of TLS. */
  readonly tls?: TlsMaterial;
}

/** Thrown by `Network.connect` where nobody knows the host's address. */
export class HostNotFoundError extends Error {
  constructor() {
    super("Unable to locate host");
  }
}

/** What `closed` gets where no TLS came about on a connection that stood. */
export class TlsHandshakeError extends Error {}

/**
 * What Espruino's mbedTLS can do: TLS 1.2 with RSA, no elliptic curves. It names no server in its hello (SNI), and takes
 * any certificate.
 */
const ESPRUINO_TLS = {
  maxVersion: "TLSv1.2",
  ciphers: "kDHE+aRSA+AES:kRSA+AES",
  servername: "",
  rejectUnauthorized: false,
} as const;

/**
 * What a connection tells its owner. Duties of the caller: nothing is called before `Network.connect` has
 * returned, `connected` at most once and before all else, `closed` exactly once and last, unless the owner has
 * aborted or destroyed the connection: then nothing more is called.
 */
export interface ConnectionEvents {
  connected(): void;
  /** Bytes as they came; the owner copies what it keeps. */
  received(bytes: Uint8Array): void;
  /** All bytes that were sent have left. */
  drained(): void;
  /** `failure` where the connection was refused or broken; absent where the peer ended it. */
  closed(failure?: Error): void;
}

export interface Connection {
  /** By which its network tells it from its others. */
  readonly number: number;
  /** Takes any number of bytes, also before `connected`. */
  send(bytes: Uint8Array): void;
  /** Closes once what was sent has left. */
  end(): void;
  /** Closes at once; what has not left is lost, and the far end hears of it. */
  abort(): void;
  /** The board has no power any more. */
  destroy(): void;
}

export interface Network {
  /** May throw where the board's own `connect` does; the message is then the board's. */
  connect(address: NetworkAddress, events: ConnectionEvents): Connection;
}

let connectionCount = 0;

/**
 * Real TCP, and TLS over it. A refused connection cannot throw from `connect` here, as it does on a board, because Node learns of
 * it later: it comes as `closed`. Nagle's delay is off: lwIP on the boards sends at once while nothing is in flight,
 * and the delay would add 40 ms to each exchange on this machine.
 */
export const realNetwork: Network = {
  connect(address, events) {
    const socket = openSocket(address);
    let isShakingHands = address.tls !== undefined;
    let failure: Error | undefined;
    let destroyed = false;
    const unlessDestroyed = (call: () => void) => {
      if (!destroyed) call();
    };
    socket.on("connect", () => unlessDestroyed(() => events.connected()));
    socket.on("data", (bytes) => unlessDestroyed(() => events.received(bytes)));
    socket.on("secureConnect", () => {
      isShakingHands = false;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const isHandshake = isShakingHands && error.syscall !== "connect";
      failure = isHandshake ? new TlsHandshakeError(error.message, { cause: error }) : error;
    });
    socket.on("close", () => unlessDestroyed(() => events.closed(failure)));
    const destroy = () => {
      destroyed = true;
      socket.destroy();
    };
    return {
      number: ++connectionCount,
      send(bytes) {
        socket.write(bytes, (error) =>
          unlessDestroyed(() => !error && socket.writableLength === 0 && events.drained()),
        );
      },
      end: () => void socket.end(),
      abort: destroy,
      destroy,
    };
  },
};

function openSocket({ host, port, tls }: NetworkAddress): Socket {
  if (!tls) return connect({ host, port, noDelay: true });
  const socket = connectTls({ host, port, ...ESPRUINO_TLS, ...tls });
  socket.setNoDelay(true);
  return socket;
}
