/** Opens the console of a board on a serial port from a command's options. */
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
    .option("--baud <rate>", "baud rate", integerAbove(0), BAUD_RATE_DEFAULT);
}

/** The USB bridges of all boards that motekit knows. */
export function knownBridges(): UsbBridge[] {
  return listBoards().flatMap(({ usb }) => usb);
}

/** @throws MK1607 if no port is named and not exactly one is likely. */
export async function choosePort(context: CommandContext, options: LineOptions): Promise<string> {
  const named =
    options.port ||
    context.environment.MOTEKIT_PORT ||
    (await loadProject(context.workingFolder)).config.port;
  return named || likelyPort(await listNodePorts(), knownBridges());
}

/** Throws MK1607, and like `openNodeLine`. */
export async function openBoardLine(context: CommandContext, options: LineOptions): Promise<Line> {
  return openNodeLine(await choosePort(context, options), { baudRate: options.baud });
}

/**
 * Opens the board's line, runs `work` with its console, and always closes the line. Ctrl-C closes it at once and interrupts
 * the command.
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

/** Resolves to the result of `work`, or to undefined after Ctrl-C, when the line is closed and `work` is abandoned. */
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
      // The work fails at its next call to the board, as intended.
      working.catch(() => undefined);
      context.setInterrupted();
      await line.close();
    }
  }
}

/**
 * Repairs the Storage of the identified board. To be called before a file is written. The location of Storage is known only
 * for motekit's boards; other boards are not repaired.
 *
 * @throws MK1623 its Storage is damaged.
 */
export async function repairStorage(console: BoardConsole): Promise<void> {
  const board = boardByEspruinoName(console.interpreter.board);
  if (board) await repairTornHeader(console, board.storage);
}
