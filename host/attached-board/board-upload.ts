/** Builds and uploads an app for a command; shared by `upload` and `run`. */
import { resolve } from "node:path";
import type { Command } from "commander";
import pc from "picocolors";
import { type Board, boardByEspruinoName, loadBoard } from "../boards.ts";
import type { BudgetedBuild } from "../build/budgeted-build.ts";
import { MotekitError } from "../errors.ts";
import { findEntry } from "../project/find-entry.ts";
import type { BoardConsole, Interpreter } from "../serial/console.ts";
import { type CommandContext, integerAbove } from "../terminal/command-context.ts";
import { formatWarnings } from "../terminal/problem-report.ts";
import { positionsOnDisk } from "../trace/disk-positions.ts";
import { formatTrace } from "../trace/format-trace.ts";
import { TraceDecoder } from "../trace/trace-decoder.ts";
import { type UploadResult, upload } from "../upload/upload.ts";
import { cameUp, OTHER_BOOT_CODE, UPLOAD_STEPS, VERDICTS } from "../upload/upload-text.ts";
import type { LineOptions } from "./board-line.ts";
import { BoardProgress, formatBytes, formatRate, formatSeconds } from "./board-progress.ts";

export interface AppUploadOptions extends LineOptions {
  readonly board?: string;
  /** The folder to which the build is written, for its source map. */
  readonly out: string;
  readonly maxBytes?: number;
  readonly maxJsvars?: number;
  readonly replaceBootcde?: true;
  readonly watchSeconds: number;
  readonly json?: true;
}

export const WATCH_SECONDS_DEFAULT = 5;

/** Adds the options of a command that uploads, beside those of its line. */
export function withUploadOptions(command: Command): Command {
  return command
    .option("-b, --board <id>", "the board's ID, or the path of a board file (default: detected)")
    .option("-o, --out <dir>", "folder for the build and its source map", "build")
    .option(
      "--max-bytes <n>",
      "budget of Storage, in bytes (default: a quarter of the board's)",
      integerAbove(0),
    )
    .option("--max-jsvars <n>", "budget of JsVars after load (default: half of the board's)", integerAbove(0))
    .option("--replace-bootcde", "overwrite a .bootcde that is not from this release of motekit")
    .option("--watch-seconds <n>", "how long to watch the start", integerAbove(0), WATCH_SECONDS_DEFAULT);
}

/** The parts of an upload that are checked before the board is contacted. */
export interface UploadPlan {
  readonly entry: string;
  /** If undefined, the board is detected. */
  readonly board: Board | undefined;
}

/** @throws MK1001 no such entry, MK1101 to MK1103 no such board. */
export function planUpload(
  context: CommandContext,
  entry: string | undefined,
  options: AppUploadOptions,
): UploadPlan {
  return {
    entry: findEntry(entry, context.workingFolder),
    board: options.board === undefined ? undefined : loadBoard(options.board),
  };
}

export interface UploadListener {
  onBuilt?(build: BudgetedBuild): void;
  /** Called before the app starts. Returns a listener to the console, whose output is then not printed at the end. */
  onStart?(build: BudgetedBuild): (text: string) => void;
  /** Called before the outcome is printed. */
  onOutcome?(): void;
}

/** Builds, uploads, and watches the start. The command fails if the app did not start. */
export async function uploadApp(
  context: CommandContext,
  console: BoardConsole,
  plan: UploadPlan,
  options: AppUploadOptions,
  listener: UploadListener = {},
): Promise<BudgetedBuild> {
  const startedMs = performance.now();
  const progress = options.json ? undefined : new BoardProgress(context, console.line.name);
  progress?.step(UPLOAD_STEPS.identify);
  const board = plan.board ?? boardOf(await console.identify(), console.line.name);
  progress?.show("building");
  const { buildWithinBudgets } = await import("../build/budgeted-build.ts");
  const { writeBuild } = await import("../build/build.ts");
  const { buildBootCode } = await import("../build/boot-code.ts");
  const { maxBytes: bytesMax, maxJsvars: jsVarsMax } = options;
  const build = await buildWithinBudgets({ entry: plan.entry, board, bytesMax, jsVarsMax });
  for (const warning of formatWarnings(build.warnings)) context.warn(warning);
  listener.onBuilt?.(build);
  writeBuild(build, resolve(context.workingFolder, options.out));
  let stopListening: () => void = () => undefined;
  const result = await upload(console, {
    app: build.app,
    bootCode: await buildBootCode(board),
    storage: board.storage,
    replaceBootCode: options.replaceBootcde === true,
    watchMs: options.watchSeconds * 1000,
    onStep: (step) => {
      progress?.step(UPLOAD_STEPS[step]);
      const onText = step === "restart" ? listener.onStart?.(build) : undefined;
      if (onText) stopListening = console.addTextListener(onText);
    },
    onProgress: (sentBytes) => progress?.advance("writing", sentBytes, build.app.length),
  });
  console.release();
  stopListening();
  const done: Done = { console, build, result, tookMs: performance.now() - startedMs };
  listener.onOutcome?.();
  if (options.json) printRecord(context, done);
  else printOutcome(context, done, listener.onStart === undefined);
  if (!cameUp(result)) context.setFailed();
  return build;
}

interface Done {
  readonly console: BoardConsole;
  readonly build: BudgetedBuild;
  readonly result: UploadResult;
  /** The total time, including build and start. */
  readonly tookMs: number;
}

/** @throws MK1708 if motekit does not know the board that the interpreter reports. */
function boardOf({ board: name }: Interpreter, port: string): Board {
  const found = boardByEspruinoName(name);
  if (found) return found;
  throw new MotekitError({
    code: "MK1708",
    message: `The board on ${port} is "${name}", which motekit does not know.`,
    remedy: "Describe it in a board file, such as boards/esp32.json, and pass its path with --board.",
  });
}

function printRecord(context: CommandContext, { console, build, result, tookMs }: Done): void {
  const { version, board } = console.interpreter;
  const { lines: _lines, ...figures } = result;
  const record = {
    port: console.line.name,
    espruino: { version, board },
    ...build.manifest,
    ...figures,
    tookMs,
  };
  context.print(JSON.stringify({ ok: cameUp(result), ...record }));
}

function printOutcome(context: CommandContext, done: Done, withLines: boolean): void {
  const { console, build, result, tookMs } = done;
  const { manifest } = build;
  const { version, board } = console.interpreter;
  const sign = cameUp(result) ? pc.green("✓") : pc.red("✗");
  const size = formatBytes(manifest.sizeBytes);
  context.print(
    `${sign} ${manifest.entry}, ${size}, on ${board} (Espruino ${version}) at ${console.line.name}`,
  );
  const transfer = result.written
    ? `in slot ${result.slot}, ${result.compressed ? "sent compressed, " : ""}verified in ${formatSeconds(result.transferMs)} (${formatRate(manifest.sizeBytes, result.transferMs)})`
    : `the board already had it (slot ${result.slot}), nothing was written`;
  context.print(`  ${transfer}; ${formatSeconds(tookMs)} including build and start`);
  if (result.keepsOtherBootCode) context.print(`  ${OTHER_BOOT_CODE}`);
  if (withLines) printLines(context, build, result.lines);
  context.print(`  ${VERDICTS[result.verdict]}`);
}

function printLines(context: CommandContext, build: BudgetedBuild, lines: readonly string[]): void {
  const positions = positionsOnDisk({ ...build, workingFolder: context.workingFolder });
  const decoder = new TraceDecoder(positions, {
    onText: (line) => context.print(`  ${pc.dim(line)}`),
    onTrace: (trace) => {
      for (const line of formatTrace(trace)) context.print(`  ${line}`);
    },
  });
  for (const line of lines) decoder.pushLine(Buffer.from(line, "latin1").toString("utf8"));
  decoder.end();
}
