/** Flashing in a person's words. */
import type { FlashResult, FlashStep } from "./flasher.ts";

export const FLASH_STEPS: Readonly<Record<FlashStep, string>> = {
  connect: "looking for the chip's loader",
  stub: "sending the stub loader",
  erase: "erasing",
  write: "writing",
  reset: "resetting",
};

export const ERASED: Readonly<Record<NonNullable<FlashResult["erased"]>, string>> = {
  all: "All of its flash was erased.",
  storage: "The board's files were erased.",
};

/** Undefined where the board was flashed as fast as was wanted. */
export function slowerThan(wantedBaudRate: number, baudRate: number): string | undefined {
  if (baudRate === wantedBaudRate) return undefined;
  return `The board does not answer at ${wantedBaudRate} bits a second, and was flashed at ${baudRate}; a shorter cable may do.`;
}
