/**
 * How Espruino's Storage begins a file, and what power leaves of that where it fails in this one write.
 *
 *     header    size (3 bytes, low first), flags, name (28 bytes, filled up with 00); FF where nothing was written
 *
 * With part of its size written, a header claims more than Storage has. Espruino takes that for the end of all files, and
 * writes its next file's header over it; flash only clears bits, so the two sizes are mixed. That file is lost then, and so
 * can be all others: at a later start Espruino finds Storage corrupt and erases it (measured on 2v29.277).
 */

export const STORAGE_HEADER_BYTES = 32;

/** An array or a `Uint8Array`. */
export interface HeaderBytes {
  readonly length: number;
  readonly [index: number]: number;
}

export function isErased(bytes: HeaderBytes): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== 255) return false;
  return true;
}

/**
 * What to write over the start of a torn header: it becomes that of an erased file, behind which Storage goes on.
 *
 * The file's size is the lowest bit that the torn one still has. The whole size had that bit too, or a lower one, so there
 * is room for it. Power may fail in this write as well, at any byte, and the same write repairs it then.
 */
export function repairedHeader(torn: HeaderBytes): number[] {
  const sizeBytes = (torn[0] as number) | ((torn[1] as number) << 8) | ((torn[2] as number) << 16);
  const bit = sizeBytes & -sizeBytes;
  // With these flags it is no file of Espruino's, whatever its name.
  return [bit & 255, (bit >> 8) & 255, bit >> 16, 255, 0, 0, 0, 0];
}
