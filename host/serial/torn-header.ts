/**
 * Mends the end of a board's Storage, where power failed while a file's header was written.
 *
 *     header    size (3 bytes, low first), flags, name (28 bytes); FF where nothing was written
 *
 * With part of its size written, a header claims more than Storage has. Espruino takes that for the end of all files, and
 * writes its next file's header over it; flash only clears bits, so the two sizes are mixed. The file is lost then, and so
 * can be all others: at its next start Espruino finds Storage corrupt and erases it (measured on 2v29.277).
 *
 * A file whose size is one bit that the torn size still has comes out as it is meant to be. It is written over the torn
 * header, and removed: the next file goes behind it.
 */
import { MotekitError } from "../errors.ts";
import type { BoardConsole } from "./console.ts";

/** Where Storage lies in a board's flash. */
export interface StorageArea {
  readonly addressBytes: number;
  readonly sizeBytes: number;
}

const HEADER_BYTES = 32;
const SIZE_BITS = 0xffffff;
const FILLER_FILE = "mk.torn";
/** One is enough, where it comes out as it should. */
const FILLERS_MAX = 2;

interface StorageEnd {
  /** Numbers, with commas between. */
  readonly header: string;
  readonly freeBytes: number;
}

/**
 * To be called before a file is written. True where something was mended, which takes some of the room. A Storage of
 * another size than `area`, as older releases have it, is not looked at.
 *
 * @throws MK1623 it cannot be mended so, and as `evaluate`.
 */
export async function mendTornHeader(console: BoardConsole, area: StorageArea): Promise<boolean> {
  for (let fillers = 0; ; fillers++) {
    const end = await readEnd(console, area);
    const sizeBytes = end ? fillerBytes(end.header.split(",").map(Number)) : undefined;
    if (!end || sizeBytes === undefined) return fillers > 0;
    if (fillers === FILLERS_MAX || sizeBytes === 0 || sizeBytes + HEADER_BYTES > end.freeBytes) {
      throw damaged(console);
    }
    await console.run(
      `(s=>{s.write("${FILLER_FILE}","\\xff",0,${sizeBytes});s.erase("${FILLER_FILE}")})(require("Storage"))`,
    );
  }
}

/** Null where there is no room for a header, or Storage is not where `area` says. */
function readEnd(console: BoardConsole, area: StorageArea): Promise<StorageEnd | null> {
  return console.evaluateJson<StorageEnd | null>(
    `((s,f)=>s.totalBytes==${area.sizeBytes}&&s.freeBytes>=${HEADER_BYTES}?{freeBytes:s.freeBytes,header:` +
      `f.read(${HEADER_BYTES},${area.addressBytes}+s.totalBytes-s.freeBytes).join()}:null)` +
      '(require("Storage").getStats(),require("Flash"))',
  );
}

/** The size of the file that mends this header: undefined where nothing was written, 0 where no bit is left. */
function fillerBytes(header: readonly number[]): number | undefined {
  if (header.every((byte) => byte === 0xff)) return undefined;
  const [low = 0, middle = 0, high = 0] = header;
  const size = (low | (middle << 8) | (high << 16)) & SIZE_BITS;
  return size & -size;
}

function damaged(console: BoardConsole): MotekitError {
  return new MotekitError({
    code: "MK1623",
    message: `The Storage on ${console.line.name} is damaged where its next file would begin. Nothing was written.`,
    remedy:
      "Before the board restarts, upon which Espruino may erase all of its files: remove one that you can do without " +
      "(`motekit files rm NAME`), then `motekit files compact`. The power must not fail meanwhile.",
  });
}
