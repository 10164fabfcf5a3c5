import { Command } from "commander";
import { withLineOptions } from "../board-line.ts";
import { type MonitorOptions, watchBoard, withMonitorOptions } from "../board-monitor.ts";
import { type AppUploadOptions, uploadApp, withUploadOptions } from "../board-upload.ts";
import type { BuildResult } from "../build/build.ts";
import { SourceWatcher } from "../build/source-watcher.ts";
import type { CommandContext } from "../command-context.ts";
import { MotekitError } from "../errors.ts";
import { formatError } from "../problem-report.ts";
import { SourcePositions } from "../trace/source-positions.ts";

interface RunCommandOptions extends AppUploadOptions, MonitorOptions {
  readonly watch?: true;
  readonly json?: true;
}

export function runCommand(context: CommandContext): Command {
  const command = new Command("run")
    .description("build, upload and watch in one; Ctrl-] leaves")
    .argument("[entry]", "the firmware's first file (default: src/main.ts, else the reference firmware)")
    .option("--watch", "upload again at each change of a source")
    .option("--json", "print the upload, each line and each trace as a line of JSON");
  return withLineOptions(withMonitorOptions(withUploadOptions(command))).action(
    (entry: string | undefined, options: RunCommandOptions) => run(context, entry, options),
  );
}

/** Without --watch once; with it again at each change of a source, until the person leaves. */
async function run(
  context: CommandContext,
  entry: string | undefined,
  options: RunCommandOptions,
): Promise<void> {
  const changes = new SourceWatcher();
  // Before the upload, which takes a while: a change in between must not be missed.
  const onBuilt = ({ files }: BuildResult) => changes.watch(files);
  try {
    let build = await uploadApp(context, entry, options, onBuilt);
    while (build && !context.signal.aborted) {
      const { hasLeft } = await watchUntilChange(context, options, build, changes);
      if (hasLeft || !options.watch) return;
      if (!options.json) context.warn("A source has changed.");
      build = (await uploadOrReport(context, entry, options, onBuilt)) ?? build;
    }
  } finally {
    changes.close();
  }
}

async function watchUntilChange(
  context: CommandContext,
  options: RunCommandOptions,
  build: BuildResult,
  changes: SourceWatcher,
): Promise<{ readonly hasLeft: boolean }> {
  const changed = new AbortController();
  const over = new AbortController();
  const ending = AbortSignal.any([context.signal, over.signal]);
  const watching = options.watch
    ? changes.next(ending).then((hasChanged) => (hasChanged ? changed.abort() : undefined))
    : undefined;
  const positions = new SourcePositions({ ...build, workingFolder: context.workingFolder });
  try {
    return await watchBoard(context, options, positions, changed.signal);
  } finally {
    over.abort();
    await watching;
  }
}

/** What does not build is a step on the way: the board goes on with what it has. */
async function uploadOrReport(
  context: CommandContext,
  entry: string | undefined,
  options: RunCommandOptions,
  onBuilt: (build: BuildResult) => void,
): Promise<BuildResult | undefined> {
  try {
    return await uploadApp(context, entry, options, onBuilt);
  } catch (error) {
    if (!(error instanceof MotekitError)) throw error;
    if (options.json) context.print(JSON.stringify({ ok: false, problems: error.problems }));
    else context.warn(formatError(error));
    return undefined;
  }
}
