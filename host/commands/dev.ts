import { relative, resolve } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import { type Board, loadBoard } from "../boards.ts";
import type { BrokerEvent } from "../broker/broker-event.ts";
import type { BuildResult } from "../build/build.ts";
import { SourceWatcher } from "../build/source-watcher.ts";
import { MotekitError } from "../errors.ts";
import { BoardFleet, type BoardListener } from "../fleet/board-fleet.ts";
import { DEFAULT_PORT, type Hub, LOOPBACK, startHub } from "../hub/hub.ts";
import { formatHubEvent, hubEventRecord } from "../hub/reports/hub-event.ts";
import { DEFAULT_HUB_FOLDER, type LocalHubOptions, localHub, mergeSettings } from "../local-hub/local-hub.ts";
import { pageActions } from "../local-hub/page-actions.ts";
import { findEntry } from "../project/find-entry.ts";
import { loadProject } from "../project/project-file.ts";
import { ENGINES, type Engine } from "../simulator/board-api/simulated-board.ts";
import { jsonReporter, textReporter } from "../simulator/engines/board-reporter.ts";
import {
  BOARD_HELP,
  type CommandContext,
  ENGINE_HELP,
  ENTRY_HELP,
  ESPRUINO_HELP,
  SIMULATED_ID_HELP,
} from "../terminal/command-context.ts";
import { formatError, formatWarnings } from "../terminal/problem-report.ts";
import { positionsOnDisk } from "../trace/disk-positions.ts";

interface DevCommandOptions {
  readonly board: string;
  readonly engine: Engine;
  readonly espruino?: string;
  readonly id?: string;
  readonly json?: true;
}

/** The entry, board and hub of one run of `dev`. They do not change during the run. */
interface DevSession {
  readonly entry: string;
  readonly board: Board;
  readonly fleet: BoardFleet;
  readonly hub: Hub;
  /** The options that the hub was started with. The hub may listen on other ports if these are taken. */
  readonly networks: LocalHubOptions;
  readonly options: DevCommandOptions;
}

/** Number of messages that the terminal shows. After them it shows only the board's console. */
const MESSAGES_SHOWN_MAX = 8;

export function devCommand(context: CommandContext): Command {
  return new Command("dev")
    .argument("[entry]", ENTRY_HELP)
    .option("-b, --board <id>", BOARD_HELP, "esp32")
    .addOption(new Option("--engine <name>", ENGINE_HELP).choices([...ENGINES]).default("node"))
    .option("--espruino <path>", ESPRUINO_HELP)
    .option("--id <device>", SIMULATED_ID_HELP)
    .option("--json", "print each event as a line of JSON")
    .action((entry: string | undefined, options: DevCommandOptions) => develop(context, entry, options));
}

async function develop(
  context: CommandContext,
  entry: string | undefined,
  options: DevCommandOptions,
): Promise<void> {
  const { workingFolder } = context;
  const board = loadBoard(options.board);
  const path = findEntry(entry, workingFolder);
  const ports: { hub: Hub | undefined } = { hub: undefined };
  const fleet = new BoardFleet({
    entry: () => path,
    workingFolder,
    hub: () => ({ host: LOOPBACK, port: ports.hub?.port ?? DEFAULT_PORT }),
    engine: options.engine,
    espruinoProgram: options.espruino,
  });
  try {
    // The build comes first, so that a build error is shown before ports are opened.
    const build = await fleet.build(board);
    for (const warning of formatWarnings(build.warnings)) context.warn(warning);
    const networks = await hubNetworks(workingFolder);
    ports.hub = await openHub(context, networks, options, path, fleet);
    await developWith(context, { entry: path, board, fleet, hub: ports.hub, networks, options }, build);
  } finally {
    await fleet.close();
    await ports.hub?.close();
  }
}

/**
 * The settings of `localHub` in the project file, with three differences: the hub listens on this computer only; it admits
 * unknown devices, because the simulated board is one; and it has no routes, so that simulated data goes nowhere else.
 */
async function hubNetworks(workingFolder: string): Promise<LocalHubOptions> {
  const { config } = await loadProject(workingFolder);
  const settings = mergeSettings({ host: LOOPBACK, profile: "open", routes: [] }, config);
  return (await localHub(settings, resolve(workingFolder, DEFAULT_HUB_FOLDER))).options;
}

function openHub(
  context: CommandContext,
  networks: LocalHubOptions,
  options: DevCommandOptions,
  entry: string,
  fleet: BoardFleet,
): Promise<Hub> {
  const { workingFolder } = context;
  return startHub({
    ...networks,
    onTakenPort: "next",
    // The hub listens on loopback only, where no board on the network can reach it.
    control: pageActions({ workingFolder, entry, hubUrl: () => undefined, fleet }),
    onEvent: hubReporter(context, options.json === true),
    onProblem: (error) => context.warn(formatError(error)),
  });
}

function announce(
  context: CommandContext,
  { entry, board, hub, networks, options }: DevSession,
  build: BuildResult,
): void {
  const { port, wsPort, tlsPort, wssPort, pageUrl, pageLink } = hub;
  if (options.json) {
    const ports = { port, wsPort, tlsPort, wssPort };
    context.print(JSON.stringify({ event: "listening", ...ports, pageUrl, pageLink, board: board.id }));
    return;
  }
  const warnOfOtherPort = (service: string, wanted: number | undefined, got: number | undefined): void => {
    if (wanted && wanted !== got)
      context.warn(
        pc.yellow(`Port ${wanted} is in use by another program, so ${service} uses port ${got} instead.`),
      );
  };
  warnOfOtherPort("MQTT", networks.port, port);
  warnOfOtherPort("the page", networks.wsPort, wsPort);
  warnOfOtherPort("MQTT over TLS", networks.tlsPort, tlsPort);
  warnOfOtherPort("the page over HTTPS", networks.wssPort, wssPort);
  context.print(`${pc.bold("page")}      ${pc.cyan(pageLink)}`);
  const addresses = Object.entries({ mqtt: port, ws: wsPort, mqtts: tlsPort, wss: wssPort }).flatMap(
    ([scheme, at]) => (at === undefined ? [] : [`${scheme}://${LOOPBACK}:${at}`]),
  );
  context.print(`${pc.bold("hub")}       ${addresses.join("  ")}`);
  context.print(`${pc.bold("board")}     ${board.name}, simulated`);
  context.print(
    `${pc.bold("firmware")}  ${relative(context.workingFolder, entry)}, ${build.manifest.sizeBytes} bytes`,
  );
  context.print(pc.dim("The board restarts when a source file changes. Press Ctrl-C to stop."));
}

/** Prints the first messages only, as proof that the hub works. The page shows all of them. */
function hubReporter(context: CommandContext, json: boolean): (event: BrokerEvent) => void {
  let shown = 0;
  return (event) => {
    if (json) return context.print(JSON.stringify(hubEventRecord(event)));
    if (event.kind === "turned away") return context.warn(formatHubEvent(event));
    if (event.kind !== "published" || shown >= MESSAGES_SHOWN_MAX) return;
    context.print(formatHubEvent(event));
    shown++;
    if (shown === MESSAGES_SHOWN_MAX) context.print(pc.dim("… the page shows all further messages"));
  };
}

/** Boots the board, and restarts all boards after each change that builds, until the signal is aborted. */
async function developWith(context: CommandContext, session: DevSession, first: BuildResult): Promise<void> {
  const { fleet, options } = session;
  announce(context, session, first);
  // Watching starts before the boot, which takes time, so that no change is missed.
  const changes = new SourceWatcher();
  changes.watch(first.files);
  try {
    await fleet.boot(
      { board: options.board, id: options.id },
      { build: first, listen: (build) => terminalListener(context, session, build) },
    );
    while (await changes.next(context.signal)) {
      const build = await rebuildOrReport(context, session);
      if (build) changes.watch(build.files);
    }
  } finally {
    changes.close();
  }
}

/** Prints the console of the board that `dev` started. The page shows the consoles of boards that it starts. */
function terminalListener(
  context: CommandContext,
  { board, options }: DevSession,
  build: BuildResult,
): BoardListener {
  const { workingFolder } = context;
  const reporter = options.json
    ? jsonReporter(context)
    : textReporter(context, board, positionsOnDisk({ ...build, workingFolder }));
  return {
    onLine: (line) => reporter.onLine(line),
    onPin: (pin, level) => reporter.onPin(pin, level),
    onEnded: (detail) => {
      reporter.end();
      context.warn(pc.red(`The board stopped: ${detail}.`));
    },
    end: () => reporter.end(),
  };
}

/** Reports a build error and returns undefined; the boards continue with the previous build. */
async function rebuildOrReport(
  context: CommandContext,
  { fleet, board, options }: DevSession,
): Promise<BuildResult | undefined> {
  try {
    const build = await fleet.rebuild(board);
    const { sizeBytes } = build.manifest;
    context.print(
      options.json
        ? JSON.stringify({ event: "rebuilt", sizeBytes })
        : pc.green(`rebuilt, ${sizeBytes} bytes`),
    );
    return build;
  } catch (error) {
    if (!(error instanceof MotekitError)) throw error;
    if (options.json) context.print(JSON.stringify({ event: "build-failed", problems: error.problems }));
    else context.warn(formatError(error));
    return undefined;
  }
}
