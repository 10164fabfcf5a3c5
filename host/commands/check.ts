import { relative } from "node:path";
import { Command, Option } from "commander";
import { loadBoard } from "../boards.ts";
import { MotekitError, type Problem } from "../errors.ts";
import { findEntry } from "../project/find-entry.ts";
import { BOARD_HELP, type CommandContext, ENTRY_HELP, integerAbove } from "../terminal/command-context.ts";
import {
  formatForMachine,
  MACHINE_FORMATS,
  type MachineFormat,
  type Severity,
} from "../terminal/problem-formats.ts";
import { formatWarnings } from "../terminal/problem-report.ts";

interface CheckCommandOptions {
  readonly board: string;
  readonly format: "text" | "json" | MachineFormat;
  readonly maxBytes?: number;
  readonly maxJsvars?: number;
  readonly json?: true;
}

export function checkCommand(context: CommandContext): Command {
  return new Command("check")
    .argument("[entry]", ENTRY_HELP)
    .requiredOption("-b, --board <id>", BOARD_HELP)
    .addOption(
      new Option(
        "--format <name>",
        "the format of the problems: for people, for programs, for GitHub Actions, or as a C compiler prints them",
      )
        .choices(["text", "json", ...MACHINE_FORMATS])
        .default("text"),
    )
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
    .option("--json", "print the problems as JSON, like --format json")
    .action((entry: string | undefined, options: CheckCommandOptions) => check(context, entry, options));
}

async function check(
  context: CommandContext,
  entry: string | undefined,
  options: CheckCommandOptions,
): Promise<void> {
  const format = options.json ? "json" : options.format;
  try {
    const { buildWithinBudgets } = await import("../build/budgeted-build.ts");
    const entryPath = findEntry(entry, context.workingFolder);
    const { manifest, warnings } = await buildWithinBudgets({
      entry: entryPath,
      board: loadBoard(options.board),
      bytesMax: options.maxBytes,
      jsVarsMax: options.maxJsvars,
    });
    if (format === "json") context.print(JSON.stringify({ ok: true, problems: [], warnings, ...manifest }));
    else if (format === "text")
      printWarnings(context, relative(context.workingFolder, entryPath), manifest.board, warnings);
    else printForMachine(context, warnings, format, "warning");
  } catch (error) {
    if (!(error instanceof MotekitError) || format === "text") throw error;
    context.setFailed();
    if (format === "json") context.print(JSON.stringify({ ok: false, problems: error.problems }));
    else printForMachine(context, error.problems, format, "error");
  }
}

function printWarnings(
  context: CommandContext,
  entry: string,
  board: string,
  warnings: readonly Problem[],
): void {
  for (const warning of formatWarnings(warnings)) context.print(warning);
  const found = warnings.length === 0 ? "no problems found" : `${warnings.length} warning(s), no errors`;
  context.print(`${entry} for ${board}: ${found}`);
}

function printForMachine(
  context: CommandContext,
  problems: readonly Problem[],
  format: MachineFormat,
  severity: Severity,
): void {
  for (const problem of problems)
    context.print(formatForMachine(problem, { format, severity, folder: context.workingFolder }));
}
