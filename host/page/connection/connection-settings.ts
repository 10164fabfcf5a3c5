import { KEEP_ALIVE_SECONDS_MAX } from "../../mqtt/packet-types.ts";
import { ruleText } from "../../mqtt/rules.ts";
import { brokenTextRule } from "../../mqtt/topics.ts";

/** The hub and the MQTT client of a connection of the page. */
export interface ConnectionSettings {
  /** The name of the connection in the page. */
  readonly name: string;
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly clientId: string;
  readonly userName?: string;
  readonly password?: string;
  readonly cleanSession: boolean;
  readonly keepAliveSeconds: number;
}

/** In seconds. A browser runs the timers of a background tab only once a minute, and the hub waits 1.5 times the keep alive. */
export const KEEP_ALIVE_SECONDS = 90;

/** A random client identifier. */
export function unusedClientId(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return `page-${random.toString(36)}`;
}

/** The WebSocket address of the hub that serves the page. */
export function ownHubUrl(): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/mqtt`;
}

/** The page's connection to the hub that serves it. With the token of the page's link the hub admits it in every profile. */
export function ownConnection(token: string | undefined): ConnectionSettings {
  return {
    name: "This hub",
    url: ownHubUrl(),
    clientId: unusedClientId(),
    ...(token !== undefined && { userName: "page", password: token }),
    cleanSession: true,
    keepAliveSeconds: KEEP_ALIVE_SECONDS,
  };
}

/** A connection as a device, with the permissions of the device. It ends the device's own connection if only one is allowed. */
export function deviceConnection(token: string | undefined, deviceId: string): ConnectionSettings {
  return {
    ...ownConnection(token),
    name: `As ${deviceId}`,
    clientId: deviceId,
    ...(token !== undefined && { userName: "device", password: token }),
  };
}

/** The first problem of the settings, or undefined. */
export function problemOfSettings(settings: ConnectionSettings): string | undefined {
  const { url, clientId, userName, password, cleanSession, keepAliveSeconds } = settings;
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    return "The hub's address is not valid. It must begin with ws:// or wss://, such as ws://192.168.1.7:8083/mqtt.";
  }
  // [MQTT-3.1.3-8]
  if (clientId === "" && !cleanSession) {
    return "A session that is not clean needs a client identifier. Enter one, or select Clean session.";
  }
  for (const [field, text = ""] of [
    ["client identifier", clientId],
    ["user name", userName],
  ]) {
    const broken = brokenTextRule(text);
    if (broken) return `The ${field} is not valid: ${ruleText(broken)}.`;
  }
  // [MQTT-3.1.2-22]
  if (password !== undefined && userName === undefined) {
    return "A password needs a user name. Enter a user name, or clear the password.";
  }
  const isKeepAlive = Number.isInteger(keepAliveSeconds) && keepAliveSeconds >= 0;
  if (!isKeepAlive || keepAliveSeconds > KEEP_ALIVE_SECONDS_MAX)
    return `The keep alive is not valid. It must be a whole number of seconds from 0 to ${KEEP_ALIVE_SECONDS_MAX}.`;
  return undefined;
}
