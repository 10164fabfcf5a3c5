/** An upload in a person's words. */
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
