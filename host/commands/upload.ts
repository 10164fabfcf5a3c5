import { Command } from "commander";
import { withLineOptions } from "../board-line.ts";
import { type AppUploadOptions, uploadApp, withUploadOptions } from "../board-upload.ts";
import type { CommandContext } from "../command-context.ts";

export function uploadCommand(context: CommandContext): Command {
  const command = new Command("upload")
    .description(
      "build firmware, write it onto a board beside the app that is there, switch, and watch it start",
    )
    .argument("[entry]", "the firmware's first file (default: src/main.ts, else the reference firmware)")
    .option("--json", "print the outcome as JSON");
  return withLineOptions(withUploadOptions(command)).action(
    async (entry: string | undefined, options: AppUploadOptions) => {
      await uploadApp(context, entry, options);
    },
  );
}
