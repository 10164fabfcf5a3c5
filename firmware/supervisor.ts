/**
 * Keeps the device connected: first the network, then a hub, and again whenever one of them is lost. It owns the only
 * retry timer of the hub's connection.
 *
 * Hubs are tried in the order of the configuration, beginning with the first after each accepted connection. The waits
 * grow until a connection is stable, so that two devices with the same identifier, which end each other's connections,
 * slow down. After a permanent refusal (identifier, credentials) the hub is tried again after several
 * minutes.
 */
import { type Configuration, type HubAddress, hubsOf } from "./contract/configuration.ts";
import { deviceTopic, STATUS_OFFLINE } from "./contract/topics.ts";
import { REFUSED_DELAY_MS, STABLE_SECONDS } from "./limits.ts";
import { connect } from "./mqtt/client.ts";
import { type ClientHandlers, end } from "./mqtt/link.ts";
import type { Socket } from "./mqtt/transport.ts";
import type { OnNetwork } from "./network.ts";
import { retryDelayMs } from "./retry-schedule.ts";
import { textBytes } from "./text.ts";

export interface SupervisorHandlers extends ClientHandlers {
  readonly onNetwork: OnNetwork;
  readonly openSocket: (hub: HubAddress) => Socket;
  /** The hub keeps the session while the device is away. */
  readonly keepsSession?: boolean;
}

/** The CONNACK that says "try later"; all other return codes are permanent [MQTT 3.1.1, 3.2.2.3]. */
const SERVER_UNAVAILABLE = 3;

let configuration: Configuration;
let handlers: SupervisorHandlers;
let hubs: readonly HubAddress[];
let hasNetwork = false;
let attempt = 0;
/** The index of the hub that is tried or connected. */
let hubIndex = 0;
/** The time at which the connection was accepted, in seconds; 0 without a connection. */
let upAt = 0;
let retryTimer: ReturnType<typeof setTimeout> | undefined;

function connectHub(): void {
  retryTimer = undefined;
  if (!hasNetwork) return;
  const own = configuration;
  const hub = hubs[hubIndex] as HubAddress;
  connect(
    () => handlers.openSocket(hub),
    {
      clientId: textBytes(own.deviceId),
      keepAliveSeconds: own.keepAliveSeconds,
      cleanSession: !handlers.keepsSession,
      will: {
        topicName: textBytes(deviceTopic(own.topicPrefix, own.deviceId, "status", "")),
        payload: STATUS_OFFLINE,
        qos: 1,
        retain: true,
      },
      username: textBytes(hub.username),
      password: textBytes(hub.password),
    },
    handlers,
  );
}

/** Called when the network is connected, and with a reason when it is not. */
export function onNetwork(isUp: boolean, reason: string): void {
  hasNetwork = isUp;
  handlers.onNetwork(isUp, reason);
  if (!isUp) end("network-lost");
  else if (!retryTimer) connectHub();
}

/** The client's `onUp`. Returns host and port of the hub. */
export function onHubUp(): string {
  const hub = hubs[hubIndex] as HubAddress;
  upAt = getTime();
  return hub.host + ":" + hub.port;
}

/** The client's `onDown`. Returns the milliseconds until the next attempt. */
export function onHubDown(returnCode: number): number {
  hubIndex = upAt ? 0 : (hubIndex + 1) % hubs.length;
  if (upAt && getTime() - upAt > STABLE_SECONDS) attempt = 0;
  upAt = 0;
  let delayMs = retryDelayMs(attempt++, Math.random());
  if (returnCode && returnCode !== SERVER_UNAVAILABLE && !hubIndex) {
    delayMs += REFUSED_DELAY_MS;
  }
  if (!retryTimer) retryTimer = setTimeout(connectHub, delayMs);
  return delayMs;
}

/** Returns the text for a return code of CONNACK that refuses [MQTT 3.1.1, 3.2.2.3]. */
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

/** Call it once, and `onNetwork` from then on. */
export function supervise(newConfiguration: Configuration, newHandlers: SupervisorHandlers): void {
  configuration = newConfiguration;
  hubs = hubsOf(newConfiguration);
  handlers = newHandlers;
}
