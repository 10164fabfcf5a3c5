/**
 * Decides which web pages may use the hub. Refused are pages of other sites (`Origin` has another host or port), and pages that
 * reached this machine by a foreign name (`Host`), as with DNS rebinding.
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { TLSSocket } from "node:tls";

/** The reason why a request is refused, or undefined. A program sends no Origin, and is not refused. */
export function refusalOf(request: IncomingMessage): string | undefined {
  const host = request.headers.host;
  if (host === undefined || !isOwnName(host))
    return `the host name ${host ?? "(none)"} is not a name of this machine`;
  const origin = request.headers.origin;
  const scheme = request.socket instanceof TLSSocket ? "https:" : "http:";
  if (origin === undefined || isSamePlace(origin, `${scheme}//${host}`)) return undefined;
  return `pages from ${origin} may not use this hub`;
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ["http:", "80"],
  ["https:", "443"],
]);

/**
 * Compares host and port only, because some programs (Eclipse Paho's client for Python) send `https:` over plain WebSocket. A
 * hub with TLS accepts only pages that came by TLS, because anyone on the network can serve a page at `http:`.
 */
function isSamePlace(origin: string, own: string): boolean {
  if (own.startsWith("https:") && !origin.toLowerCase().startsWith("https:")) return false;
  const place = placeOf(origin);
  return place !== undefined && place === placeOf(own);
}

function placeOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname: name, port } = new URL(text);
  const defaultPort = DEFAULT_PORTS.get(protocol);
  return defaultPort === undefined ? undefined : `${name}:${port === "" ? defaultPort : port}`;
}

/** Whether a host is an IP address, which DNS cannot redirect, or one of the machine's own names. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0) return true;
  const machine = hostname().toLowerCase();
  return name === "localhost" || name === machine || name === `${machine}.local`;
}
