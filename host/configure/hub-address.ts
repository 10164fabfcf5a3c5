/** Parses a hub's URL. */
import type { HubAddress } from "../../firmware/contract/configuration.ts";

const MQTT_PORTS: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883 };

/**
 * Parses `mqtt://user:password@host:port`, or `mqtts://` for TLS; only the host is required. Returns undefined if the text is
 * not valid. An error message must not repeat the text, which may contain a password.
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
