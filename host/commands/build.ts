import { resolve } from "node:path";
import { Command } from "commander";
import { loadBoard } from "../boards.ts";
import { buildFirmware, writeBuild } from "../build/build.ts";
import type { CommandContext } from "../command-context.ts";
import { findEntry } from "../project.ts";

interface BuildCommandOptions {
  readonly board: string;
  readonly out: string;
  readonly json?: true;
}

export function buildCommand(context: CommandContext): Command {
  return new Command("build")
    .description("check and bundle firmware for a board: app.js, its source map and a manifest")
    .argument("[entry]", "the firmware's first file (default: src/main.ts, else the reference firmware)")
    .requiredOption("-b, --board <id>", "the board's ID, or the path of a board file")
    .option("-o, --out <dir>", "where to write", "build")
    .option("--json", "print the manifest as JSON")
    .action(async (entry: string | undefined, options: BuildCommandOptions) => {
      const board = loadBoard(options.board);
      const result = await buildFirmware({ entry: findEntry(entry, context.workingFolder), board });
      const paths = writeBuild(result, resolve(context.workingFolder, options.out));
      if (options.json) {
        context.print(JSON.stringify({ ok: true, ...result.manifest, files: paths }));
        return;
      }
      context.print(`${result.manifest.entry} for ${board.name}: ${result.manifest.sizeBytes} bytes`);
      for (const path of paths) context.print(`  ${path}`);
    });
}
