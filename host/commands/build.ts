import { relative, resolve } from "node:path";
import { Command } from "commander";
import { loadBoard } from "../boards.ts";
import type { SizeReport } from "../build/measuring/size-report.ts";
import { findEntry } from "../project/find-entry.ts";
import { BOARD_HELP, type CommandContext, ENTRY_HELP, integerAbove } from "../terminal/command-context.ts";
import { formatWarnings } from "../terminal/problem-report.ts";

interface BuildCommandOptions {
  readonly board: string;
  readonly out: string;
  readonly analyze?: true;
  readonly maxBytes?: number;
  readonly maxJsvars?: number;
  readonly json?: true;
}

export function buildCommand(context: CommandContext): Command {
  return new Command("build")
    .argument("[entry]", ENTRY_HELP)
    .requiredOption("-b, --board <id>", BOARD_HELP)
    .option("-o, --out <dir>", "write the files to this folder", "build")
    .option("--analyze", "show how many bytes of the bundle each source file takes")
    .option(
      "--max-bytes <n>",
      "refuse a bundle of more than n bytes (default: a quarter of the board's Storage)",
      integerAbove(0),
    )
    .option(
      "--max-jsvars <n>",
      "refuse an app that takes more than n JsVars once it is loaded (default: half of the board's JsVars)",
      integerAbove(0),
    )
    .option("--json", "print the manifest as JSON")
    .action((entry: string | undefined, options: BuildCommandOptions) => build(context, entry, options));
}

async function build(
  context: CommandContext,
  entry: string | undefined,
  options: BuildCommandOptions,
): Promise<void> {
  const { buildWithinBudgets } = await import("../build/budgeted-build.ts");
  const { writeBuild } = await import("../build/build.ts");
  const board = loadBoard(options.board);
  const entryPath = findEntry(entry, context.workingFolder);
  const result = await buildWithinBudgets({
    entry: entryPath,
    board,
    bytesMax: options.maxBytes,
    jsVarsMax: options.maxJsvars,
  });
  const analysis = options.analyze ? await analyze(context, result) : undefined;
  const paths = writeBuild(result, resolve(context.workingFolder, options.out));
  if (options.json) {
    const { manifest, warnings } = result;
    context.print(
      JSON.stringify({ ok: true, ...manifest, files: paths, warnings, ...(analysis && { analysis }) }),
    );
    return;
  }
  for (const warning of formatWarnings(result.warnings)) context.warn(warning);
  const { formatUsage } = await import("../build/measuring/budget.ts");
  const { formatSizeReport } = await import("../build/measuring/size-report.ts");
  const shown = relative(context.workingFolder, entryPath);
  context.print(`${shown} for ${board.name}: ${result.manifest.sizeBytes} bytes`);
  for (const line of formatUsage(result.manifest.usage)) context.print(line);
  if (analysis) for (const line of formatSizeReport(analysis)) context.print(line);
  for (const path of paths) context.print(`  ${path}`);
}

/** The report with the paths of the modules relative to the working folder. */
async function analyze(
  context: CommandContext,
  { app, map, sourceFolder }: { app: Uint8Array; map: string; sourceFolder: string },
): Promise<SizeReport> {
  const { sizeReport } = await import("../build/measuring/size-report.ts");
  const report = sizeReport(app, map);
  const modules = report.modules.map(({ source, sizeBytes }) => ({
    source: source.startsWith("motekit:")
      ? source
      : relative(context.workingFolder, resolve(sourceFolder, source)),
    sizeBytes,
  }));
  return { ...report, modules };
}
