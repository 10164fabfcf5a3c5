/** An upload in a person's words. */
import type { StartVerdict } from "./start-watch.ts";
import type { UploadStep } from "./upload.ts";

export const UPLOAD_STEPS: Readonly<Record<UploadStep, string>> = {
  identify: "looking for the interpreter",
  inspect: "reading what is on the board",
  stop: "stopping the app",
  "boot-code": "writing the boot code",
  write: "writing the app",
  switch: "switching to it",
  restart: "starting it",
};

export const VERDICTS: Readonly<Record<StartVerdict, string>> = {
  up: "The app came up.",
  quiet: "Nothing went wrong in the time after the start; the app did not say that it started.",
  crashed: "An exception that nobody caught came up.",
  restarting: "The app starts again and again.",
  "no-app": "The board found no whole app.",
  stuck: "The interpreter does not answer any more.",
};

export const OTHER_BOOT_CODE =
  "Its boot code is of another release of motekit; --replace-bootcde writes this one's, with power known good.";

/** Whether the app runs, as far as could be seen. */
export function cameUp({ verdict }: { readonly verdict: StartVerdict }): boolean {
  return verdict === "up" || verdict === "quiet";
}
