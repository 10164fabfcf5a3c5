/**
 * The local hub: the broker behind sockets, with the devices that it knows, and the web page on the WebSocket's ports. By
 * its profile it lets strangers in or not.
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

/** Keep alive periods are looked after so often. */
const TICK_MS = 500;

export interface HubOptions {
  readonly host: string;
  /** MQTT over TCP; 0 takes any free port. */
  readonly port: number;
  /** MQTT over WebSocket and the page; 0 takes any free port. */
  readonly wsPort: number;
  /** The same with TLS, where they are given; `tls` is too then. */
  readonly tlsPort?: number;
  readonly wssPort?: number;
  readonly tls?: HubTls;
  /** Default "fail". The hub's `port` and `wsPort` say which ports it got. */
  readonly onTakenPort?: OnTakenPort;
  /** Where the built page lies; default is that of the package. */
  readonly pageFolder?: string;
  /** Origins of hubs by WebSocket that the page may connect to beside this one, such as `wss://hub.example:8084`. */
  readonly otherHubs?: readonly string[] | undefined;
  /** What the page may ask beyond MQTT. Left out: nothing. */
  readonly control?: ControlOptions;
  /** How many connections may come, how fast and how often. Default is EDGE_LIMITS. */
  readonly limits?: EdgeLimitsOptions;
  readonly onEvent?: (event: BrokerEvent) => void;
  /** Where its devices are. Left out: it knows none. */
  readonly hubFolder?: string;
  /** Default "open". */
  readonly profile?: Profile;
  /** Opens the REST network to who knows it. */
  readonly restSecret?: string;
  /** Messages that are sent on to URLs. */
  readonly routes?: readonly RestRoute[];
  /** What a person has to mend while the hub goes on. */
  readonly onProblem?: (error: MotekitError) => void;
  /** Where sessions and messages are remembered. Left out: they end with the hub. */
  readonly journalFolder?: string;
  /**
   * The hub cannot remember any more (MK1433): nothing leaves it from now on, and it has to be closed. Told once. Left out:
   * the error is thrown where nobody catches it.
   */
  readonly onFailure?: (error: unknown) => void;
}

export interface Hub {
  readonly port: number;
  readonly wsPort: number;
  readonly tlsPort?: number;
  readonly wssPort?: number;
  readonly pageUrl: string;
  /** The same with the control channel's token, where there is one: for the person who started the hub. */
  readonly pageLink: string;
  /** What was half written in the folder when an earlier hub was killed; it had told nobody of it. */
  readonly droppedBytes: number;
  /** Disconnects every client, and frees its ports and its folder. May be called again. Rejects with MK1433. */
  close(): Promise<void>;
}

/**
 * Rejects with MK1401 where a port is taken, MK1402 where it cannot be opened, MK1410 where the devices' file is broken,
 * and MK1430 to MK1434 where what it remembers cannot be read or written.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const onEvent = (event: BrokerEvent): void => {
    options.onEvent?.(event);
    metrics.onEvent(event);
    voice.tell(event);
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
  const kept = openBroker({ policy: guarded, onEvent, ...(tap && { gate: tap }) }, options.journalFolder);
  const { broker, droppedBytes } = kept;
  const turn = new OutputBatch({ commit: kept.commit, onFailure: options.onFailure ?? throwOn });
  const metrics = new Metrics(broker, Date.now, () => devices?.revision ?? 0);
  const voice = new SystemTopicPublisher(broker, metrics);
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
    // What was recorded without an answer to it is made safe too.
    turn.end();
  }, TICK_MS);

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(clock);
    devices?.close();
    voice.close();
    routes.close();
    broker.close(performance.now());
    turn.end();
    for (const connection of connections) connection.destroy();
    await networks.close();
    kept.close();
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

/** Lets a stream that has room at the edge in to the broker, and keeps it among the connections while it stands. */
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
    const entrance = broker.open(connection, performance.now(), arrival.openedMs);
    connection.serve(edge.guard(connection, arrival, entrance), () => connections.delete(connection));
  };
}

/** Where a hub is, by the ports that it got. */
function addressesOf(
  host: string,
  { port = 0, wsPort = 0, ...secure }: NetworkPorts,
  control: ControlChannel | undefined,
): Omit<Hub, "droppedBytes" | "close"> {
  const pageUrl = `http://${urlHost(host)}:${wsPort}/`;
  // Behind the #, so that the browser sends it to nobody by itself.
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

/** Devices may have changed while the hub was away, and its sessions are those of before. */
function reviewSessions(broker: Broker, { profile = "open" }: HubOptions, devices?: LiveDevices): void {
  broker.review();
  if (profile === "open") return;
  for (const id of [...broker.exchange.sessions.keys()]) {
    if (!devices?.get(id)) broker.forget(id, "the device was removed", performance.now());
  }
}

/** Devices change in their file, and a running hub with them. */
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

/** The address to open the page at: a hub that listens on every address is reached at loopback too. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return LOOPBACK;
  return host.includes(":") ? `[${host}]` : host;
}
