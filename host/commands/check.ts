import { Command, Option } from "commander";
import { loadBoard } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import { findEntry } from "../project/find-entry.ts";
import { type CommandContext, integerAbove } from "../terminal/command-context.ts";
import { formatForMachine, MACHINE_FORMATS, type MachineFormat } from "../terminal/problem-formats.ts";

interface CheckCommandOptions {
  readonly board: string;
  readonly format: "text" | "json" | MachineFormat;
  readonly maxBytes?: number;
  readonly maxJsvars?: number;
  readonly json?: true;
}

export function checkCommand(context: CommandContext): Command {
  return new Command("check")
    .description("find all that a build would refuse, and write nothing")
    .argument("[entry]", "the firmware's first file (default: src/main.ts, else the reference firmware)")
    .requiredOption("-b, --board <id>", "the board's ID, or the path of a board file")
    .addOption(
      new Option("--format <name>", "how findings are printed: for a person, a program, CI or an editor")
        .choices(["text", "json", ...MACHINE_FORMATS])
        .default("text"),
    )
    .option(
      "--max-bytes <n>",
      "budget of Storage, in bytes (default: a quarter of the board's)",
      integerAbove(0),
    )
    .option("--max-jsvars <n>", "budget of JsVars after load (default: half of the board's)", integerAbove(0))
    .option("--json", "the same as --format json")
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
    const { manifest } = await buildWithinBudgets({
      entry: findEntry(entry, context.workingFolder),
      board: loadBoard(options.board),
      bytesMax: options.maxBytes,
      jsVarsMax: options.maxJsvars,
    });
    if (format === "json") context.print(JSON.stringify({ ok: true, problems: [], ...manifest }));
    if (format === "text") context.print(`${manifest.entry} for ${manifest.board}: nothing found`);
  } catch (error) {
    if (!(error instanceof MotekitError) || format === "text") throw error;
    context.setFailed();
    if (format === "json") context.print(JSON.stringify({ ok: false, problems: error.problems }));
    else
      for (const problem of error.problems)
        context.print(formatForMachine(problem, format, context.workingFolder));
  }
}
