import { KEEP_ALIVE_SECONDS_MAX } from "../../mqtt/packet-types.ts";
import { ruleText } from "../../mqtt/rules.ts";
import { brokenTextRule } from "../../mqtt/topics.ts";

/** How a connection of the page reaches a hub, and as whom. */
export interface ConnectionSettings {
  /** What it is called in the page. */
  readonly name: string;
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly clientId: string;
  readonly userName?: string;
  readonly password?: string;
  readonly cleanSession: boolean;
  readonly keepAliveSeconds: number;
}

/** A browser that shows another tab runs timers once a minute: the hub waits half as long again. */
export const KEEP_ALIVE_SECONDS = 90;

/** A client identifier that nobody has. */
export function unusedClientId(): string {
  const [chance = 0] = crypto.getRandomValues(new Uint32Array(1));
  return `page-${chance.toString(36)}`;
}

/** The hub that serves the page. */
export function ownHubUrl(): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/mqtt`;
}

/** The page's connection to the hub that serves it: with the token of its link it is let in whatever the hub's rules are. */
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

/** As a device of that ID, with what it may and no more. The device's own connection ends, unless it may have several. */
export function deviceConnection(token: string | undefined, deviceId: string): ConnectionSettings {
  return {
    ...ownConnection(token),
    name: `As ${deviceId}`,
    clientId: deviceId,
    ...(token !== undefined && { userName: "device", password: token }),
  };
}

/** What is wrong with the settings, or undefined. */
export function problemOfSettings(settings: ConnectionSettings): string | undefined {
  const { url, clientId, userName, password, cleanSession, keepAliveSeconds } = settings;
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    return "The hub's address begins with ws:// or wss://, such as ws://192.168.1.7:8083/mqtt.";
  }
  // [MQTT-3.1.3-8]
  if (clientId === "" && !cleanSession) return "A session is kept by its client identifier: give one.";
  for (const [what, text = ""] of [
    ["client identifier", clientId],
    ["user name", userName],
  ]) {
    const broken = brokenTextRule(text);
    if (broken) return `The ${what} is wrong: ${ruleText(broken)}.`;
  }
  // [MQTT-3.1.2-22]
  if (password !== undefined && userName === undefined) return "A password goes with a user name.";
  const isKeepAlive = Number.isInteger(keepAliveSeconds) && keepAliveSeconds >= 0;
  if (!isKeepAlive || keepAliveSeconds > KEEP_ALIVE_SECONDS_MAX)
    return `Keep alive is a whole number of seconds from 0 to ${KEEP_ALIVE_SECONDS_MAX}.`;
  return undefined;
}
