/** Why a device is not on its hub, and what a person can do about it, by the code words of its console. */
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
  message: "There is no such Wi-Fi network in reach.",
  remedy: "Check its name, which is case-sensitive, and that it is on 2.4 GHz.",
};
const NO_ADDRESS: Diagnosis = {
  message: "The Wi-Fi network does not answer, or gives the board no address.",
  remedy: "Check that the network is in reach and on 2.4 GHz, and that its router gives addresses (DHCP).",
};
const WRONG_PASSWORD: Diagnosis = {
  message: "The Wi-Fi network refuses the password.",
  remedy: "Check the password.",
};
const NO_HUB: Diagnosis = {
  message: "The board is on the network, but no hub answers at that address.",
  remedy:
    "Check host and port, and that the hub listens on an address that the board can reach: `motekit hub --host 0.0.0.0`.",
};
const REFUSED: Diagnosis = {
  message: "The hub refuses the device.",
  remedy: "The hub's log says why.",
};
const BAD_CREDENTIALS: Diagnosis = {
  message: "The hub refuses the device: user name or password is wrong, or it may not connect.",
  remedy: "Check user name and password, and that the device is enabled on the hub.",
};

/** CONNACK's return codes [MQTT 3.1.1, 3.2.2.3]. */
const REFUSALS: Readonly<Record<string, Diagnosis>> = {
  1: {
    message: "The hub refuses the device: it does not take MQTT 3.1.1.",
    remedy: "Give the address of a hub that does.",
  },
  2: { message: "The hub refuses the device's identifier.", remedy: "Give another --device-id." },
  3: {
    message: "The hub answers that it is unavailable.",
    remedy: "Wait until it is there again; the hub's log says why.",
  },
  4: BAD_CREDENTIALS,
  5: BAD_CREDENTIALS,
};
/** Those that do not pass by themselves. */
const FINAL_REFUSALS: readonly string[] = ["1", "2", "4", "5"];

const BY_WORD: { readonly [word in DisconnectWord | ErrorWord]?: Diagnosis } = {
  dns: {
    message: "The hub's name is not known where the board is.",
    remedy: "Give its IP address, or check the name.",
  },
  connect: NO_HUB,
  "no-connack": NO_HUB,
  closed: {
    message: "The connection to that address is closed before a hub answers.",
    remedy:
      "Check host and port, that an MQTT hub listens there, and that it is to be reached without TLS (mqtt://) or with it (mqtts://).",
  },
  malformed: {
    message: "What answers at that address does not speak MQTT 3.1.1.",
    remedy: "Check host and port.",
  },
  socket: {
    message: "The connection to the hub fails before the hub answers.",
    remedy: "Check that the address says what the hub speaks: mqtts:// with TLS, mqtt:// without.",
  },
  restart: {
    message: "The firmware restarts, because the interpreter ran out of memory or stack.",
    remedy: "`motekit monitor` shows when. Make the app smaller, or hold less in memory.",
  },
  "no-configuration": {
    message: "The firmware found no configuration.",
    remedy: "Configure the board once more.",
  },
  "damaged-configuration": {
    message: "The firmware found a damaged configuration.",
    remedy: "Configure the board once more.",
  },
  "no-app": { message: "No whole app is on the board.", remedy: "Upload it: `motekit upload`." },
};

/** Undefined if the line tells of no cause. `isWaiting`: the device is on its network, and has said nothing since. */
export function diagnose(line: FirmwareLine | undefined, isWaiting = false): Diagnosis | undefined {
  // A board that waits for TCP is frozen, and says nothing.
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
