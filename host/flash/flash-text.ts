/** The texts of flashing. */
import type { FlashResult, FlashStep } from "./flasher.ts";

export const FLASH_STEPS: Readonly<Record<FlashStep, string>> = {
  connect: "connecting to the chip's ROM loader",
  stub: "sending the stub loader",
  erase: "erasing",
  write: "writing",
  reset: "resetting",
};

export const ERASED: Readonly<Record<NonNullable<FlashResult["erased"]>, string>> = {
  all: "All of its flash was erased.",
  storage: "The board's files were erased.",
};

/** The warning about a lower rate; undefined if the board was flashed at the requested rate. */
export function slowerThan(wantedBaudRate: number, baudRate: number): string | undefined {
  if (baudRate === wantedBaudRate) return undefined;
  return `The board does not respond at ${wantedBaudRate} baud and was flashed at ${baudRate} baud. A shorter cable may help.`;
}
