/** What a configuration needs of a board whose console answers, and how its firmware starts anew with it. */
import type { Board } from "../boards.ts";
import type { BoardConsole } from "../serial/console.ts";
import { plainLine } from "../serial/console-text.ts";
import type { BoardTraits } from "./settings.ts";

const SERIAL_NUMBER_END = 6;

/** `kind`: undefined where motekit does not know the board. @throws as `evaluateJson`. */
export async function readTraits(console: BoardConsole, kind: Board | undefined): Promise<BoardTraits> {
  const serialNumber = await console.evaluateJson<string>("getSerial()");
  const end = serialNumber.replace(/[^0-9A-Za-z]/g, "").slice(-SERIAL_NUMBER_END);
  return {
    deviceId: `${kind?.id ?? console.interpreter.board}-${end}`.toLowerCase(),
    hasWifi: kind?.radio.wifi ?? true,
    hasTls: kind?.tls ?? true,
  };
}

/** Calls back with each line that the console prints from then on, until what is returned is called. */
export async function restartFirmware(
  console: BoardConsole,
  onLine: (line: string) => void,
): Promise<() => void> {
  let rest = "";
  const stop = console.addTextListener((text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(plainLine(line).replace(/^>/, ""));
  });
  await console.type("\x10load()\n");
  return stop;
}
