/** Flashes the interpreter for a command; shared by `flash` and `run --flash`. */
import type { Command } from "commander";
import pc from "picocolors";
import { type Board, listBoards, loadBoard } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import type { FirmwarePackage } from "../flash/firmware-package.ts";
import type { FlashState } from "../flash/flash-state.ts";
import { ERASED, FLASH_STEPS, slowerThan } from "../flash/flash-text.ts";
import type { FlashResult, FlashStep } from "../flash/flasher.ts";
import type { UsbIds } from "../flash/web-serial-port.ts";
import { BoardConsole, type Interpreter } from "../serial/console.ts";
import type { Line } from "../serial/line.ts";
import { findNodePort } from "../serial/node-line.ts";
import { type CommandContext, integerAbove } from "../terminal/command-context.ts";
import { BoardProgress, formatBytes, formatSeconds } from "./board-progress.ts";

export interface FirmwareOptions {
  readonly firmware?: string;
  readonly sha256?: string;
}

/** The default of esptool, which works with all USB bridges. */
const FLASH_BAUD_DEFAULT = 460_800;
/** The first start takes longer, because Storage is formatted. */
const FIRST_PROMPT_MS_MAX = 30_000;

export function withFirmwareOptions(command: Command): Command {
  return command
    .option(
      "--firmware <package>",
      "an Espruino release: a folder, a .zip, .tar or .tgz file, or a URL (which requires --sha256)",
    )
    .option("--sha256 <hex>", "the expected SHA-256 of the package, as 64 hexadecimal digits");
}

/** Adds the option for the rate of flashing. `flags` differ, because `--baud` may already be the console's rate. */
export function withFlashRate(command: Command, flags: string): Command {
  return command.option(flags, "baud rate while the flash is written", integerAbove(0), FLASH_BAUD_DEFAULT);
}

/** Throws MK1912 if the board has no flash, and like `loadBoard`. */
export function loadFlashableBoard(id: string): Board {
  const board = loadBoard(id);
  if (board.flash) return board;
  throw new MotekitError({
    code: "MK1912",
    message: `The board "${board.id}" (${board.name}) has no flash to write or to erase.`,
    remedy: "Choose another --board, or omit it to detect the chip on the port.",
  });
}

/** Throws MK1901 to MK1903, MK1909, MK1910, and like `loadFlashableBoard`. */
export async function loadFirmware(
  context: CommandContext,
  source: string,
  { sha256 }: Pick<FirmwareOptions, "sha256">,
  board: string | undefined,
): Promise<FirmwarePackage> {
  const { readFirmware } = await import("../flash/read-firmware.ts");
  const { firmwarePackage } = await import("../flash/firmware-package.ts");
  const files = await readFirmware(source, sha256, context.signal);
  return firmwarePackage(files, board === undefined ? listBoards() : [loadFlashableBoard(board)], source);
}

export interface FlashedBoard extends FlashResult {
  /** Undefined if nothing was written, or if a person has to reset the board first. */
  readonly interpreter: Pick<Interpreter, "version" | "board"> | undefined;
}

/** Flashes, and waits for the prompt of the new interpreter. The line stays open. Throws like `flash` and `identify`. */
export async function flashBoard(
  context: CommandContext,
  line: Line,
  options: {
    readonly firmware?: FirmwarePackage;
    readonly erase?: "all" | "storage";
    /** The expected board. */
    readonly board?: Board;
    readonly baudRate: number;
  },
  isJson: boolean,
): Promise<FlashedBoard> {
  const { flash } = await import("../flash/flasher.ts");
  const { FLASH_STATES } = await import("../flash/flash-state.ts");
  const progress = isJson ? undefined : new BoardProgress(context, line.name);
  let current: FlashStep = "connect";
  let state: FlashState = "untouched";
  const reportState = () => context.warn(`Interrupted. ${FLASH_STATES[state]}`);
  context.signal.addEventListener("abort", reportState);
  const result = await flash(line, {
    ...options,
    boards: listBoards(),
    usb: await usbIdsOf(line.name),
    onStep: (step) => {
      current = step;
      progress?.step(FLASH_STEPS[step]);
    },
    onState: (next) => {
      state = next;
    },
    onProgress: (done, total) => progress?.advance(FLASH_STEPS[current], done, total),
  }).finally(() => context.signal.removeEventListener("abort", reportState));
  const slower = slowerThan(options.baudRate, result.baudRate);
  if (slower) context.warn(slower);
  const hasInterpreter = options.firmware !== undefined && result.wasReset;
  progress?.show(hasInterpreter ? "waiting for the interpreter" : "done");
  const interpreter = hasInterpreter ? await firstPrompt(line) : undefined;
  return {
    ...result,
    interpreter: interpreter && { version: interpreter.version, board: interpreter.board },
  };
}

async function firstPrompt(line: Line): Promise<Interpreter> {
  try {
    return await new BoardConsole(line).identify(FIRST_PROMPT_MS_MAX);
  } catch (error) {
    const { flashError } = await import("../flash/flash-state.ts");
    throw flashError(error, line.name, "written");
  }
}

/** The USB IDs of the port, which decide how the chip is reset. If they are unknown, both ways are tried. */
async function usbIdsOf(name: string): Promise<UsbIds> {
  const port = await findNodePort(name);
  if (port?.vendorId === undefined || port.productId === undefined) return {};
  return {
    usbVendorId: Number.parseInt(port.vendorId, 16),
    usbProductId: Number.parseInt(port.productId, 16),
  };
}

export function printFlashed(context: CommandContext, line: Line, flashed: FlashedBoard): void {
  const { description, mac, interpreter, writtenBytes, erased, tookMs, wasReset } = flashed;
  context.print(`${pc.green("✓")} ${description}, MAC ${mac}, at ${line.name}`);
  if (erased) context.print(`  ${ERASED[erased]}`);
  if (writtenBytes > 0) {
    context.print(`  ${formatBytes(writtenBytes)} written and verified by MD5 in ${formatSeconds(tookMs)}`);
  }
  if (interpreter) context.print(`  Espruino ${interpreter.version} runs on ${interpreter.board}.`);
  if (!wasReset) context.print("  Press RESET on the board, because this port has no reset signals.");
}

/** The error MK1911: neither a package nor --erase was given. */
export function noFirmware(): MotekitError {
  return new MotekitError({
    code: "MK1911",
    message: "There is nothing to write: no package of the interpreter was given.",
    remedy:
      "Download the package for your chip from the Espruino project (espruino.com/Download), and pass its folder or archive " +
      "with --firmware. To erase only, use `motekit flash` with --erase or --erase-storage.",
  });
}
