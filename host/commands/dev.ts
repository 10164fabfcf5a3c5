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
import type { CommandContext } from "../terminal/command-context.ts";
import { formatError, formatWarnings } from "../terminal/problem-report.ts";
import { positionsOnDisk } from "../trace/disk-positions.ts";

interface DevCommandOptions {
  readonly board: string;
  readonly engine: Engine;
  readonly espruino?: string;
  readonly id?: string;
  readonly json?: true;
}

/** What `dev` works on; it does not change over a run. */
interface Subject {
  readonly entry: string;
  readonly board: Board;
  readonly fleet: BoardFleet;
  readonly hub: Hub;
  /** What the hub was asked for; ports that are taken are others'. */
  readonly networks: LocalHubOptions;
  readonly options: DevCommandOptions;
}

/** Messages shown before the terminal is left to the board's console. */
const MESSAGES_SHOWN_MAX = 8;

export function devCommand(context: CommandContext): Command {
  return new Command("dev")
    .description(
      "firmware on a simulated board, hub and web page in one; a change of a source reboots the board",
    )
    .argument("[entry]", "the firmware's first file (default: src/main.ts, else the reference firmware)")
    .option("-b, --board <id>", "the board's ID, or the path of a board file", "esp32")
    .addOption(new Option("--engine <name>", "what runs the bundle").choices([...ENGINES]).default("node"))
    .option("--espruino <path>", "Espruino for Linux, for --engine espruino (default: espruino on PATH)")
    .option("--id <device>", "the device's ID (default: the board's ID and -sim)")
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
    // Before the hub takes its ports: what does not build is seen at once.
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
 * As `localHub` of the project file says, but that its hub is this machine's alone; that strangers come in, for the simulated
 * board is one, beside the devices that `motekit hub` has; and that no route sends on what that board makes up.
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
    // A board on the network cannot reach it.
    control: pageActions({ workingFolder, entry, hubUrl: () => undefined, fleet }),
    onEvent: hubReporter(context, options.json === true),
    onProblem: (error) => context.warn(formatError(error)),
  });
}

function announce(
  context: CommandContext,
  { entry, board, hub, networks, options }: Subject,
  build: BuildResult,
): void {
  const { port, wsPort, tlsPort, wssPort, pageUrl, pageLink } = hub;
  if (options.json) {
    const ports = { port, wsPort, tlsPort, wssPort };
    context.print(JSON.stringify({ event: "listening", ...ports, pageUrl, pageLink, board: board.id }));
    return;
  }
  const sayIfMoved = (what: string, wanted: number | undefined, got: number | undefined): void => {
    if (wanted && wanted !== got)
      context.warn(pc.yellow(`Port ${wanted} is taken by another program; ${what} is on ${got}.`));
  };
  sayIfMoved("MQTT", networks.port, port);
  sayIfMoved("the page", networks.wsPort, wsPort);
  sayIfMoved("MQTT over TLS", networks.tlsPort, tlsPort);
  sayIfMoved("the page by https", networks.wssPort, wssPort);
  context.print(`${pc.bold("page")}      ${pc.cyan(pageLink)}`);
  const addresses = Object.entries({ mqtt: port, ws: wsPort, mqtts: tlsPort, wss: wssPort }).flatMap(
    ([scheme, at]) => (at === undefined ? [] : [`${scheme}://${LOOPBACK}:${at}`]),
  );
  context.print(`${pc.bold("hub")}       ${addresses.join("  ")}`);
  context.print(`${pc.bold("board")}     ${board.name}, simulated`);
  context.print(
    `${pc.bold("firmware")}  ${relative(context.workingFolder, entry)}, ${build.manifest.sizeBytes} bytes`,
  );
  context.print(pc.dim("A change of its sources reboots the board. Ctrl-C stops everything."));
}

/** Shows the first messages, so that one sees the hub work; they go on in the page. */
function hubReporter(context: CommandContext, json: boolean): (event: BrokerEvent) => void {
  let shown = 0;
  return (event) => {
    if (json) return context.print(JSON.stringify(hubEventRecord(event)));
    if (event.kind === "turned away") return context.warn(formatHubEvent(event));
    if (event.kind !== "published" || shown >= MESSAGES_SHOWN_MAX) return;
    context.print(formatHubEvent(event));
    shown++;
    if (shown === MESSAGES_SHOWN_MAX) context.print(pc.dim("… further messages are in the page"));
  };
}

/** Boots the board, and starts all again after each change that builds, until told to end. */
async function developWith(context: CommandContext, subject: Subject, first: BuildResult): Promise<void> {
  const { fleet, options } = subject;
  announce(context, subject, first);
  // Before the boot, which may take a while: a change in between must not be missed.
  const changes = new SourceWatcher();
  changes.watch(first.files);
  try {
    await fleet.boot(
      { board: options.board, id: options.id },
      { build: first, listen: (build) => terminalListener(context, subject, build) },
    );
    while (await changes.next(context.signal)) {
      const build = await rebuildOrReport(context, subject);
      if (build) changes.watch(build.files);
    }
  } finally {
    changes.close();
  }
}

/** The terminal shows the board that it was started with; those that the page boots have their consoles there. */
function terminalListener(
  context: CommandContext,
  { board, options }: Subject,
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

/** A source that does not build is a step on the way: it is reported, and the boards go on with what they have. */
async function rebuildOrReport(
  context: CommandContext,
  { fleet, board, options }: Subject,
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
