/**
 * The ports of a hub: MQTT over TCP and TLS for devices, and over WebSocket and secure WebSocket for browsers, with the page on
 * the same two ports. Each incoming stream is passed on with its link.
 */
import type { Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { WebSocket } from "ws";
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Link, PeerCertificate } from "../../broker/policy.ts";
import type { Edge } from "../edge/edge.ts";
import type { ControlChannel } from "../http/control-channel.ts";
import { createPageServer, type Routes } from "../http/page-server.ts";
import { type ListenRequest, listen, type OnTakenPort } from "./listen.ts";
import { acceptWebSockets } from "./websocket-gate.ts";

const HANDSHAKE_MS_MAX = 5_000;

/** The key and certificates of the hub's server, in PEM. */
export interface HubTls {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** The certificate of the authority that issues device certificates. */
  readonly authorityPem: string;
}

/** The ports; 0 takes any free port, and undefined closes a network. */
export interface NetworkPorts {
  readonly port?: number;
  readonly tlsPort?: number;
  readonly wsPort?: number;
  readonly wssPort?: number;
}

export interface NetworksOptions {
  readonly host: string;
  readonly ports: NetworkPorts;
  readonly onTakenPort: OnTakenPort;
  /** Required for `tlsPort` and `wssPort`. */
  readonly tls?: HubTls | undefined;
  readonly pageFolder: string;
  readonly control?: ControlChannel | undefined;
  readonly routes?: Routes | undefined;
  /** The same as `PageServerOptions.otherHubs`. */
  readonly otherHubs?: readonly string[] | undefined;
  readonly edge: Edge;
  readonly onStream: (socket: Socket, link: Link) => void;
  /** `stream` is the socket under the WebSocket. */
  readonly onWebSocket: (socket: WebSocket, link: Link, stream: Socket) => void;
  readonly onEvent: (event: BrokerEvent) => void;
}

export class Networks {
  readonly #options: NetworksOptions;
  readonly #servers: (Server | HttpServer)[] = [];

  constructor(options: NetworksOptions) {
    this.#options = options;
  }

  /** Opens the ports and returns them. Rejects with MK1401 or MK1402; `close` has to be called then too. */
  async open(): Promise<NetworkPorts> {
    const { port, tlsPort, wsPort, wssPort } = this.#options.ports;
    return {
      ...(port !== undefined && {
        port: await this.#listen(this.#createTcpServer(), {
          port,
          option: "--port",
          purpose: "MQTT over TCP",
        }),
      }),
      ...(tlsPort !== undefined && {
        tlsPort: await this.#listen(this.#createTlsServer(), {
          port: tlsPort,
          option: "--tls-port",
          purpose: "MQTT over TLS",
        }),
      }),
      ...(wsPort !== undefined && {
        wsPort: await this.#listen(this.#createPageServer(undefined), {
          port: wsPort,
          option: "--ws-port",
          purpose: "MQTT over WebSocket and the page",
        }),
      }),
      ...(wssPort !== undefined && {
        wssPort: await this.#listen(this.#createPageServer(this.#tlsOptions()), {
          port: wssPort,
          option: "--wss-port",
          purpose: "MQTT over secure WebSocket and the page",
        }),
      }),
    };
  }

  /** Closes the ports. Streams that were passed on have to be ended by their owners. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        if ("closeAllConnections" in server) server.closeAllConnections();
        // A server that never listened reports an error, which can be ignored.
        return new Promise<void>((resolve) => server.close(() => resolve()));
      }),
    );
  }

  #listen(server: Server, request: Pick<ListenRequest, "port" | "option" | "purpose">): Promise<number> {
    this.#servers.push(server);
    const { host, onTakenPort } = this.#options;
    return listen(server, { ...request, host, onTakenPort });
  }

  #createTcpServer(): Server {
    const server = createServer();
    server.on("connection", (socket) => {
      this.#options.onStream(socket, { kind: "tcp", ...peerOf(socket) });
    });
    this.#options.edge.guardServer(server, "tcp");
    return server;
  }

  #createTlsServer(): Server {
    const server = createTlsServer({
      ...this.#tlsOptions(),
      // The policy decides whether a device has to present a certificate.
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS_MAX,
    });
    this.#options.edge.guardServer(server, "tls");
    server.on("secureConnection", (socket) => {
      const certificate = certificateOf(socket);
      const link: Link = { kind: "tls", ...peerOf(socket), ...(certificate && { certificate }) };
      this.#options.onStream(socket, link);
    });
    server.on("tlsClientError", (error, socket) => {
      this.#options.onEvent({
        kind: "turned away",
        link: { kind: "tls", ...peerOf(socket) },
        refusal: {
          rule: `the TLS handshake failed (${error.message})`,
          remedy: "Use TLS 1.2 or 1.3, and make the client trust the hub's CA certificate.",
        },
      });
    });
    return server;
  }

  #createPageServer(tls: TlsOptions | undefined): HttpServer {
    const { pageFolder: folder, control, routes, otherHubs, edge, onWebSocket, onEvent } = this.#options;
    const server = createPageServer({ folder, control, routes, tls, otherHubs });
    edge.guardServer(server, tls ? "secure websocket" : "websocket");
    edge.guardRequests(server, tls ? "secure websocket" : "websocket");
    acceptWebSockets(server, { admit: onWebSocket, onEvent });
    return server;
  }

  #tlsOptions(): TlsOptions {
    const { tls } = this.#options;
    if (!tls) throw new Error("A network with TLS needs a certificate.");
    return { cert: tls.certificatePem, key: tls.keyPem, ca: tls.authorityPem, minVersion: "TLSv1.2" };
  }
}

function peerOf({ remoteAddress = "", remotePort = 0 }: Socket): { address: string; port: number } {
  return { address: remoteAddress, port: remotePort };
}

/** The client's certificate; undefined if it presented none. */
function certificateOf(socket: TLSSocket): PeerCertificate | undefined {
  const shown = socket.getPeerCertificate();
  if (shown.fingerprint256 === undefined) return undefined;
  const { CN } = shown.subject;
  return {
    fingerprint: shown.fingerprint256,
    // A certificate with two common names is treated as having none.
    commonName: typeof CN === "string" ? CN : "",
    isTrusted: socket.authorized,
  };
}
