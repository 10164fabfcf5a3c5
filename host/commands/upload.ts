import { Command } from "commander";
import { withBoard, withLineOptions } from "../attached-board/board-line.ts";
import {
  type AppUploadOptions,
  planUpload,
  uploadApp,
  withUploadOptions,
} from "../attached-board/board-upload.ts";
import { type CommandContext, ENTRY_HELP } from "../terminal/command-context.ts";

export function uploadCommand(context: CommandContext): Command {
  const command = new Command("upload")
    .argument("[entry]", ENTRY_HELP)
    .option("--json", "print the result as JSON");
  return withLineOptions(withUploadOptions(command)).action(
    async (entry: string | undefined, options: AppUploadOptions) => {
      const plan = planUpload(context, entry, options);
      await withBoard(context, options, async (console) => {
        await uploadApp(context, console, plan, options);
      });
    },
  );
}
