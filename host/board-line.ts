/** From a command's options to the console of a board on a serial port. */
import type { Command } from "commander";
import { boardByEspruinoName, listBoards } from "./boards.ts";
import { type CommandContext, integerAbove } from "./command-context.ts";
import { loadProject } from "./project-file.ts";
import { BoardConsole } from "./serial/console.ts";
import { BAUD_RATE_DEFAULT } from "./serial/line.ts";
import { listNodePorts, openNodeLine } from "./serial/node-line.ts";
import { likelyPort, type UsbBridge } from "./serial/ports.ts";
import { mendTornHeader } from "./serial/torn-header.ts";

export interface LineOptions {
  readonly port?: string;
  readonly baud: number;
}

/** Adds the options that every command with a board on a line has. */
export function withLineOptions(command: Command): Command {
  return command
    .option(
      "-p, --port <name>",
      "the board's serial port (default: MOTEKIT_PORT, the project's, or the only likely one)",
    )
    .option("--baud <rate>", "bits a second", integerAbove(0), BAUD_RATE_DEFAULT);
}

/** Those of all boards that motekit knows. */
export function knownBridges(): UsbBridge[] {
  return listBoards().flatMap(({ usb }) => usb);
}

/** @throws MK1607 where no port is named and none is the only likely one. */
export async function choosePort(context: CommandContext, options: LineOptions): Promise<string> {
  const named =
    options.port ||
    context.environment.MOTEKIT_PORT ||
    (await loadProject(context.workingFolder)).config.port;
  return named || likelyPort(await listNodePorts(), knownBridges());
}

/**
 * Opens the board's line, lends the console, and closes the line, whatever happens. Ctrl-C closes it too, upon which
 * `work` fails in its next call to the board; nothing is thrown for that then.
 */
export async function withBoard(
  context: CommandContext,
  options: LineOptions,
  work: (console: BoardConsole) => Promise<void>,
): Promise<void> {
  const line = await openNodeLine(await choosePort(context, options), { baudRate: options.baud });
  const close = () => void line.close();
  context.signal.addEventListener("abort", close);
  try {
    await work(new BoardConsole(line));
  } catch (error) {
    if (!context.signal.aborted) throw error;
    context.setFailed();
  } finally {
    context.signal.removeEventListener("abort", close);
    await line.close();
  }
}

/**
 * To be called before a file is written to the board that was identified. Where Storage lies is known of motekit's boards
 * only: any other is written to as it is.
 *
 * @throws MK1623 its Storage is damaged.
 */
export async function mendStorage(console: BoardConsole): Promise<void> {
  const board = boardByEspruinoName(console.interpreter.board);
  if (board) await mendTornHeader(console, board.storage);
}
