import { Command } from "commander";
import {
  type FirmwareOptions,
  flashBoard,
  loadFirmware,
  loadFlashableBoard,
  noFirmware,
  printFlashed,
  withFirmwareOptions,
  withFlashRate,
} from "../attached-board/board-flash.ts";
import { openBoardLine, unlessInterrupted } from "../attached-board/board-line.ts";
import { MotekitError } from "../errors.ts";
import { BAUD_RATE_DEFAULT } from "../serial/line.ts";
import type { CommandContext } from "../terminal/command-context.ts";

interface FlashCommandOptions extends FirmwareOptions {
  readonly baud: number;
  readonly port?: string;
  readonly board?: string;
  readonly erase?: true;
  readonly eraseStorage?: true;
  readonly json?: true;
}

export function flashCommand(context: CommandContext): Command {
  const command = new Command("flash")
    .description("write the interpreter into a chip's flash, or erase it")
    .option(
      "-p, --port <name>",
      "the board's serial port (default: MOTEKIT_PORT, the project's, or the only likely one)",
    )
    .option(
      "-b, --board <id>",
      "the board's ID, or the path of a board file (default: what the package is for)",
    )
    .option("--erase", "erase all of the flash first: files, configuration and app too")
    .option("--erase-storage", "erase the board's files, the way out of an app that never lets go")
    .option("--json", "print the outcome as JSON");
  return withFlashRate(withFirmwareOptions(command), "--baud <rate>").action((options: FlashCommandOptions) =>
    run(context, options),
  );
}

async function run(context: CommandContext, options: FlashCommandOptions): Promise<void> {
  const erase = options.erase ? "all" : options.eraseStorage ? "storage" : undefined;
  if (options.firmware === undefined && erase === undefined) throw noFirmware();
  if (options.firmware === undefined && options.sha256 !== undefined) throw sha256OfNothing();
  const board = options.board === undefined ? undefined : loadFlashableBoard(options.board);
  const firmware =
    options.firmware === undefined
      ? undefined
      : await loadFirmware(context, options.firmware, options, options.board);
  const line = await openBoardLine(context, { ...options, baud: BAUD_RATE_DEFAULT });
  try {
    await unlessInterrupted(context, line, async () => {
      const flashed = await flashBoard(
        context,
        line,
        {
          baudRate: options.baud,
          ...(firmware && { firmware }),
          ...(erase && { erase }),
          ...(board && { board }),
        },
        options.json === true,
      );
      if (options.json) context.print(JSON.stringify({ ok: true, port: line.name, ...flashed }));
      else printFlashed(context, line, flashed);
    });
  } finally {
    await line.close();
  }
}

function sha256OfNothing(): MotekitError {
  return new MotekitError({
    code: "MK1909",
    message: "--sha256 was given, and no --firmware that it could be of.",
    remedy: "Give the package by --firmware, or leave --sha256 out.",
  });
}
