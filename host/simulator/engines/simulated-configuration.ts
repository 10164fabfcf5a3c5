/** The configuration of a simulated board, like that which `motekit configure` writes to a real one. */
import {
  CONFIGURATION_VERSION,
  type Configuration,
  type HubAddress,
} from "../../../firmware/contract/configuration.ts";
import { DEFAULT_TOPIC_PREFIX } from "../../../firmware/contract/topics.ts";
import type { Board } from "../../boards.ts";

const KEEP_ALIVE_SECONDS = 60;
/** The only network in range of a simulated radio. */
const SIMULATED_WIFI = { ssid: "simulated" };

/** An undefined `deviceId` is derived from the board's ID. */
export function simulatedConfiguration(
  board: Board,
  hub: HubAddress,
  deviceId: string | undefined,
): Configuration {
  return {
    version: CONFIGURATION_VERSION,
    sequence: 1,
    deviceId: deviceId ?? `${board.id}-sim`,
    wifi: board.radio.wifi ? [SIMULATED_WIFI] : [],
    hub,
    topicPrefix: DEFAULT_TOPIC_PREFIX,
    keepAliveSeconds: KEEP_ALIVE_SECONDS,
  };
}
