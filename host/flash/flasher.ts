/**
 * Writes the interpreter into a chip's flash, by its loader in ROM and the stub loader that is sent into its RAM:
 *
 *     reset into download mode → chip → refuse, or → stub loader → baud rate → flash size → refuse, or → erase → write
 *     → MD5 → reset into the app
 *
 * Up to the erasing nothing is changed. It knows a line, not Node, so that a browser flashes by the same code.
 */
import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Board } from "../boards.ts";
import { MotekitError } from "../errors.ts";
import type { Line } from "../serial/line.ts";
import { type LineClock, systemClock } from "../serial/line-clock.ts";
import { type FirmwarePackage, type FlashNeed, hex, needOfFiles } from "./firmware-package.ts";
import { type FlashState, flashError } from "./flash-state.ts";
import { type ChipInfo, Loader, ROM_BAUD_RATE, readChipInfo, resetIntoApp } from "./loader.ts";
import type { UsbIds } from "./web-serial-port.ts";

export type FlashStep = "connect" | "stub" | "erase" | "write" | "reset";

export interface FlashOptions {
  /** Left out: nothing is written, for `erase` alone. */
  readonly firmware?: FirmwarePackage | undefined;
  /** First: all of the flash; what holds the board's files; or nothing but what is written. */
  readonly erase?: "all" | "storage";
  /** Whose Storage is erased where no firmware says so; chosen by the chip that is found. */
  readonly boards: readonly Board[];
  /** The one of these that it has to be. */
  readonly board?: Board | undefined;
  /** From the stub loader on. */
  readonly baudRate: number;
  readonly usb?: UsbIds;
  /** Compressed unless false. */
  readonly compress?: boolean;
  readonly clock?: LineClock;
  /** Attempts to reach the loader, of a second or less. */
  readonly attemptsMax?: number;
  onStep?(step: FlashStep): void;
  /** At each change of what its errors would say, for whoever breaks it off. */
  onState?(state: FlashState): void;
  /** Of what the step erases, or of all images as they are. */
  onProgress?(doneBytes: number, totalBytes: number): void;
}

export interface FlashResult extends ChipInfo {
  readonly flashBytes: number;
  readonly writtenBytes: number;
  readonly erased?: "all" | "storage";
  /** At which it was written: the ROM loader's, where the board does not answer at the one that was asked for. */
  readonly baudRate: number;
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
/**
 * The stub erases a piece by 64 KiB and its last 64 KiB by 4 KiB, and is silent meanwhile: 2 s in all by what datasheets
 * call typical, 21 s at the worst (2 s and 0.4 s each).
 */
const ERASE_PIECE_BYTES = 512 * 1024;
const ERASE_PIECE_MS_MAX = 25_000;
/** Beyond these the stubs address no region (24 bits). */
const REGION_BYTES_MAX = 16 * 1024 * 1024;

/** How far it got. */
class Progress {
  readonly #onState: ((state: FlashState) => void) | undefined;
  #state: FlashState = "untouched";

  constructor({ onState }: FlashOptions) {
    this.#onState = onState;
  }

  get state(): FlashState {
    return this.#state;
  }

  set state(state: FlashState) {
    this.#state = state;
    this.#onState?.(state);
  }
}

/**
 * The line stays open, at the ROM loader's rate.
 *
 * @throws MK1904 no loader answers, MK1905 another chip, MK1906 no stub loader, MK1907 the flash is too small, MK1908 it
 * broke off or was not proved; MK1604 to MK1606 of the line. Each says what state the board is in.
 */
export async function flash(line: Line, options: FlashOptions): Promise<FlashResult> {
  const loader = new Loader(line, options.baudRate, options.usb ?? {});
  const progress = new Progress(options);
  const clock = options.clock ?? systemClock;
  const startedMs = clock.uptimeMs();
  let wasReset = false;
  try {
    wasReset = await hasResetLines(line);
    const result = await Promise.race([work(loader, line, options, progress, wasReset), loader.port.ended]);
    await loader.release();
    options.onStep?.("reset");
    await leave(line, clock, wasReset);
    return { ...result, tookMs: clock.uptimeMs() - startedMs, wasReset };
  } catch (error) {
    // The line may be gone, and nobody is there to release. What is on the board starts again, where it can.
    await Promise.race([loader.release().then(() => leave(line, clock, wasReset)), loader.port.ended]).catch(
      () => undefined,
    );
    throw flashError(error, line.name, progress.state);
  }
}

async function leave(line: Line, clock: LineClock, canReset: boolean): Promise<void> {
  await line.setBaudRate(ROM_BAUD_RATE);
  if (canReset) await resetIntoApp(line, clock);
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
    throw noLoader(line.name, loader, error);
  }
  return readChipInfo(loader);
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
  await loader.stopWatchdogs();
  const chip = CHIP_NAMES[info.chip];
  if (firmware && firmware.board.chip !== chip) throw otherChip(line.name, info, firmware.board);
  if (options.board && options.board.chip !== chip) throw otherBoard(line.name, info, options.board);
  const board = firmware?.board ?? options.board ?? options.boards.find((one) => one.chip === chip);
  if (!board) throw unknownChip(line.name, info);
  options.onStep?.("stub");
  await startStub(loader, line.name);
  if (options.baudRate !== ROM_BAUD_RATE) await changeRate(loader, line, options.baudRate, canReset);
  const flashBytes = await sizeOfFlash(loader, line.name);
  const need = firmware?.need ?? (erase === "storage" ? needOfFiles(board) : undefined);
  if (need && need.bytes > flashBytes) throw tooSmall(line.name, flashBytes, need);
  if (erase === "all") await eraseAll(loader, flashBytes, options, progress);
  else if (erase) await eraseStorage(loader, board, options, progress);
  const writtenBytes = firmware ? await write(loader, firmware, options, progress) : 0;
  return { ...info, flashBytes, writtenBytes, ...(erase && { erased: erase }), baudRate: line.baudRate };
}

/** Where the board does not answer at the rate it is reached anew, at the loader's own. */
async function changeRate(loader: Loader, line: Line, baudRate: number, canReset: boolean): Promise<void> {
  try {
    await loader.changeBaud();
  } catch (error) {
    if (canReset) throw error;
    throw tooFast(line.name, baudRate, error);
  }
  if (line.baudRate === baudRate) return;
  refuseRom(loader, line.name);
  await loader.stopWatchdogs();
}

async function startStub(loader: Loader, name: string): Promise<void> {
  await loader.runStub();
  refuseRom(loader, name);
}

/**
 * Defect: esptool-js goes on without a word where there is no stub loader. With the loader in ROM it then finds every MD5 wrong,
 * and erases nothing.
 */
function refuseRom(loader: Loader, name: string): void {
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
    message: `The flash of the chip on ${name} does not say its size (JEDEC ID ${hex(id)}).`,
    remedy: "Take off whatever hangs on the pins of the flash, and repeat the command.",
  });
}

async function eraseAll(
  loader: Loader,
  flashBytes: number,
  options: FlashOptions,
  progress: Progress,
): Promise<void> {
  options.onStep?.("erase");
  progress.state = "half-erased";
  if (flashBytes > REGION_BYTES_MAX) await loader.eraseFlash();
  else await erasePieces(loader, 0, flashBytes, options);
  progress.state = "erased";
}

async function eraseStorage(
  loader: Loader,
  { storage }: Board,
  options: FlashOptions,
  progress: Progress,
): Promise<void> {
  options.onStep?.("erase");
  progress.state = "storage-half-erased";
  await erasePieces(loader, storage.addressBytes, storage.sizeBytes, options);
  progress.state = "storage-erased";
}

/** Defect: esptool-js can erase nothing but the whole chip, and waits two minutes for that without a word. */
async function erasePieces(
  loader: Loader,
  offsetBytes: number,
  sizeBytes: number,
  options: FlashOptions,
): Promise<void> {
  const end = offsetBytes + sizeBytes;
  for (let at = offsetBytes; at < end; ) {
    const pieceBytes = Math.min(end - at, ERASE_PIECE_BYTES - (at % ERASE_PIECE_BYTES));
    const parameters = new Uint8Array(8);
    const view = new DataView(parameters.buffer);
    view.setUint32(0, at, true);
    view.setUint32(4, pieceBytes, true);
    await loader.checkCommand("erase region", ERASE_REGION, parameters, 0, 0, ERASE_PIECE_MS_MAX);
    at += pieceBytes;
    options.onProgress?.(at - offsetBytes, sizeBytes);
  }
}

async function write(
  loader: Loader,
  { images }: FirmwarePackage,
  options: FlashOptions,
  progress: Progress,
): Promise<number> {
  options.onStep?.("write");
  loader.onFlashBegin = () => {
    progress.state = "half-written";
  };
  const totalBytes = images.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const before = images.map((_, index) =>
    images.slice(0, index).reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  await loader.writeFlash({
    fileArray: images.map(({ bytes, offsetBytes }) => ({ data: bytes, address: offsetBytes })),
    // A package is made for its board: its headers say mode, frequency and size. Defects: esptool-js would change them and leave
    // the image's SHA-256; and, as they are kept, it does not look whether the images fit, which is why that was done.
    flashMode: "keep",
    flashFreq: "keep",
    flashSize: "keep",
    eraseAll: false,
    compress: options.compress !== false,
    // Defect: without it esptool-js proves nothing of what it wrote.
    calculateMD5Hash: (bytes) => bytesToHex(md5(bytes)),
    reportProgress: (index, sent, total) =>
      options.onProgress?.(
        (before[index] ?? 0) + Math.round((sent / total) * (images[index]?.bytes.length ?? 0)),
        totalBytes,
      ),
  });
  progress.state = "written";
  return totalBytes;
}

/** That the port is in use, or not yours, was said when it was opened. */
function noLoader(name: string, { diagnosis, port }: Loader, cause: unknown): MotekitError {
  const found =
    port.receivedBytes === 0
      ? "Not a byte came: the board is in another mode, or hangs on another port."
      : `${port.receivedBytes} bytes came, and no answer: the board is in another mode, or another program talks to it.`;
  return new MotekitError(
    {
      code: "MK1904",
      message: `No chip in download mode answers on ${name}. ${found} esptool-js: ${diagnosis || (cause as Error).message}`,
      remedy:
        "Hold BOOT (IO0), press and let go of RESET (EN), let go of BOOT, and repeat the command. Check that the port is " +
        "the board's and the cable carries data.",
    },
    { cause },
  );
}

/** Of a port without the lines by which esptool-js would reach the chip anew. */
function tooFast(name: string, baudRate: number, cause: unknown): MotekitError {
  const isOverLine = cause instanceof MotekitError && cause.code !== "MK1606";
  if (isOverLine) return cause;
  return new MotekitError(
    {
      code: "MK1908",
      message: `The chip on ${name} does not answer at ${baudRate} bits a second.`,
      remedy: `Hold BOOT (IO0), press and let go of RESET (EN), let go of BOOT, and repeat it at ${ROM_BAUD_RATE} (\`motekit flash --baud\`).`,
    },
    { cause },
  );
}

function otherChip(name: string, info: ChipInfo, board: Board): MotekitError {
  return wrongChip(
    `The package is for ${board.name}, and ${whatIsOn(name, info)}.`,
    `Give the package for the ${info.chip}.`,
  );
}

function otherBoard(name: string, info: ChipInfo, board: Board): MotekitError {
  return wrongChip(
    `The board "${board.id}" has an ${board.chip}, and ${whatIsOn(name, info)}.`,
    "Give another --board, or leave it out.",
  );
}

function unknownChip(name: string, info: ChipInfo): MotekitError {
  return wrongChip(
    `motekit has no board for what it found: ${whatIsOn(name, info)}.`,
    "Describe the board in a board file and give it by --board.",
  );
}

function whatIsOn(name: string, { chip, description }: ChipInfo): string {
  return `the chip on ${name} is an ${chip} (${description})`;
}

function wrongChip(message: string, remedy: string): MotekitError {
  return new MotekitError({ code: "MK1905", message, remedy });
}

function tooSmall(name: string, flashBytes: number, { bytes, why }: FlashNeed): MotekitError {
  return new MotekitError({
    code: "MK1907",
    message: `The chip on ${name} has ${flashBytes} bytes of flash, and ${bytes} are needed: ${why}.`,
    remedy: "Use a board with more flash, or a package for so little.",
  });
}
