/** The Wi-Fi networks that a board sees. */
import type { BoardConsole } from "../serial/console.ts";

const SCAN_MS_MAX = 15_000;
const RESULT = /~mk-wifi(\[[^\r\n]*\])\r?\n/;

/** Names, strongest first; empty where the board has no radio, or sees none in time. */
export async function scanWifi(console: BoardConsole): Promise<string[]> {
  const answer = await console.ask(
    '\x10require("Wifi").scan(function(l){print("~mk-"+"wifi"+JSON.stringify(l.map(function(n){return[n.ssid,n.rssi]})))})\n',
    (text) => {
      const found = RESULT.exec(text);
      return found ? { start: found.index, end: found.index + found[0].length } : undefined;
    },
    SCAN_MS_MAX,
  );
  const networks = JSON.parse(RESULT.exec(answer ?? "")?.[1] ?? "[]") as [ssid: string, rssi: number][];
  const names = networks.sort(([, one], [, other]) => other - one).map(([ssid]) => ssid);
  return [...new Set(names.filter((ssid) => ssid !== ""))];
}
