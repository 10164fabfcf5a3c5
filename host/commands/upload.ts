import { Command } from "commander";
import { withBoard, withLineOptions } from "../attached-board/board-line.ts";
import {
  type AppUploadOptions,
  planUpload,
  uploadApp,
  withUploadOptions,
} from "../attached-board/board-upload.ts";
import type { CommandContext } from "../terminal/command-context.ts";

export function uploadCommand(context: CommandContext): Command {
  const command = new Command("upload")
    .description(
      "build firmware, write it onto a board beside the app that is there, switch, and watch it start",
    )
    .argument("[entry]", "the firmware's first file (default: src/main.ts, else the reference firmware)")
    .option("--json", "print the outcome as JSON");
  return withLineOptions(withUploadOptions(command)).action(
    async (entry: string | undefined, options: AppUploadOptions) => {
      const plan = planUpload(context, entry, options);
      await withBoard(context, options, async (console) => {
        await uploadApp(context, console, plan, options);
      });
    },
  );
}
