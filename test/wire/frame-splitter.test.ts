/** A stream, cut anywhere, is cut into the packets that were put into it. */
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { expect, test } from "vitest";
import { FRAME_BYTES_MAX, FrameSplitter } from "../../host/wire/frame-splitter.ts";
import { clientPackets } from "../fixtures/arbitrary-packets.ts";

function split(stream: Uint8Array, splits: readonly number[]): { frames: Buffer[]; splitter: FrameSplitter } {
  const edges = [...new Set([0, ...splits.filter((at) => at < stream.length), stream.length])].sort(
    (one, other) => one - other,
  );
  const splitter = new FrameSplitter();
  const frames: Buffer[] = [];
  for (let index = 1; index < edges.length; index++) {
    const piece = stream.slice(edges[index - 1], edges[index]);
    frames.push(...splitter.push(piece).map((frame) => Buffer.from(frame)));
  }
  return { frames, splitter };
}

test("whatever another encoder makes, in whatever pieces it comes", () => {
  fc.assert(
    fc.property(fc.array(clientPackets, { maxLength: 6 }), fc.array(fc.nat(2_000)), (packets, splits) => {
      const sent = packets.map((packet) => generate(packet));
      const { frames, splitter } = split(Buffer.concat(sent), splits);
      expect(frames).toEqual(sent);
      expect([splitter.fault, splitter.unfinished.length]).toEqual([undefined, 0]);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test("what has come of a packet that is not whole can be seen", () => {
  const { frames, splitter } = split(Buffer.from("c0003005000361", "hex"), [3, 4]);
  expect(frames.map((frame) => frame.toString("hex"))).toEqual(["c000"]);
  expect(Buffer.from(splitter.unfinished).toString("hex")).toBe("3005000361");
});

test.each([[[]], [[1, 2, 3, 4, 5]]])("a length of five bytes ends the stream, in pieces %j", (splits) => {
  const { frames, splitter } = split(Buffer.from("c00030ffffffff01aabb", "hex"), splits);
  expect(frames).toHaveLength(1);
  expect(splitter.fault).toMatch(/more than four bytes/);
  expect(Buffer.from(splitter.unfinished).toString("hex")).toMatch(/^30ffffffff/);
  expect(splitter.push(Buffer.from("c000", "hex"))).toEqual([]);
});

test("a packet that is too long is given up before it is kept", () => {
  const splitter = new FrameSplitter();
  expect(splitter.push(Buffer.from("30ffffff7f", "hex"))).toEqual([]);
  expect(splitter.fault).toMatch(/a packet of \d+ bytes/);
  expect(FRAME_BYTES_MAX).toBeLessThan(0xfff_ffff);
  expect(splitter.unfinished).toHaveLength(5);
});
