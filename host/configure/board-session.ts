/** The parts of configuring that use a board's console: its traits, its record, and the restart of its firmware. */
import type { Board } from "../boards.ts";
import type { BoardConsole } from "../serial/console.ts";
import { plainLine } from "../serial/console-text.ts";
import { sendFile } from "../serial/file-transfer.ts";
import { repairTornHeader } from "../serial/torn-header.ts";
import type { RecordBoard } from "./board-record.ts";
import type { BoardTraits } from "./settings.ts";

const SERIAL_NUMBER_END = 6;

/** `kind` is undefined if motekit does not know the board. Throws like `evaluateJson`. */
export async function readTraits(console: BoardConsole, kind: Board | undefined): Promise<BoardTraits> {
  const serialNumber = await console.evaluateJson<string>("getSerial()");
  const end = serialNumber.replace(/[^0-9A-Za-z]/g, "").slice(-SERIAL_NUMBER_END);
  return {
    deviceId: `${kind?.id ?? console.interpreter.board}-${end}`.toLowerCase(),
    hasWifi: kind?.radio.wifi ?? true,
    hasTls: kind?.tls ?? true,
  };
}

/** The location of Storage is known only for motekit's boards; other boards are not repaired before writing. */
export function recordBoard(console: BoardConsole, kind: Board | undefined): RecordBoard {
  return {
    name: console.line.name,
    evaluateJson: (expression) => console.evaluateJson(expression),
    async writeFile(file, bytes) {
      if (kind) await repairTornHeader(console, kind.storage);
      await sendFile(console, file, bytes);
    },
  };
}

/** Restarts the firmware. Calls `onLine` with each line of the console, until the returned function is called. */
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
