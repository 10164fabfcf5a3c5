/**
 * Wi-Fi of the ESP32 family. The interpreter silently retries twice, and stops at the third loss with
 * `disconnected`. The callback of `connect` may belong to an earlier attempt, so this module uses the events and
 * its own time-out. Networks are tried in the order of the configuration.
 */
import type { WifiNetwork } from "./contract/configuration.ts";
import { JOIN_TIMEOUT_MS } from "./limits.ts";
import type { JoinNetwork } from "./network.ts";
import { retryDelayMs } from "./retry-schedule.ts";

export const joinNetwork: JoinNetwork = (networks, onNetwork) => {
  const wifi = require("Wifi");
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout>;

  const joinNext = (): void => {
    const network = networks[attempt % networks.length] as WifiNetwork;
    timer = setTimeout(retry, JOIN_TIMEOUT_MS, "no-answer: " + network.ssid);
    wifi.connect(network.ssid, { password: network.password || "" }, undefined);
  };
  const retry = (reason: string): void => {
    clearTimeout(timer);
    onNetwork(false, "wifi " + reason);
    timer = setTimeout(joinNext, retryDelayMs(attempt++, Math.random()));
  };

  wifi.on("connected", (details) => {
    clearTimeout(timer);
    attempt = 0;
    onNetwork(true, details.ip);
  });
  wifi.on("disconnected", (details) => retry(details.reason));
  joinNext();
};
