import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { openBoardLine, withLineOptions } from "../attached-board/board-line.ts";
import { BoardWatch, type MonitorOptions, withMonitorOptions } from "../attached-board/board-monitor.ts";
import type { CommandContext } from "../terminal/command-context.ts";
import { readPositions, SOURCE_MAP_DEFAULT } from "../trace/read-positions.ts";

interface MonitorCommandOptions extends MonitorOptions {
  readonly map?: string;
  readonly name?: string;
}

export function monitorCommand(context: CommandContext): Command {
  const command = new Command("monitor")
    .option(
      "-m, --map <path>",
      `the source map of the app on the board (default: ${SOURCE_MAP_DEFAULT} if it exists)`,
    )
    .option("--name <file>", "the app's file name in the board's Storage, if it does not start with app")
    .option("--json", "print each console line and each stack trace as a line of JSON");
  return withLineOptions(withMonitorOptions(command)).action(async (options: MonitorCommandOptions) => {
    const positions = positionsOf(context, options);
    const line = await openBoardLine(context, options);
    const watch = new BoardWatch(context, options, line.name, positions);
    const end = await watch.run(line, context.signal);
    await end.line?.close();
  });
}

function positionsOf(context: CommandContext, { map, name }: MonitorCommandOptions) {
  const path = map ?? SOURCE_MAP_DEFAULT;
  if (map === undefined && !existsSync(resolve(context.workingFolder, path))) return undefined;
  return readPositions(context.workingFolder, { map: path, ...(name !== undefined && { name }) });
}
