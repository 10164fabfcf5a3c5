/**
 * Decides whether a file is sent to a board compressed. Espruino 2v29 unpacks wrongly without an error; later builds are right
 * (measured on 2v29.277), but future ones may not be. So an interpreter is tested first, with a small file that has all cases:
 * literal bytes, references, overlapping references, and more than the 512 bytes that Espruino unpacks at a time. The file
 * stays on the board and contains the version, so that the test is not repeated.
 */
import { bytesOf, crc32Of } from "./bytes.ts";
import type { BoardConsole, Interpreter } from "./console.ts";
import { occupiedBytes, sendByPackets, statFile, storageRoom, usableRoom } from "./file-transfer.ts";
import { compressPiece } from "./heatshrink.ts";

/** The file of the test. */
export const TRIAL_FILE = "mk.unpack";
const TRIAL_BYTES = 640;
/** The test takes about as long on a line of 115200 baud. */
const GAIN_MS_MIN = 100;
/** Espruino for Linux ends at 03 and 04, which compressed data may contain. */
const BOARD_WITHOUT_CONTROL_BYTES = "LINUX";
const FIRST_RELEASE = { major: 2, minor: 29 };

/**
 * Tests the board if compression is worthwhile for `bytes`. Writes at most the test's file, and only if there is space for both.
 *
 * Throws like `evaluate`, and MK1604 and MK1605.
 */
export async function chooseCompression(console: BoardConsole, bytes: Uint8Array): Promise<boolean> {
  if (!mayUnpack(console.interpreter) || gainMs(console, bytes) < GAIN_MS_MIN) return false;
  const trial = trialOf(console.interpreter.version);
  if (await holdsTrial(console, trial)) return true;
  const { freeBytes } = await storageRoom(console);
  if (usableRoom(freeBytes) < occupiedBytes(bytes.length) + occupiedBytes(trial.length)) return false;
  const sent = await sendByPackets(console, TRIAL_FILE, trial, { isCompressed: true });
  console.takeUncaught();
  return sent && holdsTrial(console, trial);
}

/** Builds before 2v30 have a third number. Only the release 2v29 itself is wrong. */
function mayUnpack({ board, version }: Interpreter): boolean {
  if (board === BOARD_WITHOUT_CONTROL_BYTES) return false;
  const [major = 0, minor = 0, build = 0] = version.split(/[v.]/).map(Number);
  if (major !== FIRST_RELEASE.major) return major > FIRST_RELEASE.major;
  return minor > FIRST_RELEASE.minor || (minor === FIRST_RELEASE.minor && build > 0);
}

/** The time that compression saves on the line, in milliseconds. */
function gainMs({ line }: BoardConsole, bytes: Uint8Array): number {
  const { compressed } = compressPiece(bytes, 0, 2 * bytes.length);
  return ((bytes.length - compressed.length) * 10_000) / line.baudRate;
}

function trialOf(version: string): Uint8Array {
  let text = `Espruino ${version} unpacks`;
  for (let count = 0; text.length < TRIAL_BYTES; count++) text += ` ${count} of these`;
  return bytesOf(text.slice(0, TRIAL_BYTES - 100).padEnd(TRIAL_BYTES, "="));
}

async function holdsTrial(console: BoardConsole, trial: Uint8Array): Promise<boolean> {
  const stored = await statFile(console, TRIAL_FILE);
  return stored?.lengthBytes === trial.length && stored.crc === crc32Of(trial);
}
