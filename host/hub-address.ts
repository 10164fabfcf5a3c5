/** A hub's address as a person writes it. */
import type { HubAddress } from "../firmware/contract/configuration.ts";

const MQTT_PORT = 1883;

/**
 * `mqtt://user:password@host:port`; all but the host may be left out. Undefined where it is not of that form: what says
 * so must not repeat the text, which may hold a password.
 */
export function parseHubAddress(text: string): HubAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url?.protocol !== "mqtt:" ||
    !url.hostname ||
    !["", "/"].includes(url.pathname) ||
    url.search ||
    url.hash
  ) {
    return undefined;
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port ? Number(url.port) : MQTT_PORT,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
  };
}
