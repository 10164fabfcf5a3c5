/**
 * The two modules that the build makes for a board: "motekit/board", constants that esbuild puts in place of their
 * names, and "motekit/network", the network's driver.
 */
import { join } from "node:path";
import type { Board } from "../../boards.ts";
import { packageRoot } from "../../file-system/package-root.ts";

export function boardModules(board: Board): Readonly<Record<string, string>> {
  const led = board.pins.led;
  const driver = join(packageRoot(), "firmware", board.radio.wifi ? "wifi.ts" : "wired.ts");
  return {
    "motekit/board": [
      `export const HAS_UNICODE = ${board.unicode};`,
      `export const HAS_TEMPERATURE_SENSOR = ${board.temperatureSensor};`,
      `export const LED_ACTIVE_LOW = ${led?.activeLow ?? false};`,
      `export const LED = ${led ? led.pin : "undefined"};`,
      `export const BOARD_ID = ${JSON.stringify(board.id)};`,
    ].join("\n"),
    "motekit/network": `export { joinNetwork } from ${JSON.stringify(driver)};`,
  };
}
