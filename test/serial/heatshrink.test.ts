import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bytesOf } from "../../host/serial/bytes.ts";
import { compressPiece } from "../../host/serial/heatshrink.ts";
import { nextFraction, seededRandom } from "../../host/simulator/interpreter/random.ts";
import { decompress } from "../fixtures/serial/unpack.ts";

const random = seededRandom(29);
const noise = Uint8Array.from({ length: 5_000 }, () => Math.floor(nextFraction(random) * 256));

const cases: readonly (readonly [title: string, bytes: Uint8Array])[] = [
  ["one byte", bytesOf("a")],
  ["no repetition", Uint8Array.from({ length: 256 }, (_, index) => index)],
  ["noise", noise],
  ["a run, which refers into itself", bytesOf("x".repeat(1_000))],
  [
    "a repetition from the farthest byte of the window",
    Uint8Array.from([...noise.subarray(0, 256), ...noise.subarray(0, 70)]),
  ],
  [
    "a repetition from beyond the window",
    Uint8Array.from([...noise.subarray(0, 257), ...noise.subarray(0, 1)]),
  ],
  ["a program", readFileSync(new URL("../../host/serial/console.ts", import.meta.url))],
];

test.each(cases)(
  "compression of %s: another decoder restores it from pieces that each stand alone",
  (_, bytes) => {
    for (const bytesMax of [2, 3, 100, 4_092]) {
      let offset = 0;
      while (offset < bytes.length) {
        const { compressed, endOffset } = compressPiece(bytes, offset, bytesMax);
        expect(endOffset).toBeGreaterThan(offset);
        expect(compressed.length).toBeLessThanOrEqual(bytesMax);
        expect(Buffer.from(decompress(compressed))).toEqual(Buffer.from(bytes.subarray(offset, endOffset)));
        offset = endOffset;
      }
      expect(offset).toBe(bytes.length);
    }
  },
);

test("compression fills each piece with as much as fits", () => {
  const program = cases.at(-1)?.[1] as Uint8Array;
  const { compressed } = compressPiece(program, 0, 1_000);
  expect(compressed.length).toBeGreaterThan(997);
});

test("compression of a run costs a literal and references of 64 bytes", () => {
  const { compressed } = compressPiece(bytesOf("x".repeat(129)), 0, 100);
  expect(compressed.length).toBe(Math.ceil((9 + 2 * 15) / 8));
});
