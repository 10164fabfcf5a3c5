/**
 * Decides who may speak to the hub from a browser. A page of another site must not reach it (`Origin` has another host or port),
 * nor may a page that reached this machine by a name of its own (`Host` is a foreign name: DNS rebinding).
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { TLSSocket } from "node:tls";

/** Why the request is refused, or undefined where it may pass. A program sends no Origin and passes. */
export function refusalOf(request: IncomingMessage): string | undefined {
  const host = request.headers.host;
  if (host === undefined || !isOwnName(host)) return `this hub is not called ${host ?? "nothing"}`;
  const origin = request.headers.origin;
  const scheme = request.socket instanceof TLSSocket ? "https:" : "http:";
  if (origin === undefined || isSamePlace(origin, `${scheme}//${host}`)) return undefined;
  return `pages of ${origin} may not use this hub`;
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ["http:", "80"],
  ["https:", "443"],
]);

/**
 * Compares host and port, because some programs (Eclipse Paho's client for Python) write `https:` though they speak plain
 * WebSocket. A hub with TLS takes only pages that came by TLS: anybody on the network can serve a page at `http:`.
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

/** Addresses cannot be made to point elsewhere; of names only the machine's own are trusted. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0) return true;
  const machine = hostname().toLowerCase();
  return name === "localhost" || name === machine || name === `${machine}.local`;
}
