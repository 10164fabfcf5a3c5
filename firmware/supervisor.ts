/**
 * Keeps the device connected: network, then hub, and again whenever one of them is lost. It owns the only retry
 * timer of the hub's connection.
 */
import type { WifiNetwork } from "./contract/configuration.ts";
import type { Client } from "./mqtt/client.ts";
import type { JoinNetwork } from "./network.ts";
import { retryDelayMs } from "./retry-schedule.ts";

export interface Supervisor {
  start(networks: readonly WifiNetwork[], joinNetwork: JoinNetwork): void;
  /** The client's `onUp`. */
  onUp(): void;
  /** The client's `onDown`. */
  onDown(): void;
}

export function createSupervisor(
  client: () => Client,
  onNetwork: (isUp: boolean, reason: string) => void,
): Supervisor {
  let hasNetwork = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const connect = (): void => {
    timer = undefined;
    if (hasNetwork) client().connect();
  };

  return {
    start: (networks, joinNetwork) =>
      joinNetwork(networks, (isUp, reason) => {
        hasNetwork = isUp;
        onNetwork(isUp, reason);
        if (!isUp) client().disconnect("network lost", false);
        else if (!timer) connect();
      }),
    onUp: () => {
      attempt = 0;
    },
    onDown: () => {
      if (!timer) timer = setTimeout(connect, retryDelayMs(attempt++, Math.random()));
    },
  };
}
