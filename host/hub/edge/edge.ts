/**
 * Checks each incoming socket against the limits before the broker gets it, and counts what it sends to the broker. It reports
 * the reason of each refusal.
 */
import type { IncomingMessage, Server as PageServer, ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";
import type { BrokerConnection } from "../../broker/broker.ts";
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Link, LinkKind, Policy, Refusal } from "../../broker/policy.ts";
import { RETURN_CODE } from "../../mqtt/packet-types.ts";
import type { Connection } from "../connection/connection.ts";
import { type Admission, type Denial, EdgeLimits, type EdgeLimitsOptions } from "./edge-limits.ts";
import { UnfinishedPackets } from "./unfinished-packets.ts";

/** The limit on the bytes of incomplete packets of all connections: sixteen of the largest packets. */
const UNFINISHED_BYTES_MAX = 64 * 1024 * 1024;

const UNFINISHED: Refusal = {
  rule: "too many large packets are incomplete at the same time, and the packet of this connection began first",
  remedy: "Send each packet without a pause, and large packets one after another.",
};

const LATE_REQUEST: Refusal = {
  rule: "no complete HTTP request came in time",
  remedy: "Send an HTTP request as soon as a connection to the page's port is open.",
};

interface Arrival {
  readonly admission: Admission;
  /** The time at which the limit on the time to CONNECT starts. */
  openedMs: number;
}

export class Edge {
  readonly #limits: EdgeLimits;
  readonly #onEvent: (event: BrokerEvent) => void;
  /** Arrivals by the socket's name, which is the same for a socket and its TLS socket. */
  readonly #arrivals = new Map<string, Arrival>();
  readonly #unfinished = new UnfinishedPackets<BrokerConnection>(UNFINISHED_BYTES_MAX);

  constructor(onEvent: (event: BrokerEvent) => void, options?: EdgeLimitsOptions) {
    this.#onEvent = onEvent;
    this.#limits = new EdgeLimits(options);
  }

  /** Hides sockets that the limits refuse from the server. Call it after the server's own listeners were added. */
  guardServer(server: Server, kind: LinkKind): void {
    const listeners = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      if (!this.#accept(socket, linkOf(socket, kind))) return;
      for (const listener of listeners) listener.call(server, socket);
    });
  }

  #accept(socket: Socket, link: Link): boolean {
    const openedMs = performance.now();
    const entry = this.#limits.open(link.address, openedMs);
    if (!("admission" in entry)) {
      this.#turnAway(link, entry);
      socket.destroy();
      return false;
    }
    const name = nameOf(socket);
    this.#arrivals.set(name, { admission: entry.admission, openedMs });
    socket.once("close", () => {
      this.#arrivals.delete(name);
      entry.admission.close();
    });
    return true;
  }

  /** Reports connections to an HTTP server whose request never comes. */
  guardRequests(server: PageServer, kind: LinkKind): void {
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      // A kept-alive connection may send another request, which may be an upgrade.
      response.once("finish", () => {
        const arrival = this.#arrivals.get(nameOf(socket));
        if (arrival) arrival.openedMs = performance.now();
      });
    });
    server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
      const socket = stream as Socket;
      const isLate = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
      if (isLate) this.#turnAway(linkOf(socket, kind), { refusal: LATE_REQUEST, isNew: true });
      const status = isLate ? "408 Request Timeout" : "400 Bad Request";
      if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
      socket.destroySoon();
    });
  }

  /** Called when a socket begins to speak MQTT. Returns undefined if its peer began too many connections. */
  begin(socket: Socket, link: Link): Arrival | undefined {
    const denial = this.#limits.begin(link.address, performance.now());
    if (!denial) return this.#arrivals.get(nameOf(socket));
    this.#turnAway(link, denial);
    return undefined;
  }

  /** Wraps a broker connection so that what it receives is counted. */
  guard(
    connection: Connection,
    { admission }: Arrival,
    brokerConnection: BrokerConnection,
  ): BrokerConnection {
    return {
      receive: (bytes, nowMs) => {
        const packetsBefore = brokerConnection.packetsRead;
        brokerConnection.receive(bytes, nowMs);
        this.#keep(brokerConnection, brokerConnection.unfinishedBytes, nowMs);
        const packets = brokerConnection.packetsRead - packetsBefore;
        const pauseMs = admission.rate?.consume(packets, bytes.length, nowMs) ?? 0;
        if (pauseMs > 0) connection.pauseReading(pauseMs);
      },
      closed: (nowMs) => {
        this.#keep(brokerConnection, 0, nowMs);
        brokerConnection.closed(nowMs);
      },
      drained: () => brokerConnection.drained(),
      evict: (refusal, nowMs) => brokerConnection.evict(refusal, nowMs),
      get packetsRead() {
        return brokerConnection.packetsRead;
      },
      get unfinishedBytes() {
        return brokerConnection.unfinishedBytes;
      },
    };
  }

  #keep(brokerConnection: BrokerConnection, bytes: number, nowMs: number): void {
    for (const ended of this.#unfinished.set(brokerConnection, bytes)) ended.evict(UNFINISHED, nowMs);
  }

  /** Wraps a policy so that clients that connect too often are reported, and refused if the limits say so. */
  watch(policy: Policy): Policy {
    return {
      connect: (request) => {
        const { link, clientId } = request;
        const { flapping, isRefused } = this.#limits.connect(link.address, clientId, performance.now());
        if (flapping && isRefused)
          return { returnCode: RETURN_CODE.serverUnavailable, refusal: flapping.refusal };
        if (flapping?.isNew) this.#onEvent({ kind: "warned", link, clientId, refusal: flapping.refusal });
        return policy.connect(request);
      },
      publish: (client, message) => policy.publish(client, message),
      subscribe: (client, topicFilter, qos) => policy.subscribe(client, topicFilter, qos),
    };
  }

  #turnAway(link: Link, { refusal, isNew }: Denial): void {
    if (isNew) this.#onEvent({ kind: "turned away", link, refusal });
  }
}

function linkOf(socket: Socket, kind: LinkKind): Link {
  return { kind, address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
}

/** A name that no two open sockets of a hub share. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
