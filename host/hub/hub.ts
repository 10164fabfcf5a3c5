/**
 * The local hub: the broker behind sockets, with its devices, and the web page on the WebSocket ports. Its profile decides
 * whether unknown clients may connect.
 */
import type { Socket } from "node:net";
import type { Broker } from "../broker/broker.ts";
import type { BrokerEvent } from "../broker/broker-event.ts";
import type { MotekitError } from "../errors.ts";
import { Backlog } from "./connection/backlog.ts";
import { type Connection, TcpConnection, WebSocketConnection } from "./connection/connection.ts";
import { OutputBatch } from "./connection/output-batch.ts";
import { DevicePolicy, type Profile } from "./devices/device-policy.ts";
import { DeviceRegistry } from "./devices/device-registry.ts";
import { type DeviceListener, LiveDevices } from "./devices/live-devices.ts";
import { Edge } from "./edge/edge.ts";
import type { EdgeLimitsOptions } from "./edge/edge-limits.ts";
import type { ControlChannel, ControlOptions } from "./http/control-channel.ts";
import { hubRoutes } from "./http/hub-routes.ts";
import { pageFolder } from "./http/page-server.ts";
import { type RestRoute, RestRoutes } from "./http/rest-routes.ts";
import { openControl } from "./hub-control.ts";
import type { OnTakenPort } from "./networks/listen.ts";
import { type HubTls, type NetworkPorts, Networks } from "./networks/networks.ts";
import { openBroker } from "./persistent-broker.ts";
import { Metrics } from "./reports/metrics.ts";
import { SystemTopicPublisher } from "./reports/system-topic-publisher.ts";

export const DEFAULT_PORT = 1883;
export const DEFAULT_WS_PORT = 8083;
export const LOOPBACK = "127.0.0.1";

/** The period at which keep alive is checked. */
const TICK_MS = 500;

export interface HubOptions {
  readonly host: string;
  /** MQTT over TCP; 0 takes any free port. */
  readonly port: number;
  /** MQTT over WebSocket and the page; 0 takes any free port. */
  readonly wsPort: number;
  /** The same with TLS; they require `tls`. */
  readonly tlsPort?: number;
  readonly wssPort?: number;
  readonly tls?: HubTls;
  /** The default is "fail". The ports of the hub are in its `port` and `wsPort`. */
  readonly onTakenPort?: OnTakenPort;
  /** The folder of the built page. The default is that of the package. */
  readonly pageFolder?: string;
  /** The WebSocket origins of other hubs that the page may connect to, such as `wss://hub.example:8084`. */
  readonly otherHubs?: readonly string[] | undefined;
  /** The actions and feeds of the control channel. If undefined, there is no control channel. */
  readonly control?: ControlOptions;
  /** The limits on connections. The default is EDGE_LIMITS. */
  readonly limits?: EdgeLimitsOptions;
  readonly onEvent?: (event: BrokerEvent) => void;
  /** The folder of its devices. If undefined, it has none. */
  readonly hubFolder?: string;
  /** The default is "open". */
  readonly profile?: Profile;
  /** The secret of the REST network. If undefined, it is closed. */
  readonly restSecret?: string;
  /** Messages that are sent on to URLs. */
  readonly routes?: readonly RestRoute[];
  /** Called with problems that a person has to fix while the hub keeps running. */
  readonly onProblem?: (error: MotekitError) => void;
  /** The folder of the journal. If undefined, sessions and messages end with the hub. */
  readonly journalFolder?: string;
  /**
   * Called once if the journal cannot be written (MK1433). The hub sends nothing from then on, and has to be closed. If
   * undefined, the error is thrown as an uncaught exception.
   */
  readonly onFailure?: (error: unknown) => void;
}

export interface Hub {
  readonly port: number;
  readonly wsPort: number;
  readonly tlsPort?: number;
  readonly wssPort?: number;
  readonly pageUrl: string;
  /** The URL with the control channel's token, if there is one, for the person who started the hub. */
  readonly pageLink: string;
  /** The bytes of an incomplete write of a killed hub, which were dropped. Nothing of it had been acknowledged. */
  readonly droppedBytes: number;
  /** Disconnects every client, and frees its ports and its folder. May be called again. Rejects with MK1433. */
  close(): Promise<void>;
}

/**
 * Starts a hub. Rejects with MK1401 a port is taken, MK1402 a port cannot be opened, MK1410 the device file is not valid,
 * MK1430 to MK1434 the journal cannot be read or written.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const onEvent = (event: BrokerEvent): void => {
    options.onEvent?.(event);
    metrics.onEvent(event);
    systemTopics.onEvent(event);
    routes.onEvent(event);
    tap?.onEvent(event);
  };
  const backlog = new Backlog();
  const edge = new Edge(onEvent, options.limits);
  const devices =
    options.hubFolder === undefined ? undefined : new LiveDevices(new DeviceRegistry(options.hubFolder));
  const { channel, tap } = openControl(options, devices, {
    metrics: () => metrics.read(),
    evict: (clientId, reason) => broker.evict(clientId, reason, performance.now()),
  });
  const policy = policyOf(options, devices, channel);
  const guarded = edge.watch(policy);
  const persistent = openBroker(
    { policy: guarded, onEvent, ...(tap && { gate: tap }) },
    options.journalFolder,
  );
  const { broker, droppedBytes } = persistent;
  const turn = new OutputBatch({ commit: persistent.commit, onFailure: options.onFailure ?? throwOn });
  const metrics = new Metrics(broker, Date.now, () => devices?.revision ?? 0);
  const systemTopics = new SystemTopicPublisher(broker, metrics);
  const routes = new RestRoutes(options.routes ?? [], (error) => options.onProblem?.(error));
  devices?.watch(deviceListener(devices, broker, options));
  reviewSessions(broker, options, devices);
  const connections = new Set<Connection>();
  const admit = admission(edge, broker, connections);
  const networks = new Networks({
    host: options.host,
    ports: options,
    onTakenPort: options.onTakenPort ?? "fail",
    tls: options.tls,
    pageFolder: options.pageFolder ?? pageFolder(),
    control: channel,
    routes: hubRoutes({ ...options, broker, metrics, control: channel }),
    otherHubs: options.otherHubs,
    edge,
    onStream: (socket, link) => admit(new TcpConnection(socket, link, turn, backlog), socket),
    onWebSocket: (socket, link, stream) =>
      admit(new WebSocketConnection(socket, link, turn, backlog), stream),
    onEvent,
  });
  const clock = setInterval(() => {
    broker.tick(performance.now());
    // Commits changes that were recorded without a packet to send.
    turn.end();
  }, TICK_MS);

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(clock);
    devices?.close();
    systemTopics.close();
    routes.close();
    broker.close(performance.now());
    turn.end();
    for (const connection of connections) connection.destroy();
    await networks.close();
    persistent.close();
  };
  try {
    return {
      ...addressesOf(options.host, await networks.open(), channel),
      droppedBytes,
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

/** Returns a function that passes admitted streams to the broker, and keeps them in `connections` while they are open. */
function admission(
  edge: Edge,
  broker: Broker,
  connections: Set<Connection>,
): (connection: Connection, stream: Socket) => void {
  return (connection, stream) => {
    const arrival = edge.begin(stream, connection.link);
    if (!arrival) {
      connection.destroy();
      return;
    }
    connections.add(connection);
    const brokerConnection = broker.open(connection, performance.now(), arrival.openedMs);
    connection.serve(edge.guard(connection, arrival, brokerConnection), () => connections.delete(connection));
  };
}

/** The addresses of a hub with these ports. */
function addressesOf(
  host: string,
  { port = 0, wsPort = 0, ...secure }: NetworkPorts,
  control: ControlChannel | undefined,
): Omit<Hub, "droppedBytes" | "close"> {
  const pageUrl = `http://${urlHost(host)}:${wsPort}/`;
  // In the fragment, which the browser does not send to servers.
  const pageLink = control ? `${pageUrl}#token=${control.token}` : pageUrl;
  return { port, wsPort, ...secure, pageUrl, pageLink };
}

function throwOn(error: unknown): never {
  throw error;
}

function policyOf(
  { profile = "open" }: HubOptions,
  devices: LiveDevices | undefined,
  control: ControlChannel | undefined,
): DevicePolicy {
  return new DevicePolicy({
    profile,
    device: (id) => devices?.get(id),
    isOwner: ({ password }) => password !== undefined && control?.isToken(password) === true,
    refresh: () => devices?.refresh(),
  });
}

/** Reviews restored sessions, because devices may have changed while the hub was not running. */
function reviewSessions(broker: Broker, { profile = "open" }: HubOptions, devices?: LiveDevices): void {
  broker.review();
  if (profile === "open") return;
  for (const id of [...broker.exchange.sessions.keys()]) {
    if (!devices?.get(id)) broker.forget(id, "the device was removed", performance.now());
  }
}

/** Applies changes of the device file to a running hub. */
function deviceListener(devices: LiveDevices, broker: Broker, { onProblem }: HubOptions): DeviceListener {
  return {
    onRevoked: (id, reason) => {
      if (devices.get(id)) broker.evict(id, reason, performance.now());
      else broker.forget(id, reason, performance.now());
    },
    onRefiltered: (id) => broker.review(id),
    onBroken: (error) => onProblem?.(error),
  };
}

/** The host for URLs. A hub that listens on every address is reached at loopback. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return LOOPBACK;
  return host.includes(":") ? `[${host}]` : host;
}
