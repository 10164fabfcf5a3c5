/**
 * TLS for an app, as "motekit/tls". It encrypts and **does not authenticate the hub**, because Espruino verifies no
 * certificate: an attacker in the path can impersonate the hub, read and change everything. It stops passive listeners only.
 */
import type { HubAddress } from "./contract/configuration.ts";
import { setOpenSocket } from "./hub-socket.ts";
import type { Socket } from "./mqtt/transport.ts";

/** A function, because Espruino treats a string of at most 100 bytes as the name of a file. */
function decoded(base64: string | undefined): (() => string) | undefined {
  return base64 === undefined ? undefined : () => atob(base64);
}

/** Also throws if the key or the certificate is not DER. A handshake that fails is an uncaught exception, then `close`. */
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
