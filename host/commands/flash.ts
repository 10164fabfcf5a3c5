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
import { BOARD_HELP, type CommandContext } from "../terminal/command-context.ts";

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
    .option(
      "-p, --port <name>",
      "the board's serial port (default: MOTEKIT_PORT, then the project file, then the only port that looks like a board)",
    )
    .option("-b, --board <id>", `${BOARD_HELP} (default: the board that the interpreter's package is for)`)
    .option("--erase", "first erase the whole flash, with files, configuration and app")
    .option("--erase-storage", "erase all files of the board, for example if its app blocks the console")
    .option("--json", "print the result as JSON");
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
    message: "The option --sha256 was given without --firmware, so there is no package to compare with.",
    remedy: "Give the package with --firmware, or leave --sha256 out.",
  });
}
