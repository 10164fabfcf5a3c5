/** Flashing in a person's words. */
import type { FlashStep } from "./flasher.ts";

export const FLASH_STEPS: Readonly<Record<FlashStep, string>> = {
  connect: "looking for the chip's loader",
  stub: "sending the stub loader",
  erase: "erasing",
  write: "writing",
  reset: "resetting",
};
