/**
 * The local hub: aedes behind the frame guard, by MQTT over TCP and over WebSocket, and the web page on the
 * WebSocket's port. It asks no one who he is: whoever reaches its ports may read and write every topic.
 */
import { createServer, type Server } from "node:net";
import type { AedesPublishPacket, Client } from "aedes";
import { Aedes } from "aedes";
import { type Connection, TcpConnection } from "./connection.ts";
import { ControlChannel, type ControlHandlers } from "./control-channel.ts";
import type { HubEvent } from "./hub-event.ts";
import { listen, type OnTakenPort } from "./listen.ts";
import { createPageServer, pageFolder } from "./page-server.ts";
import { keepPubrelsApart } from "./pubrel-store.ts";
import { keepRetainedInOrder } from "./retained-order.ts";
import { acceptWebSockets } from "./websocket-gate.ts";

export const DEFAULT_PORT = 1883;
export const DEFAULT_WS_PORT = 8083;
export const LOOPBACK = "127.0.0.1";

/** From the accepted connection to a whole CONNECT; trickled bytes do not extend it. */
const CONNECT_MS_MAX = 5_000;
const CONNECTIONS_MAX = 10_000;

export interface HubOptions {
  readonly host: string;
  /** MQTT over TCP; 0 takes any free port. */
  readonly port: number;
  /** MQTT over WebSocket and the page; 0 takes any free port. */
  readonly wsPort: number;
  /** Default "fail". The hub's `port` and `wsPort` say which ports it got. */
  readonly onTakenPort?: OnTakenPort;
  /** Where the built page lies; default is that of the package. */
  readonly pageFolder?: string;
  /** What the page may ask beyond MQTT. Left out: nothing. */
  readonly control?: ControlHandlers;
  readonly onEvent?: (event: HubEvent) => void;
}

export interface Hub {
  readonly port: number;
  readonly wsPort: number;
  readonly pageUrl: string;
  /** The same with the control channel's token, where there is one: for the person who started the hub. */
  readonly pageLink: string;
  /** Disconnects every client and frees both ports. May be called again. */
  close(): Promise<void>;
}

/** Rejects with MK1401 where a port is taken, MK1402 where it cannot be opened. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const onEvent = options.onEvent ?? (() => undefined);
  const broker = await Aedes.createBroker({ connectTimeout: CONNECT_MS_MAX });
  keepRetainedInOrder(broker);
  keepPubrelsApart(broker);
  reportBroker(broker, onEvent);
  const connections = new Set<Connection>();
  const admit = (connection: Connection): void => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
    connection.once("turned-away", (reason: string) => {
      onEvent({ kind: "refused", connection: connection.kind, peer: connection.peer, reason });
    });
    broker.handle(connection);
  };
  const control = options.control && new ControlChannel(options.control);
  const tcpServer = createServer((socket) => admit(new TcpConnection(socket)));
  const pageServer = createPageServer(options.pageFolder ?? pageFolder(), control);
  acceptWebSockets(pageServer, { admit, onEvent });
  tcpServer.maxConnections = CONNECTIONS_MAX;
  pageServer.maxConnections = CONNECTIONS_MAX;

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    // The broker knows only the clients whose CONNECT it has accepted.
    for (const connection of connections) connection.destroy();
    pageServer.closeAllConnections();
    await Promise.all([closeServer(tcpServer), closeServer(pageServer)]);
  };
  const shared = { host: options.host, onTakenPort: options.onTakenPort ?? "fail" } as const;
  try {
    const port = await listen(tcpServer, {
      ...shared,
      port: options.port,
      option: "--port",
      purpose: "MQTT over TCP",
    });
    const wsPort = await listen(pageServer, {
      ...shared,
      port: options.wsPort,
      option: "--ws-port",
      purpose: "MQTT over WebSocket and the page",
    });
    const pageUrl = `http://${urlHost(options.host)}:${wsPort}/`;
    return {
      port,
      wsPort,
      pageUrl,
      // Behind the #, so that the browser sends it to nobody by itself.
      pageLink: control ? `${pageUrl}#token=${control.token}` : pageUrl,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function reportBroker(broker: Aedes, onEvent: (event: HubEvent) => void): void {
  broker.on("clientReady", (client) => {
    const { kind, peer } = client.conn as Connection;
    onEvent({ kind: "connected", clientId: client.id, connection: kind, peer });
  });
  broker.on("clientDisconnect", (client) => onEvent({ kind: "disconnected", clientId: client.id }));
  broker.on("publish", (packet: AedesPublishPacket, client: Client | null) => {
    // The broker's own messages ($SYS) come from no client.
    if (!client) return;
    onEvent({
      kind: "message",
      clientId: client.id,
      topic: packet.topic,
      payload: Buffer.from(packet.payload),
      qos: packet.qos,
      retain: packet.retain,
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A server that never listened says so by an error, and there is nothing to close then.
    server.close(() => resolve());
  });
}

/** The address to open the page at: a hub that listens on every address is reached at loopback too. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return LOOPBACK;
  return host.includes(":") ? `[${host}]` : host;
}
