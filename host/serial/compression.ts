/**
 * Whether a file goes to a board compressed. Espruino 2v29 unpacks wrongly and says nothing; builds after it do it right
 * (measured on 2v29.277), and nobody knows what a later one does. So an interpreter is tried first, with a small file
 * that has all there is to unpack: bytes as they are, references, ones that reach into themselves, and more than the
 * 512 bytes that Espruino unpacks at a time. The file stays, under the version's name, and is the proof for the next time.
 */
import { bytesOf, crc32Of } from "./bytes.ts";
import type { BoardConsole, Interpreter } from "./console.ts";
import { occupiedBytes, sendByPackets, statFile, storageRoom, usableRoom } from "./file-transfer.ts";
import { compressPiece } from "./heatshrink.ts";

/** What the trial left. */
export const TRIAL_FILE = "mk.unpack";
const TRIAL_BYTES = 640;
/** The trial takes about as long on a line of 115200 baud. */
const GAIN_MS_MIN = 100;
/** Espruino for Linux ends at 03 and 04, which compressed data may hold. */
const BOARD_WITHOUT_CONTROL_BYTES = "LINUX";
const FIRST_RELEASE = { major: 2, minor: 29 };

/**
 * Tries the board where it pays; `bytes` are what is then to be sent. Writes at most the trial's file, and not where the
 * room is for `bytes` only.
 *
 * @throws as `evaluate`, MK1604 and MK1605.
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

/** Builds on the way to 2v30 have a third number; the release 2v29 itself is the one that is wrong. */
function mayUnpack({ board, version }: Interpreter): boolean {
  if (board === BOARD_WITHOUT_CONTROL_BYTES) return false;
  const [major = 0, minor = 0, build = 0] = version.split(/[v.]/).map(Number);
  if (major !== FIRST_RELEASE.major) return major > FIRST_RELEASE.major;
  return minor > FIRST_RELEASE.minor || (minor === FIRST_RELEASE.minor && build > 0);
}

/** Time of the line that compressed packets save. */
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
