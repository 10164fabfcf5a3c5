import { Command } from "commander";
import { withFirmwareOptions, withFlashRate } from "../attached-board/board-flash.ts";
import { openBoardLine, unlessInterrupted, withLineOptions } from "../attached-board/board-line.ts";
import {
  BoardWatch,
  type MonitorOptions,
  type WatchEnd,
  withMonitorOptions,
} from "../attached-board/board-monitor.ts";
import {
  configureAfter,
  flashFirst,
  planSetup,
  type SetupOptions,
  type SetupPlan,
} from "../attached-board/board-setup.ts";
import {
  type AppUploadOptions,
  planUpload,
  type UploadPlan,
  uploadApp,
  withUploadOptions,
} from "../attached-board/board-upload.ts";
import type { BuildResult } from "../build/build.ts";
import { SourceWatcher } from "../build/source-watcher.ts";
import { MotekitError } from "../errors.ts";
import { BoardConsole } from "../serial/console.ts";
import type { Line } from "../serial/line.ts";
import { type CommandContext, ENTRY_HELP } from "../terminal/command-context.ts";
import { formatError } from "../terminal/problem-report.ts";
import { positionsOnDisk } from "../trace/disk-positions.ts";

interface RunCommandOptions extends AppUploadOptions, MonitorOptions, SetupOptions {
  readonly watch?: true;
  readonly board?: string;
  readonly json?: true;
}

export function runCommand(context: CommandContext): Command {
  const command = new Command("run")
    .argument("[entry]", ENTRY_HELP)
    .option("--watch", "upload again each time a source file changes")
    .option(
      "--flash",
      "write the interpreter before the upload and the configuration after it, for a blank board",
    )
    .option("--erase", "first erase the whole flash (only with --flash)")
    .option("--json", "print the upload, each console line and each stack trace as a line of JSON");
  return withFirmwareOptions(
    withFlashRate(withLineOptions(withMonitorOptions(withUploadOptions(command))), "--flash-baud <rate>"),
  ).action((entry: string | undefined, options: RunCommandOptions) => run(context, entry, options));
}

/**
 * Uploads once, or with --watch again after each change of a source, until the user ends it. The serial line stays open,
 * so that no output of the board between the upload and the monitor is lost.
 */
async function run(
  context: CommandContext,
  entry: string | undefined,
  options: RunCommandOptions,
): Promise<void> {
  const setup = await planSetup(context, options);
  const plan = planUpload(context, entry, {
    ...options,
    ...(setup && { board: options.board ?? setup.firmware.board.id }),
  });
  const changes = new SourceWatcher();
  let line: Line | undefined = await openBoardLine(context, options);
  const { name } = line;
  try {
    let turn = await firstTurn(context, plan, setup, options, line, changes);
    while (turn) {
      const end: WatchEnd = await watchUntilChange(context, options, turn, line, changes);
      line = end.line;
      if (end.hasLeft || !options.watch) return;
      if (!options.json) context.warn("A source file has changed. The firmware is built and uploaded again.");
      line ??= await openBoardLine(context, { ...options, port: name });
      turn = await uploadAgain(context, plan, options, line, changes, turn);
    }
  } finally {
    changes.close();
    await line?.close();
  }
}

/** The build on the board, and the watch that receives its console output. */
interface Turn {
  readonly build: BuildResult;
  readonly watch: BoardWatch;
}

/** Uploads; with a setup plan it flashes before and configures after. Resolves with undefined if interrupted. */
async function firstTurn(
  context: CommandContext,
  plan: UploadPlan,
  setup: SetupPlan | undefined,
  options: RunCommandOptions,
  line: Line,
  changes: SourceWatcher,
): Promise<Turn | undefined> {
  if (!setup) return upload(context, plan, options, line, changes);
  await unlessInterrupted(context, line, () => flashFirst(context, line, setup, options));
  if (context.signal.aborted) return undefined;
  const turn = await upload(context, plan, options, line, changes);
  if (!turn) return undefined;
  try {
    await unlessInterrupted(context, line, () =>
      configureAfter(context, line, setup, options, (text) => turn.watch.push(text)),
    );
  } catch (error) {
    await turn.watch.close();
    throw error;
  }
  return turn;
}

/** Resolves with undefined if interrupted. */
function upload(
  context: CommandContext,
  plan: UploadPlan,
  options: RunCommandOptions,
  line: Line,
  changes: SourceWatcher,
): Promise<Turn | undefined> {
  return unlessInterrupted(context, line, async () => {
    let watch: BoardWatch | undefined;
    try {
      const build = await uploadApp(context, new BoardConsole(line), plan, options, {
        // Watching starts before the upload, which takes time, so that no change is missed.
        onBuilt: ({ files }) => changes.watch(files),
        onStart: (built) => {
          const started = newWatch(context, options, line, built);
          watch = started;
          return (text) => started.push(text);
        },
        onOutcome: () => watch?.interrupt(),
      });
      return { build, watch: watch ?? newWatch(context, options, line, build) };
    } catch (error) {
      await watch?.close();
      throw error;
    }
  });
}

function newWatch(
  context: CommandContext,
  options: RunCommandOptions,
  line: Line,
  build: BuildResult,
): BoardWatch {
  const positions = positionsOnDisk({ ...build, workingFolder: context.workingFolder });
  return new BoardWatch(context, options, line.name, positions);
}

/** Reports a build error and keeps the previous app on the board. */
async function uploadAgain(
  context: CommandContext,
  plan: UploadPlan,
  options: RunCommandOptions,
  line: Line,
  changes: SourceWatcher,
  previous: Turn,
): Promise<Turn | undefined> {
  try {
    return await upload(context, plan, options, line, changes);
  } catch (error) {
    if (!(error instanceof MotekitError)) throw error;
    if (options.json) context.print(JSON.stringify({ ok: false, problems: error.problems }));
    else context.warn(formatError(error));
    return { build: previous.build, watch: newWatch(context, options, line, previous.build) };
  }
}

async function watchUntilChange(
  context: CommandContext,
  options: RunCommandOptions,
  { watch }: Turn,
  line: Line,
  changes: SourceWatcher,
): Promise<WatchEnd> {
  const changed = new AbortController();
  const over = new AbortController();
  const ending = AbortSignal.any([context.signal, over.signal]);
  const watching = options.watch
    ? changes.next(ending).then((hasChanged) => (hasChanged ? changed.abort() : undefined))
    : undefined;
  try {
    return await watch.run(line, changed.signal);
  } finally {
    over.abort();
    await watching;
  }
}
