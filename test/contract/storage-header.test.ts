/** Whatever bits of a header came to be written, what repairs it is a header that fits where the whole one did. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { isErased, repairedHeader, STORAGE_HEADER_BYTES } from "../../firmware/contract/storage-header.ts";

const SIZE_BITS = 0xffffff;

function sizeOf(header: readonly number[]): number {
  const [low = 0, middle = 0, high = 0] = header;
  return low | (middle << 8) | (high << 16);
}

test("a torn header is repaired to an erased file, no longer than the intended one", () => {
  const size = fc.integer({ min: 1, max: SIZE_BITS });
  const unwritten = fc.integer({ min: 0, max: SIZE_BITS });
  fc.assert(
    fc.property(size, unwritten, (meant, left) => {
      const torn = meant | left;
      const bytes = [torn & 255, (torn >> 8) & 255, torn >> 16, 255, 255, 255, 255, 255];
      const repaired = repairedHeader(bytes);
      const written = bytes.map((byte, index) => byte & (repaired[index] as number));
      expect(written).toEqual(repaired);
      expect(sizeOf(repaired)).toBeGreaterThan(0);
      expect(sizeOf(repaired)).toBeLessThanOrEqual(meant);
      expect(repaired.slice(3)).toEqual([255, 0, 0, 0, 0]);
    }),
  );
});

test("a header is erased where each of its bytes is FF", () => {
  const header = new Uint8Array(STORAGE_HEADER_BYTES).fill(255);
  expect(isErased(header)).toBe(true);
  for (let index = 0; index < header.length; index++) {
    const torn = header.with(index, 254);
    expect(isErased(torn), `byte ${index}`).toBe(false);
  }
});
