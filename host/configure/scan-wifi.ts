/** Scans for the Wi-Fi networks in a board's range. */
import { textOf } from "../serial/bytes.ts";
import type { BoardConsole } from "../serial/console.ts";
import { matching } from "../serial/incoming.ts";

const SCAN_MS_MAX = 15_000;
const RESULT = /~mk-wifi(\[[^\r\n]*\])\r?\n/;
const RESULT_OR_EXCEPTION = matching(/~mk-wifi\[[^\r\n]*\]\r?\n|Uncaught [^\r\n]*\r?\n/);

/** Resolves to names, strongest first; empty if the board has no radio, cannot scan now, or finds none in time. */
export async function scanWifi(console: BoardConsole): Promise<string[]> {
  const answer = await console.ask(
    '\x10require("Wifi").scan(function(l){print("~mk-"+"wifi"+JSON.stringify(l.map(function(n){return[n.ssid,n.rssi]})))})\n',
    RESULT_OR_EXCEPTION,
    SCAN_MS_MAX,
  );
  const networks = JSON.parse(RESULT.exec(answer ?? "")?.[1] ?? "[]") as [ssid: string, rssi: number][];
  const names = networks.sort(([, one], [, other]) => other - one).map(([ssid]) => textOf(ssid));
  return [...new Set(names.filter((ssid) => ssid !== ""))];
}
