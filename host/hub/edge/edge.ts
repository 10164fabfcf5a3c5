/**
 * Where sockets come in: each passes the limits before the broker has it, and what it sends is counted on its way to the
 * broker. It tells why it turns somebody away.
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

/** Of packets that have not wholly come: sixteen of the largest at once. */
const UNFINISHED_BYTES_MAX = 64 * 1024 * 1024;

const UNFINISHED: Refusal = {
  rule: "too many large packets are on their way at once, and this one began first",
  remedy: "Send packets without a pause, and large ones one after another.",
};

const LATE_REQUEST: Refusal = {
  rule: "no whole HTTP request in time",
  remedy: "Whoever opens a connection to the page's port has to ask for something at once.",
};

interface Arrival {
  readonly admission: Admission;
  /** When the time to CONNECT began. */
  openedMs: number;
}

export class Edge {
  readonly #limits: EdgeLimits;
  readonly #onEvent: (event: BrokerEvent) => void;
  /** By the socket's name, which it has by TLS too. */
  readonly #arrivals = new Map<string, Arrival>();
  readonly #unfinished = new UnfinishedPackets<BrokerConnection>(UNFINISHED_BYTES_MAX);

  constructor(onEvent: (event: BrokerEvent) => void, options?: EdgeLimitsOptions) {
    this.#onEvent = onEvent;
    this.#limits = new EdgeLimits(options);
  }

  /** The server does not see a socket that the limits turn away. To be called when it listens to its sockets already. */
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

  /** Of a server of HTTP: tells of requests that never come. */
  guardRequests(server: PageServer, kind: LinkKind): void {
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      // A connection that is kept may ask again, and be upgraded then.
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

  /** A socket is about to speak MQTT. Undefined: its peer began too many connections, and may not. */
  begin(socket: Socket, link: Link): Arrival | undefined {
    const denial = this.#limits.begin(link.address, performance.now());
    if (!denial) return this.#arrivals.get(nameOf(socket));
    this.#turnAway(link, denial);
    return undefined;
  }

  /** What comes over the connection goes through here to the broker. */
  guard(connection: Connection, { admission }: Arrival, entrance: BrokerConnection): BrokerConnection {
    return {
      receive: (bytes, nowMs) => {
        const packetsBefore = entrance.packetsRead;
        entrance.receive(bytes, nowMs);
        this.#keep(entrance, entrance.unfinishedBytes, nowMs);
        const packets = entrance.packetsRead - packetsBefore;
        const restMs = admission.rate?.take(packets, bytes.length, nowMs) ?? 0;
        if (restMs > 0) connection.rest(restMs);
      },
      closed: (nowMs) => {
        this.#keep(entrance, 0, nowMs);
        entrance.closed(nowMs);
      },
      drained: () => entrance.drained(),
      evict: (refusal, nowMs) => entrance.evict(refusal, nowMs),
      get packetsRead() {
        return entrance.packetsRead;
      },
      get unfinishedBytes() {
        return entrance.unfinishedBytes;
      },
    };
  }

  #keep(entrance: BrokerConnection, bytes: number, nowMs: number): void {
    for (const ended of this.#unfinished.set(entrance, bytes)) ended.evict(UNFINISHED, nowMs);
  }

  /** The same policy, but who connects again and again is told of, and refused where the limits say so. */
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

/** No two sockets of a hub that stand have the same. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
