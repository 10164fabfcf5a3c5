/** A hub's address as a person writes it. */
import type { HubAddress } from "../../firmware/contract/configuration.ts";

const MQTT_PORTS: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883 };

/**
 * `mqtt://user:password@host:port`, or `mqtts://` for TLS; all but the host may be left out. Undefined where it is not of that form: what says
 * so must not repeat the text, which may hold a password.
 */
export function parseHubAddress(text: string): HubAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const defaultPort = MQTT_PORTS[url?.protocol ?? ""];
  if (
    !url?.hostname ||
    defaultPort === undefined ||
    !["", "/"].includes(url.pathname) ||
    url.search ||
    url.hash
  ) {
    return undefined;
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port ? Number(url.port) : defaultPort,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url.protocol === "mqtts:" ? { tls: {} } : {}),
  };
}
