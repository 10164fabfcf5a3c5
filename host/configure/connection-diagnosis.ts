/** Diagnoses from the code words of its console why a device is not connected to its hub, and how to fix it. */
import {
  type DisconnectWord,
  type ErrorWord,
  WIFI_NO_ACCESS_POINT,
  WIFI_NO_ANSWER,
  WIFI_PASSWORD_REFUSED,
} from "../../firmware/contract/console-lines.ts";
import type { FirmwareLine } from "../serial/firmware-line.ts";

export interface Diagnosis {
  readonly message: string;
  readonly remedy: string;
}

const NO_NETWORK: Diagnosis = {
  message: "The Wi-Fi network was not found.",
  remedy: "Check its name, which is case-sensitive, and that it is in range and on 2.4 GHz.",
};
const NO_ADDRESS: Diagnosis = {
  message: "The Wi-Fi network does not respond, or does not assign an address to the board.",
  remedy: "Check that the network is in range and on 2.4 GHz, and that its router assigns addresses (DHCP).",
};
const WRONG_PASSWORD: Diagnosis = {
  message: "The Wi-Fi network refuses the password.",
  remedy: "Check the Wi-Fi password.",
};
const NO_HUB: Diagnosis = {
  message: "The board is on the network, but no hub responds at the configured address.",
  remedy:
    "Check the host and the port, and that the hub listens on an address that the board can reach, such as with `motekit hub --host 0.0.0.0`.",
};
const REFUSED: Diagnosis = {
  message: "The hub refuses the device.",
  remedy: "Look for the reason in the hub's log.",
};
const BAD_CREDENTIALS: Diagnosis = {
  message:
    "The hub refuses the device, because the user name or the password is wrong, or the device may not connect.",
  remedy: "Check the user name and the password, and that the device is enabled on the hub.",
};

/** CONNACK's return codes [MQTT 3.1.1, 3.2.2.3]. */
const REFUSALS: Readonly<Record<string, Diagnosis>> = {
  1: {
    message: "The hub refuses the device, because it does not support MQTT 3.1.1.",
    remedy: "Use a hub that supports MQTT 3.1.1.",
  },
  2: { message: "The hub refuses the device's identifier.", remedy: "Choose another --device-id." },
  3: {
    message: "The hub reports that it is unavailable.",
    remedy: "Wait until it is available again, and look for the reason in its log.",
  },
  4: BAD_CREDENTIALS,
  5: BAD_CREDENTIALS,
};
/** The return codes of refusals that do not go away by themselves. */
const FINAL_REFUSALS: readonly string[] = ["1", "2", "4", "5"];

const BY_WORD: { readonly [word in DisconnectWord | ErrorWord]?: Diagnosis } = {
  dns: {
    message: "The board's network cannot resolve the hub's name.",
    remedy: "Check the name, or use the hub's IP address.",
  },
  connect: NO_HUB,
  "no-connack": NO_HUB,
  closed: {
    message: "The connection to the configured address is closed before a hub responds.",
    remedy:
      "Check the host and the port, that an MQTT hub listens there, and whether it requires TLS (mqtts://) or not (mqtt://).",
  },
  malformed: {
    message: "The server at the configured address does not speak MQTT 3.1.1.",
    remedy: "Check the host and the port of the hub.",
  },
  socket: {
    message: "The connection to the hub fails before the hub responds.",
    remedy: "Check that the URL begins with mqtts:// if the hub requires TLS, and with mqtt:// if not.",
  },
  restart: {
    message: "The firmware restarts, because the interpreter ran out of memory or stack.",
    remedy: "Watch it with `motekit monitor`. Make the app smaller, or keep less data in memory.",
  },
  "no-configuration": {
    message: "The firmware found no configuration.",
    remedy: "Configure the board again with `motekit configure`.",
  },
  "damaged-configuration": {
    message: "The firmware found a damaged configuration.",
    remedy: "Configure the board again with `motekit configure`.",
  },
  "no-app": { message: "The board has no valid app.", remedy: "Upload one with `motekit upload`." },
};

/** Returns undefined if the line has no cause. `isWaiting`: the device is on its network and has printed nothing since. */
export function diagnose(line: FirmwareLine | undefined, isWaiting = false): Diagnosis | undefined {
  // A board that waits for TCP is blocked, and prints nothing.
  if (!line) return isWaiting ? NO_HUB : undefined;
  const { word, code } = line;
  if (word === "connack") return REFUSALS[code ?? ""] ?? REFUSED;
  if (word === "wifi") return ofWifi(code);
  return word && BY_WORD[word];
}

function ofWifi(code: string | undefined): Diagnosis | undefined {
  if (code === undefined) return undefined;
  if (code === WIFI_NO_ACCESS_POINT) return NO_NETWORK;
  if (code === WIFI_NO_ANSWER) return NO_ADDRESS;
  return WIFI_PASSWORD_REFUSED.includes(code) ? WRONG_PASSWORD : undefined;
}

export function isFinalRefusal({ word, code }: FirmwareLine): boolean {
  return word === "connack" && code !== undefined && FINAL_REFUSALS.includes(code);
}
