/** The texts of an upload. */
import type { StartVerdict } from "./start-watch.ts";
import type { UploadStep } from "./upload.ts";

export const UPLOAD_STEPS: Readonly<Record<UploadStep, string>> = {
  identify: "finding the interpreter",
  inspect: "reading the board's state",
  stop: "stopping the app",
  "boot-code": "writing the boot code",
  write: "writing the app",
  switch: "switching to the new app",
  restart: "starting the new app",
};

export const VERDICTS: Readonly<Record<StartVerdict, string>> = {
  up: "The app started.",
  quiet: "No error occurred after the start, but the app did not report that it started.",
  crashed: "The app stopped with an uncaught exception.",
  restarting: "The app restarts repeatedly.",
  "no-app": "The board found no valid app.",
  stuck: "The interpreter no longer responds.",
};

export const OTHER_BOOT_CODE =
  "The boot code is from another release of motekit. Use --replace-bootcde to replace it, with a reliable power supply.";

/** Whether the app runs, as far as its console shows. */
export function cameUp({ verdict }: { readonly verdict: StartVerdict }): boolean {
  return verdict === "up" || verdict === "quiet";
}
