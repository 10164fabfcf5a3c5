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
import { type CommandContext, untilAborted } from "../terminal/command-context.ts";
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
    .description("run firmware on a simulated board, with real MQTT to a hub")
    .argument("[entry]", "the firmware's first file (default: src/main.ts, else the reference firmware)")
    .requiredOption("-b, --board <id>", "the board's ID, or the path of a board file")
    .option("--hub <url>", "the hub, as mqtt://user:password@host:port", HUB_DEFAULT)
    .addOption(new Option("--engine <name>", "what runs the bundle").choices([...ENGINES]).default("node"))
    .option("--espruino <path>", "Espruino for Linux, for --engine espruino (default: espruino on PATH)")
    .option("--id <device>", "the device's ID (default: the board's ID and -sim)")
    .option("--wait", "start although nothing listens at the hub's address yet")
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
  if (absence) context.warn(`${absence.message} The firmware keeps trying.`);
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

/** Throws MK1301. Exported for its tests. */
export function parseHub(text: string): HubAddress {
  const address = parseHubAddress(text);
  if (address) return address;
  throw new MotekitError({
    code: "MK1301",
    message: "The hub's address is not one of the form mqtt://user:password@host:port.",
    remedy: `Give it as in --hub ${HUB_DEFAULT}; user and password are optional and percent-encoded.`,
  });
}

/** MK1303 where nothing listens; undefined where something does. */
function probeHub({ host, port }: HubAddress): Promise<MotekitError | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: HUB_PROBE_MS });
    const absent = (cause: Error) => {
      socket.destroy();
      const message = `No hub listens at ${host}:${port} (${cause.message || (cause as NodeJS.ErrnoException).code}).`;
      const remedy = "Start one by `motekit hub`, give another by --hub, or use --wait to start without it.";
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
    message: `Espruino ended by itself (${detail}).`,
    remedy: "Its last lines above say why; --engine node runs the same bundle without it.",
  });
}
