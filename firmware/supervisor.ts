/**
 * Keeps the device connected: network, then hub, and again whenever one of them is lost. It owns the only retry
 * timer of the hub's connection.
 *
 * Hubs are tried in the order of the configuration, beginning with the first after each connection that stood. The
 * waits grow until a connection has stood for a while: two devices of one identifier, which end each other's
 * connections, so come to rest. A hub that refuses what cannot change by itself (identifier, credentials) is asked
 * again after a long time.
 */
import { type Configuration, type HubAddress, hubsOf } from "./contract/configuration.ts";
import { deviceTopic, STATUS_OFFLINE } from "./contract/topics.ts";
import { REFUSED_DELAY_MS, STABLE_SECONDS } from "./limits.ts";
import { connect } from "./mqtt/client.ts";
import { type ClientHandlers, end } from "./mqtt/link.ts";
import type { Socket } from "./mqtt/transport.ts";
import type { JoinNetwork, OnNetwork } from "./network.ts";
import { retryDelayMs } from "./retry-schedule.ts";

export interface SupervisorHandlers extends ClientHandlers {
  readonly onNetwork: OnNetwork;
  readonly openSocket: (hub: HubAddress) => Socket;
}

/** The CONNACK that says "try later"; those above and below it do not pass by themselves [MQTT 3.1.1, 3.2.2.3]. */
const SERVER_UNAVAILABLE = 3;

let configuration: Configuration;
let handlers: SupervisorHandlers;
let hasNetwork = false;
let attempt = 0;
/** Counts the hubs tried since a connection stood. */
let hubNumber = 0;
/** When the connection stood up, in seconds; 0 while there is none. */
let upAt = 0;
let retryTimer: ReturnType<typeof setTimeout> | undefined;

function presentHub(): HubAddress {
  const hubs = hubsOf(configuration);
  return hubs[hubNumber % hubs.length] as HubAddress;
}

function connectHub(): void {
  retryTimer = undefined;
  if (!hasNetwork) return;
  const own = configuration;
  const hub = presentHub();
  connect(
    () => handlers.openSocket(hub),
    {
      clientId: own.deviceId,
      keepAliveSeconds: own.keepAliveSeconds,
      cleanSession: true,
      will: {
        topicName: deviceTopic(own.topicPrefix, own.deviceId, "status", ""),
        payload: STATUS_OFFLINE,
        qos: 1,
        retain: true,
      },
      username: hub.username,
      password: hub.password,
    },
    handlers,
  );
}

function onNetwork(isUp: boolean, reason: string): void {
  hasNetwork = isUp;
  handlers.onNetwork(isUp, reason);
  if (!isUp) end("network lost");
  else if (!retryTimer) connectHub();
}

/** The client's `onUp`. Returns host and port of the hub. */
export function onHubUp(): string {
  const hub = presentHub();
  upAt = getTime();
  return hub.host + ":" + hub.port;
}

/** The client's `onDown`. Returns the milliseconds until the next attempt. */
export function onHubDown(returnCode: number): number {
  hubNumber = upAt ? 0 : hubNumber + 1;
  if (upAt && getTime() - upAt > STABLE_SECONDS) attempt = 0;
  upAt = 0;
  let delayMs = retryDelayMs(attempt++, Math.random());
  if (returnCode && returnCode !== SERVER_UNAVAILABLE && hubNumber % hubsOf(configuration).length === 0) {
    delayMs += REFUSED_DELAY_MS;
  }
  if (!retryTimer) retryTimer = setTimeout(connectHub, delayMs);
  return delayMs;
}

/** What a CONNACK says that refuses [MQTT 3.1.1, 3.2.2.3]. */
export function refusalText(returnCode: number): string {
  return (
    [
      "unacceptable protocol version",
      "identifier rejected",
      "server unavailable",
      "bad user name or password",
      "not authorized",
    ][returnCode - 1] || "reserved return code"
  );
}

/** Call it once. */
export function supervise(
  newConfiguration: Configuration,
  joinNetwork: JoinNetwork,
  newHandlers: SupervisorHandlers,
): void {
  configuration = newConfiguration;
  handlers = newHandlers;
  joinNetwork(configuration.wifi, onNetwork);
}
