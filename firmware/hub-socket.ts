/** The socket to a hub: of TCP, unless another transport is plugged in. */
import type { HubAddress } from "./contract/configuration.ts";
import type { Socket } from "./mqtt/transport.ts";

/** Opens a connection, or throws, as a Transport does. */
export type OpenSocket = (hub: HubAddress) => Socket;

let openOther: OpenSocket | undefined;

/** TLS, plugged in. */
export function setOpenSocket(open: OpenSocket): void {
  openOther = open;
}

/** @throws Error what Espruino's `connect` throws; or the hub is to be reached by TLS, which the app has not. */
export function openSocket(hub: HubAddress): Socket {
  if (openOther) return openOther(hub);
  // User name and password would go in the clear.
  if (hub.tls) throw new Error("this app has no TLS");
  return require("net").connect({ host: hub.host, port: hub.port });
}
