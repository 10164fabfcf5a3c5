/** From a command's options to the console of a board on a serial port. */
import type { Command } from "commander";
import { boardByEspruinoName, listBoards } from "../boards.ts";
import { loadProject } from "../project/project-file.ts";
import { BoardConsole } from "../serial/console.ts";
import { BAUD_RATE_DEFAULT, type Line } from "../serial/line.ts";
import { listNodePorts, openNodeLine } from "../serial/node-line.ts";
import { likelyPort, type UsbBridge } from "../serial/ports.ts";
import { repairTornHeader } from "../serial/torn-header.ts";
import { type CommandContext, integerAbove, untilAborted } from "../terminal/command-context.ts";

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

/** @throws MK1607, and as `openNodeLine`. */
export async function openBoardLine(context: CommandContext, options: LineOptions): Promise<Line> {
  return openNodeLine(await choosePort(context, options), { baudRate: options.baud });
}

/**
 * Opens the board's line, lends the console, and closes the line, whatever happens. Ctrl-C closes it at once, and
 * the command is interrupted then.
 */
export async function withBoard(
  context: CommandContext,
  options: LineOptions,
  work: (console: BoardConsole) => Promise<void>,
): Promise<void> {
  const line = await openBoardLine(context, options);
  try {
    await unlessInterrupted(context, line, () => work(new BoardConsole(line)));
  } finally {
    await line.close();
  }
}

/** The outcome of the work, or undefined where Ctrl-C came first: the line is closed then, and nobody waits for the work. */
export async function unlessInterrupted<Value>(
  context: CommandContext,
  line: Line,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  const { signal } = context;
  const interrupted = untilAborted(signal);
  const working = work();
  try {
    return await Promise.race([working, interrupted.then(() => undefined)]);
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  } finally {
    if (signal.aborted) {
      // It fails in its next call to the board, which is what is wanted.
      working.catch(() => undefined);
      context.setInterrupted();
      await line.close();
    }
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
  if (board) await repairTornHeader(console, board.storage);
}
