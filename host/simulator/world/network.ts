/** The network of `require("net")` on a simulated board. It is passed in, so that a test can replace it. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TlsMaterial } from "./tls-material.ts";

export interface NetworkAddress {
  readonly host: string;
  readonly port: number;
  /** Present for a TLS connection. */
  readonly tls?: TlsMaterial;
}

/** Thrown by `Network.connect` if the host name is unknown. */
export class HostNotFoundError extends Error {
  constructor() {
    super("Unable to locate host");
  }
}

/** The failure that `closed` gets if the TLS handshake fails on an established connection. */
export class TlsHandshakeError extends Error {}

/**
 * The abilities of Espruino's mbedTLS: TLS 1.2 with RSA, without elliptic curves. It sends no server name (SNI), and accepts any
 * certificate.
 */
const ESPRUINO_TLS = {
  maxVersion: "TLSv1.2",
  ciphers: "kDHE+aRSA+AES:kRSA+AES",
  servername: "",
  rejectUnauthorized: false,
} as const;

/**
 * The events of a connection. Duties of the caller: nothing is called before `Network.connect` has returned; `connected` is
 * called at most once and first; `closed` is called exactly once and last. If the owner aborts or destroys the connection,
 * nothing more is called.
 */
export interface ConnectionEvents {
  connected(): void;
  /** Received bytes. The owner copies the bytes that it keeps. */
  received(bytes: Uint8Array): void;
  /** Called when all bytes have been sent. */
  drained(): void;
  /** `failure` is present if the connection was refused or lost, and absent if the peer ended it. */
  closed(failure?: Error): void;
}

export interface Connection {
  /** The number of the connection in its network. */
  readonly number: number;
  /** Sends any number of bytes, also before `connected`. */
  send(bytes: Uint8Array): void;
  /** Closes the connection when all bytes have been sent. */
  end(): void;
  /** Closes the connection immediately. Unsent bytes are lost, and the peer is notified. */
  abort(): void;
  /** Drops the connection, because the board has no more power. */
  destroy(): void;
}

export interface Network {
  /** May throw if the board's `connect` does, with the board's message. */
  connect(address: NetworkAddress, events: ConnectionEvents): Connection;
}

let connectionCount = 0;

/**
 * Real TCP, and TLS over it. On a board `connect` throws if the connection is refused. Here `closed` reports it, because Node
 * notices it later. Nagle's algorithm is off: lwIP on boards sends immediately while nothing is in flight, and the delay would
 * add 40 ms to each exchange on this computer.
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
