/**
 * Writes the interpreter into a chip's flash, with its ROM loader and the stub loader that is sent into its RAM:
 *
 *     reset into download mode → chip → refuse, or → stub loader → baud rate → flash size → refuse, or → erase → write
 *     → MD5 → reset into the app
 *
 * Before erasing nothing is changed. It uses a line and not Node, so that a browser can flash with the same code.
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
  /** If undefined, nothing is written, which requires `erase`. */
  readonly firmware?: FirmwarePackage | undefined;
  /** The part to erase first: all of the flash or the board's Storage. If undefined, only what is written is erased. */
  readonly erase?: "all" | "storage";
  /** The boards that motekit knows. Without firmware, the detected chip selects the board whose Storage is erased. */
  readonly boards: readonly Board[];
  /** The expected board. */
  readonly board?: Board | undefined;
  /** The rate from the stub loader on. */
  readonly baudRate: number;
  readonly usb?: UsbIds;
  /** Whether to send compressed data. The default is true. */
  readonly compress?: boolean;
  readonly clock?: LineClock;
  /** The limit on attempts to reach the loader, each of at most a second. */
  readonly attemptsMax?: number;
  onStep?(step: FlashStep): void;
  /** Called at each change of the board's state, for a caller that may be interrupted. */
  onState?(state: FlashState): void;
  /** Called with the progress of erasing, or of writing all images, in uncompressed bytes. */
  onProgress?(doneBytes: number, totalBytes: number): void;
}

export interface FlashResult extends ChipInfo {
  readonly flashBytes: number;
  readonly writtenBytes: number;
  readonly erased?: "all" | "storage";
  /** The rate of writing: that of the ROM loader if the board does not respond at the requested rate. */
  readonly baudRate: number;
  readonly tookMs: number;
  /** False if the port has no reset signals, so that a person has to press the board's button. */
  readonly wasReset: boolean;
}

const ATTEMPTS_MAX = 7;
/** The chips of the board files by esptool's names. */
const CHIP_NAMES: Readonly<Record<string, string>> = {
  ESP32: "esp32",
  "ESP32-C3": "esp32c3",
  "ESP32-S3": "esp32s3",
};
const ERASE_REGION = 0xd1;
/**
 * The stub erases a piece in blocks of 64 KiB and its last 64 KiB in blocks of 4 KiB, and does not respond meanwhile: 2 s in
 * total with typical values of datasheets, 21 s with the maximum (2 s and 0.4 s each).
 */
const ERASE_PIECE_BYTES = 512 * 1024;
const ERASE_PIECE_MS_MAX = 25_000;
/** The stubs cannot address regions beyond (24 bits). */
const REGION_BYTES_MAX = 16 * 1024 * 1024;

/** Keeps the board's state, and reports its changes. */
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
 * Flashes a board. The line stays open, at the ROM loader's rate.
 *
 * @throws MK1904 no loader responds, MK1905 wrong chip, MK1906 no stub loader, MK1907 the flash is too small, MK1908 it failed
 * or was not verified; MK1604 to MK1606 of the line. Each message has the board's state.
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
    // The line may have ended. Otherwise the board is reset, so that its present app starts if it can.
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

/** Whether the port has reset signals. Network bridges and pseudo-terminals have none, so a person has to press the buttons. */
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
  if (firmware && firmware.board.chip !== chip) throw wrongChipForPackage(line.name, info, firmware.board);
  if (options.board && options.board.chip !== chip) throw wrongChipForBoard(line.name, info, options.board);
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

/** Changes the rate. If the board does not respond at it, the loader is reached again at its own rate. */
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
 * Defect of esptool-js: it continues silently without a stub loader. With the ROM loader it then reports every MD5 as wrong, and
 * erases nothing.
 */
function refuseRom(loader: Loader, name: string): void {
  if (loader.IS_STUB) return;
  throw new MotekitError({
    code: "MK1906",
    message: `The chip on ${name} does not accept a stub loader, because its secure download mode is enabled.`,
    remedy: "Use another board. The mode was enabled permanently when the product was made.",
  });
}

/** The size of the flash in bytes. The third byte of the JEDEC ID is the power of two. */
async function sizeOfFlash(loader: Loader, name: string): Promise<number> {
  const id = await loader.readFlashId();
  const exponent = (id >> 16) & 0xff;
  const SMALLEST = 0x12;
  const LARGEST = 0x1c;
  if (exponent >= SMALLEST && exponent <= LARGEST) return 2 ** exponent;
  throw new MotekitError({
    code: "MK1907",
    message: `The flash of the chip on ${name} does not report its size (JEDEC ID ${hex(id)}).`,
    remedy: "Disconnect everything from the pins of the flash, and repeat the command.",
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

/** Erases a region. Defect of esptool-js: it can erase only the whole chip, for two minutes without progress. */
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
    // The headers of a package already have mode, frequency and size for the board. Defects of esptool-js: it would change them
    // without updating the image's SHA-256. If they are kept, it does not check whether the images fit, so that was checked.
    flashMode: "keep",
    flashFreq: "keep",
    flashSize: "keep",
    eraseAll: false,
    compress: options.compress !== false,
    // Defect of esptool-js: without this function it does not verify what it wrote.
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

/** The error MK1904. (A port that is in use or not accessible was reported when it was opened.) */
function noLoader(name: string, { diagnosis, port }: Loader, cause: unknown): MotekitError {
  const found =
    port.receivedBytes === 0
      ? "It sent nothing: the board is in another mode, or on another port."
      : `It sent ${port.receivedBytes} bytes, but no valid response: the board is in another mode, or another program uses it.`;
  return new MotekitError(
    {
      code: "MK1904",
      message: `No chip in download mode responds on ${name}. ${found} Detail from esptool-js: ${diagnosis || (cause as Error).message}`,
      remedy:
        "Hold BOOT (IO0), press and release RESET (EN), release BOOT, and repeat the command. Check that the port is the " +
        "board's and that the cable carries data.",
    },
    { cause },
  );
}

/** The error for a rate that is too high, on a port without the signals with which esptool-js would reset the chip. */
function tooFast(name: string, baudRate: number, cause: unknown): MotekitError {
  const isOverLine = cause instanceof MotekitError && cause.code !== "MK1606";
  if (isOverLine) return cause;
  return new MotekitError(
    {
      code: "MK1908",
      message: `The chip on ${name} does not respond at ${baudRate} baud.`,
      remedy: `Hold BOOT (IO0), press and release RESET (EN), release BOOT, and repeat the command with \`--baud ${ROM_BAUD_RATE}\`.`,
    },
    { cause },
  );
}

function wrongChipForPackage(name: string, info: ChipInfo, board: Board): MotekitError {
  return wrongChip(
    `The package is for ${board.name}, but ${whatIsOn(name, info)}.`,
    `Use the package for the ${info.chip}.`,
  );
}

function wrongChipForBoard(name: string, info: ChipInfo, board: Board): MotekitError {
  return wrongChip(
    `The board "${board.id}" has an ${board.chip}, but ${whatIsOn(name, info)}.`,
    "Choose another --board, or omit it.",
  );
}

function unknownChip(name: string, info: ChipInfo): MotekitError {
  return wrongChip(
    `motekit has no board with this chip: ${whatIsOn(name, info)}.`,
    "Describe the board in a board file and pass it with --board.",
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
    message: `The chip on ${name} has ${flashBytes} bytes of flash, but ${bytes} are required: ${why}.`,
    remedy: "Use a board with more flash, or a package for a smaller flash.",
  });
}
