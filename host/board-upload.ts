/** From an entry to an app that runs on a board, as a command shows it: what `upload` and `run` share. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { type LineOptions, withBoard } from "./board-line.ts";
import { type Board, boardByEspruinoName, loadBoard } from "./boards.ts";
import type { BuildResult } from "./build/build.ts";
import { type CommandContext, integerAbove } from "./command-context.ts";
import { MotekitError } from "./errors.ts";
import { findEntry } from "./project.ts";
import type { BoardConsole, Interpreter } from "./serial/console.ts";
import { formatTrace } from "./trace/format-trace.ts";
import { SourcePositions } from "./trace/source-positions.ts";
import { TraceDecoder } from "./trace/trace-decoder.ts";
import type { StartVerdict } from "./upload/start-watch.ts";
import { type UploadResult, type UploadStep, upload } from "./upload/upload.ts";

export interface AppUploadOptions extends LineOptions {
  readonly board?: string;
  /** Where the build is written, for its source map. */
  readonly out: string;
  readonly replaceBootcde?: true;
  readonly watchSeconds: number;
  readonly json?: true;
}

export const WATCH_SECONDS_DEFAULT = 5;

/** The options of a command that uploads, beside those of its line. */
export function withUploadOptions(command: Command): Command {
  return command
    .option("-b, --board <id>", "the board's ID, or the path of a board file (default: what the board says)")
    .option("-o, --out <dir>", "where to write the build, for its source map", "build")
    .option("--replace-bootcde", "overwrite a .bootcde that is not motekit's")
    .option("--watch-seconds <n>", "how long to watch the start", integerAbove(0), WATCH_SECONDS_DEFAULT);
}

const STEPS: Readonly<Record<UploadStep, string>> = {
  identify: "looking for the interpreter",
  inspect: "reading what is on the board",
  stop: "stopping the app",
  "boot-code": "writing the boot code",
  write: "writing the app",
  switch: "switching to it",
  restart: "starting it",
};

const VERDICTS: Readonly<Record<StartVerdict, string>> = {
  up: "The app came up.",
  quiet: "Nothing went wrong in the time after the start; the app did not say that it started.",
  crashed: "An exception that nobody caught came up.",
  restarting: "The app starts again and again.",
  "no-app": "The board found no whole app.",
  stuck: "The interpreter does not answer any more.",
};

/**
 * Builds, uploads, and watches the start. Sets the command failed where the app did not come up. Returns the build, of
 * which `onBuilt` is told before the upload.
 */
export async function uploadApp(
  context: CommandContext,
  entryGiven: string | undefined,
  options: AppUploadOptions,
  onBuilt: (build: BuildResult) => void = () => undefined,
): Promise<BuildResult | undefined> {
  const entry = findEntry(entryGiven, context.workingFolder);
  const given = options.board === undefined ? undefined : loadBoard(options.board);
  let built: BuildResult | undefined;
  await withBoard(context, options, async (console) => {
    const board = given ?? boardOf(await console.identify(), console.line.name);
    const { buildFirmware, writeBuild } = await import("./build/build.ts");
    const { buildBootCode } = await import("./build/boot-code.ts");
    const build = await buildFirmware({ entry, board });
    onBuilt(build);
    writeBuild(build, resolve(context.workingFolder, options.out));
    const result = await upload(console, {
      app: build.app,
      bootCode: await buildBootCode(board),
      storage: board.storage,
      replaceBootCode: options.replaceBootcde === true,
      watchMs: options.watchSeconds * 1000,
      ...progress(context, console, build.app.length, options.json === true),
    });
    if (options.json) printRecord(context, console, build, result);
    else printOutcome(context, build, result);
    if (!cameUp(result)) context.setFailed();
    built = build;
  });
  return built;
}

function cameUp({ verdict }: Pick<UploadResult, "verdict">): boolean {
  return verdict === "up" || verdict === "quiet";
}

/** @throws MK1708 where no board that is known is what the interpreter says. */
function boardOf({ board: name }: Interpreter, port: string): Board {
  const found = boardByEspruinoName(name);
  if (found) return found;
  throw new MotekitError({
    code: "MK1708",
    message: `The board on ${port} is "${name}", which motekit does not know.`,
    remedy: "Describe it in a board file and give its path by --board; boards/esp32.json is an example.",
  });
}

/** A line for each step; on a terminal also how far the app has got. */
function progress(context: CommandContext, console: BoardConsole, totalBytes: number, json: boolean) {
  if (json) return {};
  return {
    onStep: (step: UploadStep) => context.warn(`${console.line.name}: ${STEPS[step]}`),
    onProgress: (sentBytes: number) => {
      if (!context.isTerminal) return;
      const percent = Math.floor((100 * sentBytes) / totalBytes);
      context.warn(
        `${console.line.name}: ${String(percent).padStart(3)} % (${sentBytes} of ${totalBytes} bytes)`,
      );
    },
  };
}

function printRecord(
  context: CommandContext,
  console: BoardConsole,
  { manifest }: BuildResult,
  { lines: _lines, ...result }: UploadResult,
): void {
  const { version, board } = console.interpreter;
  const record = { port: console.line.name, espruino: { version, board }, ...manifest, ...result };
  context.print(JSON.stringify({ ok: cameUp(result), ...record }));
}

function printOutcome(context: CommandContext, build: BuildResult, result: UploadResult): void {
  const { manifest } = build;
  const seconds = (result.transferMs / 1000).toFixed(1);
  context.print(
    result.written
      ? `${manifest.entry}: ${manifest.sizeBytes} bytes in slot ${result.slot}, proved in ${seconds} s`
      : `${manifest.entry} is on the board already (slot ${result.slot}); nothing was written`,
  );
  const positions = new SourcePositions({ ...build, workingFolder: context.workingFolder });
  const decoder = new TraceDecoder(positions, {
    onText: (line) => context.print(`  ${line}`),
    onTrace: (trace) => {
      for (const line of formatTrace(trace)) context.print(`  ${line}`);
    },
  });
  for (const line of result.lines) decoder.pushLine(Buffer.from(line, "latin1").toString("utf8"));
  decoder.end();
  context.print(VERDICTS[result.verdict]);
}
