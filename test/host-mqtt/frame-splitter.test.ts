/** A stream in chunks of any size is split into its packets. */
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { expect, test } from "vitest";
import { FrameSplitter, type StreamJudge } from "../../host/mqtt/frame-splitter.ts";
import { ProtocolViolation } from "../../host/mqtt/protocol-violation.ts";
import { HubStream, PACKET_BYTES_MAX } from "../../host/page/mqtt/hub-stream.ts";
import { clientPackets } from "../fixtures/arbitrary-packets.ts";

interface Split {
  readonly frames: Buffer[];
  readonly bodies: Buffer[];
  readonly splitter: FrameSplitter<Buffer>;
  readonly violation: string | undefined;
}

const NO_JUDGE: StreamJudge<Buffer> = {
  judgeFirstByte: () => undefined,
  judgeLength: () => undefined,
  judgePart: () => undefined,
};

function split(stream: Uint8Array, splits: readonly number[], judge = NO_JUDGE): Split {
  const edges = [...new Set([0, ...splits.filter((at) => at < stream.length), stream.length])].sort(
    (one, other) => one - other,
  );
  const splitter = new FrameSplitter<Buffer>(
    { nothing: Buffer.alloc(0), allocate: Buffer.allocUnsafe },
    judge,
  );
  const frames: Buffer[] = [];
  const bodies: Buffer[] = [];
  let violation: string | undefined;
  try {
    for (let index = 1; index < edges.length; index++) {
      // A copy, overwritten afterwards: what is kept must not be a view of what came.
      const piece = Buffer.from(stream.slice(edges[index - 1], edges[index]));
      splitter.read(piece, (firstByte, body) => {
        frames.push(Buffer.from(splitter.frame()));
        bodies.push(Buffer.concat([Buffer.of(firstByte), body]));
      });
      piece.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof ProtocolViolation)) throw error;
    violation = error.message;
  }
  return { frames, bodies, splitter, violation };
}

test("FrameSplitter: packets that mqtt-packet encodes are split correctly, however the stream is chunked", () => {
  fc.assert(
    fc.property(fc.array(clientPackets, { maxLength: 6 }), fc.array(fc.nat(2_000)), (packets, splits) => {
      const sent = packets.map((packet) => generate(packet));
      const { frames, bodies, splitter, violation } = split(Buffer.concat(sent), splits);
      expect(frames).toEqual(sent);
      expect(bodies.map((body) => body.toString("hex"))).toEqual(
        sent.map((frame) => frame.toString("hex", 0, 1) + frame.toString("hex", bodyStart(frame))),
      );
      expect([violation, splitter.unfinishedBytes]).toEqual([undefined, 0]);
    }),
    { numRuns: 500, seed: 1 },
  );
});

function bodyStart(frame: Buffer): number {
  let at = 1;
  while ((frame[at] as number) & 0x80) at++;
  return at + 1;
}

test("FrameSplitter: frame() has the received bytes of an incomplete packet", () => {
  const { frames, splitter } = split(Buffer.from("c0003005000361", "hex"), [3, 4]);
  expect(frames.map((frame) => frame.toString("hex"))).toEqual(["c000"]);
  expect(splitter.frame().toString("hex")).toBe("3005000361");
});

test.each([[[]], [[1, 2, 3, 4, 5]]])(
  "FrameSplitter: a remaining length of five bytes is a violation, with splits at %j",
  (splits) => {
    const { frames, splitter, violation } = split(Buffer.from("c00030ffffffff01aabb", "hex"), splits);
    expect(frames).toHaveLength(1);
    expect(violation).toBe("PUBLISH: the remaining length has more than four bytes [2.2.3]");
    expect(splitter.frame().toString("hex")).toMatch(/^30ffffffff/);
  },
);

test("FrameSplitter: the judge sees the first byte, the length and each part before more is buffered", () => {
  const judged: string[] = [];
  const judge: StreamJudge<Buffer> = {
    judgeFirstByte: (firstByte) => judged.push(`first ${firstByte.toString(16)}`),
    judgeLength: (_firstByte, length) => judged.push(`length ${length}`),
    judgePart: (_firstByte, part, length) => judged.push(`part ${part.toString("hex")} of ${length}`),
  };
  split(Buffer.from("3005000361622f", "hex"), [1, 2, 4, 6], judge);
  expect(judged).toEqual(["first 30", "length 5", "part 0003 of 5", "part 00036162 of 5"]);
});

test("HubStream: a packet that is too long for the page is refused before it is buffered", () => {
  const stream = new HubStream();
  const read = () => stream.read(Buffer.from("30ffffff7f", "hex"), () => expect.unreachable());
  expect(read).toThrow(/PUBLISH: its 268435455 bytes exceed the limit/);
  expect(PACKET_BYTES_MAX).toBeLessThan(0xfff_ffff);
  expect(stream.unshown).toHaveLength(5);
});
