import { connect } from "node:net";
import { Command, Option } from "commander";
import type { HubAddress } from "../../firmware/contract/configuration.ts";
import { loadBoard } from "../boards.ts";
import { buildFirmware } from "../build/build.ts";
import { parseHubAddress } from "../configure/hub-address.ts";
import { MotekitError } from "../errors.ts";
import { findEntry } from "../project/find-entry.ts";
import { ENGINES, type Engine, type ExitReason } from "../simulator/board-api/simulated-board.ts";
import { jsonReporter, textReporter } from "../simulator/engines/board-reporter.ts";
import { bootBoard } from "../simulator/engines/boot-board.ts";
import { simulatedConfiguration } from "../simulator/engines/simulated-configuration.ts";
import {
  BOARD_HELP,
  type CommandContext,
  ENGINE_HELP,
  ENTRY_HELP,
  ESPRUINO_HELP,
  SIMULATED_ID_HELP,
  untilAborted,
} from "../terminal/command-context.ts";
import { formatWarnings } from "../terminal/problem-report.ts";
import { positionsOnDisk } from "../trace/disk-positions.ts";

interface SimulateCommandOptions {
  readonly board: string;
  readonly hub: string;
  readonly engine: Engine;
  readonly espruino?: string;
  readonly id?: string;
  readonly wait?: true;
  readonly json?: true;
}

const HUB_DEFAULT = "mqtt://127.0.0.1:1883";
const HUB_PROBE_MS = 5_000;

export function simulateCommand(context: CommandContext): Command {
  return new Command("simulate")
    .argument("[entry]", ENTRY_HELP)
    .requiredOption("-b, --board <id>", BOARD_HELP)
    .option("--hub <url>", "the hub, as mqtt://user:password@host:port", HUB_DEFAULT)
    .addOption(new Option("--engine <name>", ENGINE_HELP).choices([...ENGINES]).default("node"))
    .option("--espruino <path>", ESPRUINO_HELP)
    .option("--id <device>", SIMULATED_ID_HELP)
    .option("--wait", "start even if no hub listens at the address yet")
    .option("--json", "print each event as a line of JSON")
    .action((entry: string | undefined, options: SimulateCommandOptions) =>
      simulate(context, entry, options),
    );
}

async function simulate(
  context: CommandContext,
  entry: string | undefined,
  options: SimulateCommandOptions,
): Promise<void> {
  const board = loadBoard(options.board);
  const hub = parseHub(options.hub);
  const build = await buildFirmware({ entry: findEntry(entry, context.workingFolder), board });
  for (const warning of formatWarnings(build.warnings)) context.warn(warning);
  const absence = await probeHub(hub);
  if (absence && !options.wait) throw absence;
  if (absence) context.warn(`${absence.message} The firmware keeps trying to connect.`);
  const { workingFolder } = context;
  const reporter = options.json
    ? jsonReporter(context)
    : textReporter(context, board, positionsOnDisk({ ...build, workingFolder }));
  let exited: (reason: ExitReason) => void = () => undefined;
  const whenExited = new Promise<ExitReason>((resolve) => {
    exited = resolve;
  });
  const simulated = await bootBoard({
    board,
    app: build.app,
    configuration: simulatedConfiguration(board, hub, options.id),
    engine: options.engine,
    ...(options.espruino === undefined ? {} : { espruinoProgram: options.espruino }),
    ...reporter,
    onExit(reason) {
      reporter.end();
      exited(reason);
    },
  });
  const reason = await Promise.race([whenExited, untilAborted(context.signal)]);
  await simulated.stop();
  if (reason?.kind === "ended") throw interpreterEnded(reason.detail);
}

/** Throws MK1301 if the address is not valid. Exported for its tests. */
export function parseHub(text: string): HubAddress {
  const address = parseHubAddress(text);
  if (address) return address;
  throw new MotekitError({
    code: "MK1301",
    message: "The hub's address is not valid: it must have the form mqtt://user:password@host:port.",
    remedy: `Correct it, as in --hub ${HUB_DEFAULT}. User and password are optional and percent-encoded.`,
  });
}

/** Resolves with the error MK1303 if nothing listens at the address, otherwise with undefined. */
function probeHub({ host, port }: HubAddress): Promise<MotekitError | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: HUB_PROBE_MS });
    const absent = (cause: Error) => {
      socket.destroy();
      const message = `No hub listens at ${host}:${port} (${cause.message || (cause as NodeJS.ErrnoException).code}).`;
      const remedy =
        "Start a hub with `motekit hub`, give another address with --hub, or start without a hub with --wait.";
      resolve(new MotekitError({ code: "MK1303", message, remedy }, { cause }));
    };
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("timeout", () => absent(new Error(`no answer within ${HUB_PROBE_MS / 1000} s`)));
    socket.once("error", absent);
  });
}

function interpreterEnded(detail: string): MotekitError {
  return new MotekitError({
    code: "MK1306",
    message: `The Espruino program ended unexpectedly (${detail}).`,
    remedy: "Read the cause in its last lines above, or run the same bundle with --engine node.",
  });
}
