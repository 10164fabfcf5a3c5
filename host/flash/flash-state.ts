/** The state of a board after interrupted flashing, and how to continue. */
import { MotekitError } from "../errors.ts";

export type FlashState =
  | "untouched"
  | "storage-half-erased"
  | "storage-erased"
  | "half-erased"
  | "erased"
  | "half-written"
  /** Written and verified by MD5; only the restart is left. */
  | "written";

export const FLASH_STATES: Readonly<Record<FlashState, string>> = {
  untouched: "Nothing was written to the board.",
  "storage-half-erased": "The board's files are partly erased. Its interpreter is unchanged and starts.",
  "storage-erased": "The board's files are erased. Its interpreter is unchanged and starts.",
  "half-erased":
    "The board's flash is partly erased. The board does not start until an interpreter is flashed, which is possible at any time.",
  erased:
    "The board's flash is erased. The board does not start until an interpreter is flashed, which is possible at any time.",
  "half-written":
    "The board's flash is partly written. The board does not start until it is flashed again, which is possible at any time.",
  written: "The interpreter is written and verified by MD5. Only the restart failed.",
};

/** Adds the board's state to an error. */
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
      message: `Flashing the board on ${portName} failed: ${(error as Error).message} ${FLASH_STATES[state]}`,
      remedy: state === "written" ? RESTART : REPEAT,
    },
    { cause: error },
  );
}

const RESTART =
  "Press RESET on the board, or unplug it and plug it in again. Nothing has to be written again.";
const REPEAT =
  "Repeat the command. If it fails again, use a lower rate (`motekit flash --baud`), a shorter cable, or another USB port.";
