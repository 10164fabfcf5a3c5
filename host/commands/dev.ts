import { relative, resolve } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import { type Board, loadBoard } from "../boards.ts";
import type { BrokerEvent } from "../broker/broker-event.ts";
import { type Builder, type BuildResult, createBuilder } from "../build/build.ts";
import { SourceWatcher } from "../build/source-watcher.ts";
import type { CommandContext } from "../command-context.ts";
import { MotekitError } from "../errors.ts";
import { DEFAULT_PORT, DEFAULT_WS_PORT, type Hub, LOOPBACK, startHub } from "../hub/hub.ts";
import { formatHubEvent, hubEventRecord } from "../hub/hub-event.ts";
import { DEFAULT_HUB_FOLDER } from "../local-hub.ts";
import { pageActions } from "../page-actions.ts";
import { formatError } from "../problem-report.ts";
import { findEntry } from "../project.ts";
import { jsonReporter, textReporter } from "../simulator/board-reporter.ts";
import { bootBoard } from "../simulator/boot-board.ts";
import { ENGINES, type Engine, type SimulatedBoard } from "../simulator/simulated-board.ts";
import { simulatedConfiguration } from "../simulator/simulated-configuration.ts";
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
  readonly builder: Builder;
  readonly hub: Hub;
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
  const board = loadBoard(options.board);
  const path = findEntry(entry, context.workingFolder);
  const builder = createBuilder({ entry: path, board });
  try {
    await developWith(context, { entry: path, board, builder, options });
  } finally {
    await builder.dispose();
  }
}

async function developWith(context: CommandContext, work: Omit<Subject, "hub">): Promise<void> {
  const { options } = work;
  const build = await work.builder.build();
  const hub = await startHub({
    host: LOOPBACK,
    port: DEFAULT_PORT,
    wsPort: DEFAULT_WS_PORT,
    onTakenPort: "next",
    // The devices of the project, as `motekit hub` has them; strangers come in all the same.
    hubFolder: resolve(context.workingFolder, DEFAULT_HUB_FOLDER),
    // Its hub is this machine's alone: a board on the network cannot reach it.
    control: pageActions({
      workingFolder: context.workingFolder,
      entry: work.entry,
      hubUrl: () => undefined,
    }),
    onEvent: hubReporter(context, options.json === true),
  });
  try {
    const subject = { ...work, hub };
    announce(context, subject, build);
    await runBoards(context, subject, build);
  } finally {
    await hub.close();
  }
}

function announce(
  context: CommandContext,
  { entry, board, hub, options }: Subject,
  build: BuildResult,
): void {
  if (options.json) {
    const { port, wsPort, pageUrl, pageLink } = hub;
    context.print(JSON.stringify({ event: "listening", port, wsPort, pageUrl, pageLink, board: board.id }));
    return;
  }
  const sayIfMoved = (what: string, wanted: number, got: number): void => {
    if (wanted !== got)
      context.warn(pc.yellow(`Port ${wanted} is taken by another program; ${what} is on ${got}.`));
  };
  sayIfMoved("MQTT", DEFAULT_PORT, hub.port);
  sayIfMoved("the page", DEFAULT_WS_PORT, hub.wsPort);
  context.print(`${pc.bold("page")}      ${pc.cyan(hub.pageLink)}`);
  context.print(`${pc.bold("hub")}       mqtt://${LOOPBACK}:${hub.port}  ws://${LOOPBACK}:${hub.wsPort}`);
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

function boot(
  context: CommandContext,
  { board, hub, options }: Subject,
  build: BuildResult,
): Promise<SimulatedBoard> {
  const { workingFolder } = context;
  const reporter = options.json
    ? jsonReporter(context)
    : textReporter(context, board, positionsOnDisk({ ...build, workingFolder }));
  return bootBoard({
    board,
    app: build.app,
    configuration: simulatedConfiguration(board, { host: LOOPBACK, port: hub.port }, options.id),
    engine: options.engine,
    ...(options.espruino === undefined ? {} : { espruinoProgram: options.espruino }),
    ...reporter,
    onExit: (reason) => {
      reporter.end();
      if (reason.kind === "ended") context.warn(pc.red(`The board stopped: ${reason.detail}.`));
    },
  });
}

/** Boots the build, and after it each one that a change brings, until told to end. */
async function runBoards(context: CommandContext, subject: Subject, first: BuildResult): Promise<void> {
  // Before the boot, which may take a while: a change in between must not be missed.
  const changes = new SourceWatcher();
  changes.watch(first.files);
  let simulated = await boot(context, subject, first);
  try {
    while (await changes.next(context.signal)) {
      const build = await buildOrReport(context, subject);
      if (!build) continue;
      changes.watch(build.files);
      await simulated.stop();
      simulated = await boot(context, subject, build);
    }
  } finally {
    changes.close();
    await simulated.stop();
  }
}

/** A source that does not build is a step on the way: it is reported, and the board goes on with what it has. */
async function buildOrReport(context: CommandContext, subject: Subject): Promise<BuildResult | undefined> {
  const { builder, options } = subject;
  try {
    const build = await builder.build();
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
