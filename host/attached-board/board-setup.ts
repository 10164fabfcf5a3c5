/** Prepares a new board for an app: the steps of `run --flash` before and after the upload. */

import type { Settings } from "../configure/settings.ts";
import { MotekitError } from "../errors.ts";
import type { FirmwarePackage } from "../flash/firmware-package.ts";
import { BoardConsole } from "../serial/console.ts";
import type { Line } from "../serial/line.ts";
import type { CommandContext } from "../terminal/command-context.ts";
import {
  type BoardSession,
  canAsk,
  configureBoard,
  givenSettings,
  openSession,
  plannedConfiguration,
} from "./board-configure.ts";
import { type FirmwareOptions, flashBoard, loadFirmware, noFirmware, printFlashed } from "./board-flash.ts";

export interface SetupOptions extends FirmwareOptions {
  readonly flash?: true;
  readonly flashBaud: number;
  readonly erase?: true;
  readonly board?: string;
  readonly json?: true;
}

/** The parts of a setup that are checked before the board is changed. */
export interface SetupPlan {
  readonly firmware: FirmwarePackage;
  readonly settings: Settings;
}

/** The time for a person to press RESET, if the port has no reset signals. */
const BUTTON_MS_MAX = 120_000;

/**
 * Returns undefined without --flash. Invalid settings, and missing ones that cannot be prompted for, are reported before
 * anything is written.
 *
 * Throws MK1911, MK1913, and like `loadFirmware`, `givenSettings` and `configurationOf`.
 */
export async function planSetup(
  context: CommandContext,
  options: SetupOptions,
): Promise<SetupPlan | undefined> {
  if (!options.flash) {
    refuseWithoutFlash(options);
    return undefined;
  }
  if (options.firmware === undefined) throw noFirmware();
  const firmware = await loadFirmware(context, options.firmware, options, options.board);
  const settings = await givenSettings(context, []);
  const { board } = firmware;
  // The device ID that follows from the serial number is not known yet.
  const traits = { deviceId: board.id, hasWifi: board.radio.wifi, hasTls: board.tls };
  if (!canAsk(context, options)) await plannedConfiguration(context, settings, traits);
  return { firmware, settings };
}

function refuseWithoutFlash(options: SetupOptions): void {
  const given = (["firmware", "sha256", "erase"] as const).find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new MotekitError({
    code: "MK1913",
    message: `--${given} requires --flash.`,
    remedy: `Add --flash to write the interpreter first, or omit --${given}.`,
  });
}

/** Flashes, and resolves when the interpreter responds. The line's rate is restored. Throws like `flash` and `identify`. */
export async function flashFirst(
  context: CommandContext,
  line: Line,
  { firmware }: SetupPlan,
  options: SetupOptions,
): Promise<void> {
  const { baudRate } = line;
  const isJson = options.json === true;
  const flashed = await flashBoard(
    context,
    line,
    { firmware, baudRate: options.flashBaud, ...(options.erase && { erase: "all" as const }) },
    isJson,
  );
  if (isJson) context.print(JSON.stringify({ ok: true, step: "flash", port: line.name, ...flashed }));
  else printFlashed(context, line, flashed);
  if (!flashed.wasReset) await new BoardConsole(line).identify(BUTTON_MS_MAX);
  await line.setBaudRate(baudRate);
}

/** Configures the board and restarts the app. `onText` gets the console's output meanwhile. Throws like `configureBoard`. */
export async function configureAfter(
  context: CommandContext,
  line: Line,
  { settings }: SetupPlan,
  options: SetupOptions,
  onText: (text: string) => void,
): Promise<void> {
  const { restartFirmware } = await import("../configure/board-session.ts");
  const console = new BoardConsole(line);
  const session: BoardSession = await openSession(console);
  const configured = await configureBoard(context, session, settings, options);
  if (options.json) context.print(JSON.stringify({ ok: true, step: "configure", ...configured }));
  console.release();
  console.addTextListener(onText);
  await restartFirmware(console, () => undefined);
}
