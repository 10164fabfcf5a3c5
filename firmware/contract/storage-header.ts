/**
 * The header of a file in Espruino's Storage, and the repair of a header whose write was cut by a power failure.
 *
 *     header    size (3 bytes, low byte first), flags, name (28 bytes, padded with 00); unwritten bytes are FF
 *
 * A partly written size is larger than Storage. Espruino treats that header as the end of all files, and writes the header of
 * its next file over it; flash only clears bits, so the two sizes are mixed. That file is lost, and all others may be too: at a
 * later start Espruino finds Storage corrupt and erases it (measured on 2v29.277).
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
 * The bytes to write over the start of a torn header, which turn it into that of an erased file. Storage continues after it.
 *
 * The file's size is the lowest bit that the torn one still has. The whole size had that bit too, or a lower one, so there
 * is space for it. Power may fail in this write as well, at any byte, and the same write repairs it then.
 */
export function repairedHeader(torn: HeaderBytes): number[] {
  const sizeBytes = (torn[0] as number) | ((torn[1] as number) << 8) | ((torn[2] as number) << 16);
  const bit = sizeBytes & -sizeBytes;
  // With these flags Espruino does not treat it as a file, whatever its name is.
  return [bit & 255, (bit >> 8) & 255, bit >> 16, 255, 0, 0, 0, 0];
}
