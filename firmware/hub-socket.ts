/** The socket to a hub: TCP, unless another transport is set. */
import type { HubAddress } from "./contract/configuration.ts";
import type { Socket } from "./mqtt/transport.ts";

/** Opens a connection, or throws, as a Transport does. */
export type OpenSocket = (hub: HubAddress) => Socket;

let openOther: OpenSocket | undefined;

/** TLS, plugged in. */
export function setOpenSocket(open: OpenSocket): void {
  openOther = open;
}

/** @throws Error that Espruino's `connect` throws, or if the hub requires TLS and the app has no TLS. */
export function openSocket(hub: HubAddress): Socket {
  if (openOther) return openOther(hub);
  // User name and password would be sent unencrypted.
  if (hub.tls) throw new Error("this app has no TLS");
  return require("net").connect({ host: hub.host, port: hub.port });
}
