/** What state a board is in when its flashing breaks off, and what its user does then. */
import { MotekitError } from "../errors.ts";

export type FlashState =
  | "untouched"
  | "storage-half-erased"
  | "storage-erased"
  | "half-erased"
  | "erased"
  | "half-written"
  /** And proved by MD5: only the restart is left. */
  | "written";

export const FLASH_STATES: Readonly<Record<FlashState, string>> = {
  untouched: "Nothing was written to the board: it is as it was.",
  "storage-half-erased": "The board's files are erased in part; its interpreter was not touched, and starts.",
  "storage-erased": "The board's files are erased; its interpreter was not touched, and starts.",
  "half-erased":
    "The board's flash is erased in part: it does not start until an interpreter has been flashed, which just works.",
  erased:
    "All of the board's flash is erased: it does not start until an interpreter has been flashed, which just works.",
  "half-written":
    "The board's flash is half written: it does not start until it has been flashed again, which just works.",
  written: "The interpreter is written whole and proved by MD5: only the restart failed.",
};

/** Whatever went wrong, with the state that the board is in. */
export function flashError(error: unknown, portName: string, state: FlashState): MotekitError {
  if (error instanceof MotekitError) {
    return new MotekitError(
      {
        code: error.code,
        message: `${error.message} ${FLASH_STATES[state]}`,
        remedy: state === "written" ? RESTART : (error.remedy ?? REPEAT),
      },
      { cause: error },
    );
  }
  return new MotekitError(
    {
      code: "MK1908",
      message: `Flashing the board on ${portName} broke off: ${(error as Error).message} ${FLASH_STATES[state]}`,
      remedy: state === "written" ? RESTART : REPEAT,
    },
    { cause: error },
  );
}

const RESTART =
  "Press RESET on the board, or unplug it and plug it in again: nothing has to be written again.";
const REPEAT =
  "Repeat it, if need be at a lower rate (`motekit flash --baud`), by a shorter cable, or on another USB port.";
