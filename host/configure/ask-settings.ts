/** Prompts a person for missing settings. It offers the networks in the board's range, and the hub of this computer. */
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { password as askPassword, text as askText, intro, isCancel, select, spinner } from "@clack/prompts";
import { MotekitError } from "../errors.ts";
import { parseHubAddress } from "./hub-address.ts";
import type { Setting, Settings } from "./settings.ts";

const OTHER = "\0";
const HUB_PORT = 1883;
const PROBE_MS = 300;

export interface AskedBoard {
  /** The board's name and port, for people. */
  readonly title: string;
  readonly hasWifi: boolean;
  scan(): Promise<string[]>;
}

function answered(value: string | symbol): string {
  if (!isCancel(value)) return value as string;
  throw new MotekitError({
    code: "MK1809",
    message: "The configuration was cancelled. Nothing was written.",
    remedy: "Run the command again.",
  });
}

export async function askSettings(given: Settings, board: AskedBoard): Promise<Settings> {
  const asked = new Map<string, Setting>();
  const set = (key: string, text: string) => asked.set(key, { text, source: "your answer" });
  const wantsWifi = board.hasWifi && !given.has("WIFI_SSID");
  if (wantsWifi || !given.has("HUB_URL")) intro(board.title);
  if (wantsWifi) {
    set("WIFI_SSID", await askNetwork(board));
    const password = answered(await askPassword({ message: "Wi-Fi password (empty for an open network)" }));
    if (password) set("WIFI_PASSWORD", password);
  }
  if (!given.has("HUB_URL")) {
    const own = await ownHub();
    const url = await askText({
      message: "Hub URL",
      placeholder: "mqtt://host:port",
      ...(own && { initialValue: own }),
      validate: (value) =>
        parseHubAddress(value ?? "")
          ? undefined
          : "Use mqtt://host or mqtt://host:port, or mqtts:// for TLS.",
    });
    set("HUB_URL", answered(url));
    const username = answered(await askText({ message: "User name (empty for none)", defaultValue: "" }));
    if (username) {
      set("HUB_USERNAME", username);
      const password = answered(await askPassword({ message: "Password (empty for none)" }));
      if (password) set("HUB_PASSWORD", password);
    }
  }
  return asked;
}

async function askNetwork(board: AskedBoard): Promise<string> {
  const wait = spinner();
  wait.start("The board is scanning for Wi-Fi networks");
  const networks = await board.scan();
  const seen = networks.length === 1 ? "1 Wi-Fi network" : `${networks.length || "no"} Wi-Fi networks`;
  wait.stop(`Found ${seen}`);
  const options = [
    ...networks.map((ssid) => ({ value: ssid, label: ssid })),
    { value: OTHER, label: "other …" },
  ];
  const chosen = networks.length > 0 ? answered(await select({ message: "Wi-Fi network", options })) : OTHER;
  return chosen === OTHER ? answered(await askText({ message: "Wi-Fi network" })) : chosen;
}

/** Finds a hub that listens on an address of this computer that boards can reach. */
async function ownHub(): Promise<string | undefined> {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((each) => each?.family === "IPv4" && !each.internal)
    .map((each) => each?.address as string);
  for (const address of addresses) {
    if (await listens(address)) return `mqtt://${address}:${HUB_PORT}`;
  }
  return undefined;
}

function listens(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: HUB_PORT, timeout: PROBE_MS });
    const settle = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}
