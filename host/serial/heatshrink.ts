/**
 * Compresses with Heatshrink (LZSS), as Espruino unpacks DATA packets of a file that was announced with `"c":1`. A stream of
 * bits, highest bit first:
 *
 *     1 bbbbbbbb            the byte b
 *     0 dddddddd llllll     l + 1 bytes from d + 1 bytes back, which may overlap with the output
 *
 * The last byte is padded with zeros. Each packet is a separate stream. The widths are those of Espruino (libs/compression,
 * `heatshrink_config.h`).
 */
const WINDOW_BITS = 8;
const LENGTH_BITS = 6;
const DISTANCE_MAX = 1 << WINDOW_BITS;
const LENGTH_MAX = 1 << LENGTH_BITS;
const LITERAL_BITS = 1 + 8;
const REFERENCE_BITS = 1 + WINDOW_BITS + LENGTH_BITS;
/** The length from which a reference takes fewer bits than literal bytes. */
const LENGTH_MIN = Math.floor(REFERENCE_BITS / LITERAL_BITS) + 1;

export interface CompressedPiece {
  readonly compressed: Uint8Array;
  /** The offset in the bytes at which the piece ends. */
  readonly endOffset: number;
}

/** Compresses as many bytes from `offset` as fit into a stream of at most `bytesMax` (2 or more). */
export function compressPiece(bytes: Uint8Array, offset: number, bytesMax: number): CompressedPiece {
  const compressed = new Uint8Array(bytesMax);
  let bitCount = 0;
  const put = (value: number, width: number): void => {
    for (let bit = width - 1; bit >= 0; bit--, bitCount++) {
      if ((value >> bit) & 1)
        compressed[bitCount >> 3] = (compressed[bitCount >> 3] as number) | (0x80 >> (bitCount & 7));
    }
  };
  let at = offset;
  while (at < bytes.length) {
    const { length, distance } = longestMatch(bytes, offset, at);
    const isReference = length >= LENGTH_MIN;
    if (bitCount + (isReference ? REFERENCE_BITS : LITERAL_BITS) > bytesMax * 8) break;
    if (isReference) {
      put(0, 1);
      put(distance - 1, WINDOW_BITS);
      put(length - 1, LENGTH_BITS);
      at += length;
    } else {
      put(1, 1);
      put(bytes[at] as number, 8);
      at++;
    }
  }
  return { compressed: compressed.subarray(0, Math.ceil(bitCount / 8)), endOffset: at };
}

/** The longest match for the bytes at `at` in the window before it, not before `start`; the nearest if several are as long. */
function longestMatch(bytes: Uint8Array, start: number, at: number): { length: number; distance: number } {
  const lengthMax = Math.min(LENGTH_MAX, bytes.length - at);
  let length = 0;
  let distance = 0;
  for (let back = 1; back <= Math.min(DISTANCE_MAX, at - start) && length < lengthMax; back++) {
    let matching = 0;
    while (matching < lengthMax && bytes[at + matching] === bytes[at + matching - back]) matching++;
    if (matching > length) {
      length = matching;
      distance = back;
    }
  }
  return { length, distance };
}
