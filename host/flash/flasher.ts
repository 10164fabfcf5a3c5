/**
 * Writes the interpreter into a chip's flash, by its loader in ROM and the stub loader that is sent into its RAM:
 *
 *     reset into download mode → chip → refuse, or → stub loader → baud rate → flash size → refuse, or → erase → write
 *     → MD5 → reset into the app
 *
 * Up to the erasing nothing is changed. It knows a line, not Node, so that a browser flashes by the same code.
 */
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import type { Line } from "../serial/line.ts";
import { type LineClock, systemClock } from "../serial/line-clock.ts";
import { type FirmwarePackage, hex } from "./firmware-package.ts";
import { Loader, ROM_BAUD_RATE, resetIntoApp } from "./loader.ts";
import type { UsbIds } from "./web-serial-port.ts";

export type FlashStep = "connect" | "stub" | "erase" | "write" | "reset";

export interface FlashOptions {
  /** Left out: nothing is written, for `erase` alone. */
  readonly firmware?: FirmwarePackage | undefined;
  /** First: all of the flash; what holds the board's files; or nothing but what is written. */
  readonly erase?: "all" | "storage";
  /** Whose Storage is erased where no firmware says so; chosen by the chip that was found. */
  readonly boards: readonly Board[];
  /** From the stub loader on. */
  readonly baudRate: number;
  readonly usb?: UsbIds;
  /** Compressed unless false. */
  readonly compress?: boolean;
  /** Hexadecimal. Browsers and Node have no MD5 in common. */
  readonly md5: (bytes: Uint8Array) => string;
  readonly clock?: LineClock;
  /** Attempts to reach the loader, of a second or less. */
  readonly attemptsMax?: number;
  onStep?(step: FlashStep): void;
  /** Of all images, in bytes as they are. */
  onProgress?(writtenBytes: number, totalBytes: number): void;
}

export interface ChipInfo {
  /** As esptool has it: `ESP32-C3`. */
  readonly chip: string;
  /** `ESP32-C3 (QFN32) (revision v0.3)`. */
  readonly description: string;
  readonly mac: string;
}

export interface FlashResult extends ChipInfo {
  readonly flashBytes: number;
  readonly writtenBytes: number;
  readonly tookMs: number;
  /** False: the port has no lines for it, and a person has to press the board's button. */
  readonly wasReset: boolean;
}

const ATTEMPTS_MAX = 7;
/** The commands of Espruino's boards by what esptool calls their chips. */
const CHIP_NAMES: Readonly<Record<string, string>> = {
  ESP32: "esp32",
  "ESP32-C3": "esp32c3",
  "ESP32-S3": "esp32s3",
};
const ERASE_REGION = 0xd1;
const ERASE_REGION_MS_MAX = 120_000;

/** How far it got, and so what state the board is in. */
interface Progress {
  hasChanged: boolean;
}

/**
 * The line stays open, at the ROM loader's rate.
 *
 * @throws MK1904 no loader answers, MK1905 another chip, MK1906 no stub loader, MK1907 the flash is too small, MK1908 it
 * broke off or was not proved; MK1604 to MK1606 of the line.
 */
export async function flash(line: Line, options: FlashOptions): Promise<FlashResult> {
  const loader = new Loader(line, options.baudRate, options.usb ?? {});
  const progress: Progress = { hasChanged: false };
  const clock = options.clock ?? systemClock;
  const startedMs = clock.uptimeMs();
  try {
    const wasReset = await hasResetLines(line);
    const result = await Promise.race([work(loader, line, options, progress, wasReset), loader.port.ended]);
    await loader.release();
    options.onStep?.("reset");
    await line.setBaudRate(ROM_BAUD_RATE);
    if (wasReset) await resetIntoApp(line, clock);
    return { ...result, tookMs: clock.uptimeMs() - startedMs, wasReset };
  } catch (error) {
    // The line may be gone, and nobody is there to release.
    await Promise.race([loader.release(), loader.port.ended]).catch(() => undefined);
    throw flashError(error, line.name, progress);
  }
}

/** Ports of network bridges and pseudo-terminals have none; a person presses the buttons then. */
async function hasResetLines(line: Line): Promise<boolean> {
  try {
    await line.setSignals({ dataTerminalReady: false, requestToSend: false });
    return true;
  } catch (error) {
    if (error instanceof MotekitError && error.code === "MK1606") return false;
    throw error;
  }
}

async function reach(
  loader: Loader,
  line: Line,
  attemptsMax: number,
  mode: "default_reset" | "no_reset",
): Promise<ChipInfo> {
  try {
    await loader.detectChip(mode, attemptsMax);
  } catch (error) {
    if (error instanceof MotekitError) throw error;
    throw noLoader(line.name, loader.diagnosis, error);
  }
  const { chip } = loader;
  return {
    chip: chip.CHIP_NAME,
    description: await chip.getChipDescription(loader),
    mac: await chip.readMac(loader),
  };
}

async function work(
  loader: Loader,
  line: Line,
  options: FlashOptions,
  progress: Progress,
  canReset: boolean,
): Promise<Omit<FlashResult, "tookMs" | "wasReset">> {
  const { firmware, erase } = options;
  options.onStep?.("connect");
  const mode = canReset ? "default_reset" : "no_reset";
  const info = await reach(loader, line, options.attemptsMax ?? ATTEMPTS_MAX, mode);
  const chip = CHIP_NAMES[info.chip];
  if (firmware && firmware.board.chip !== chip) throw otherChip(line.name, info, firmware.board);
  const board = firmware?.board ?? options.boards.find((one) => one.chip === chip);
  if (!board) throw otherChip(line.name, info, undefined);
  options.onStep?.("stub");
  await startStub(loader, line.name);
  if (options.baudRate !== ROM_BAUD_RATE) await loader.changeBaud();
  const flashBytes = await sizeOfFlash(loader, line.name);
  const end = firmware ? lastByte(firmware) : board.storage.addressBytes + board.storage.sizeBytes;
  if (end > flashBytes) throw tooSmall(line.name, flashBytes, end);
  if (erase) {
    options.onStep?.("erase");
    progress.hasChanged = true;
    if (erase === "all") await loader.eraseFlash();
    else await eraseStorage(loader, board);
  }
  const writtenBytes = firmware ? await write(loader, firmware, options, progress) : 0;
  return { ...info, flashBytes, writtenBytes };
}

/** Without it the loader in ROM would have to do, whose part of esptool-js 0.7 is not complete. */
async function startStub(loader: Loader, name: string): Promise<void> {
  await loader.runStub();
  if (loader.IS_STUB) return;
  throw new MotekitError({
    code: "MK1906",
    message: `The chip on ${name} takes no stub loader: its secure download mode is on.`,
    remedy: "Such a chip was locked for good when it was made into a product; use another board.",
  });
}

/** By the JEDEC ID: its third byte is the power of two. */
async function sizeOfFlash(loader: Loader, name: string): Promise<number> {
  const id = await loader.readFlashId();
  const exponent = (id >> 16) & 0xff;
  const SMALLEST = 0x12;
  const LARGEST = 0x1c;
  if (exponent >= SMALLEST && exponent <= LARGEST) return 2 ** exponent;
  throw new MotekitError({
    code: "MK1907",
    message: `The flash of the chip on ${name} does not say its size (JEDEC ID ${hex(id)}). Nothing was written.`,
    remedy: "Take off whatever hangs on the pins of the flash, and repeat the command.",
  });
}

/** Like esptool's own `eraseFlash`, of a part. */
async function eraseStorage(loader: Loader, { storage }: Board): Promise<void> {
  const parameters = new Uint8Array(8);
  const view = new DataView(parameters.buffer);
  view.setUint32(0, storage.addressBytes, true);
  view.setUint32(4, storage.sizeBytes, true);
  await loader.checkCommand("erase region", ERASE_REGION, parameters, 0, 0, ERASE_REGION_MS_MAX);
}

async function write(
  loader: Loader,
  { images }: FirmwarePackage,
  options: FlashOptions,
  progress: Progress,
): Promise<number> {
  options.onStep?.("write");
  progress.hasChanged = true;
  const totalBytes = images.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const before = images.map((_, index) =>
    images.slice(0, index).reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  await loader.writeFlash({
    fileArray: images.map(({ bytes, offsetBytes }) => ({ data: bytes, address: offsetBytes })),
    // A package is made for its board: its headers say mode, frequency and size.
    flashMode: "keep",
    flashFreq: "keep",
    flashSize: "keep",
    eraseAll: false,
    compress: options.compress !== false,
    calculateMD5Hash: options.md5,
    reportProgress: (index, sent, total) =>
      options.onProgress?.(
        (before[index] ?? 0) + Math.round((sent / total) * (images[index]?.bytes.length ?? 0)),
        totalBytes,
      ),
  });
  return totalBytes;
}

function lastByte({ images }: FirmwarePackage): number {
  return Math.max(...images.map(({ offsetBytes, bytes }) => offsetBytes + bytes.length));
}

/** Whatever went wrong, with the state that the board is in. */
function flashError(error: unknown, name: string, { hasChanged }: Progress): MotekitError {
  if (error instanceof MotekitError && !hasChanged) return error;
  const state = hasChanged
    ? "The board's flash is half written: it does not start until it has been flashed again, which just works."
    : "Nothing was written: the board is as it was.";
  if (error instanceof MotekitError) {
    return new MotekitError(
      {
        code: error.code,
        message: `${error.message} ${state}`,
        remedy: error.remedy ?? "Repeat the command.",
      },
      { cause: error },
    );
  }
  return new MotekitError(
    {
      code: "MK1908",
      message: `Flashing the board on ${name} broke off: ${(error as Error).message} ${state}`,
      remedy:
        "Repeat the command, if need be with a lower --flash-baud, a shorter cable, or another USB port.",
    },
    { cause: error },
  );
}

function noLoader(name: string, diagnosis: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1904",
      message: `No chip in download mode answers on ${name}. ${diagnosis || (cause as Error).message}`,
      remedy:
        "Hold BOOT (IO0), press and let go of RESET (EN), let go of BOOT, and repeat the command. Check that the port is " +
        "the board's and the cable carries data.",
    },
    { cause },
  );
}

function otherChip(name: string, { chip, description }: ChipInfo, board: Board | undefined): MotekitError {
  return new MotekitError({
    code: "MK1905",
    message: board
      ? `The package is for ${board.name}, and the chip on ${name} is an ${chip} (${description}). Nothing was written.`
      : `The chip on ${name} is an ${chip} (${description}), which motekit has no board for.`,
    remedy: board
      ? `Give the package for the ${chip}.`
      : "Describe the board in a board file and give it by --board.",
  });
}

function tooSmall(name: string, flashBytes: number, neededBytes: number): MotekitError {
  return new MotekitError({
    code: "MK1907",
    message: `The chip on ${name} has ${flashBytes} bytes of flash, and ${neededBytes} are needed. Nothing was written.`,
    remedy: "Use a board with more flash, or a package for so little.",
  });
}
