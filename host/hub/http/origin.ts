/**
 * Who may speak to the hub from a browser. A page of another site must not reach it (`Origin` is not the hub's own),
 * nor by a name of its own that it lets point at this machine (`Host` is a foreign name: DNS rebinding).
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
  const scheme = request.socket instanceof TLSSocket ? "https" : "http";
  if (origin === undefined || origin === `${scheme}://${host}`) return undefined;
  return `pages of ${origin} may not use this hub`;
}

/** Addresses cannot be made to point elsewhere; of names only the machine's own are trusted. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0) return true;
  const machine = hostname().toLowerCase();
  return name === "localhost" || name === machine || name === `${machine}.local`;
}
