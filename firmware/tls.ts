/**
 * TLS for an app, as "motekit/tls". It encrypts and **does not authenticate the hub**: Espruino verifies no certificate,
 * so whoever is in the path can play the hub, read all and change all. It keeps out those who only listen.
 */
import type { HubAddress } from "./contract/configuration.ts";
import { setOpenSocket } from "./hub-socket.ts";
import type { Socket } from "./mqtt/transport.ts";

/** A function, for Espruino takes a string of at most 100 bytes for the name of a file. */
function decoded(base64: string | undefined): (() => string) | undefined {
  return base64 === undefined ? undefined : () => atob(base64);
}

/** Throws also where key or certificate are no DER. A handshake that fails is an uncaught exception, then `close`. */
function openTls(hub: HubAddress): Socket {
  const given = hub.tls || {};
  // Two buffers of 16 KB, each in one piece of the JsVars' memory.
  E.defrag();
  return require("tls").connect({
    host: hub.host,
    port: hub.port,
    ca: decoded(given.ca),
    key: decoded(given.key),
    cert: decoded(given.cert),
  });
}

/** Call it before `start`: all hubs of the configuration are then reached by TLS, and none without. */
export function useTls(): void {
  setOpenSocket(openTls);
}
