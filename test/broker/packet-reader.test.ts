/** The packet reader refuses what MQTT forbids, clause by clause, and reads valid packets as mqtt-packet does. */
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it, test } from "vitest";
import {
  HEAD_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  PacketReader,
  PUBLISH_BYTES_MAX,
} from "../../host/broker/packet-reader.ts";
import type { ClientPacket } from "../../host/broker/packets.ts";
import { ProtocolViolation } from "../../host/mqtt/protocol-violation.ts";
import { asElsewhere, readElsewhere } from "../fixtures/elsewhere.ts";

const CONNECT = "10 0d 00 04 'MQTT' 04 02 00 3c 00 01 'c'";

/** Hexadecimal digits, and texts in quotes. */
function bytesOf(packet: string): Buffer {
  const parts = packet.match(/'[^']*'|[0-9a-f]{2}/g) ?? [];
  return Buffer.concat(
    parts.map((part) => (part.startsWith("'") ? Buffer.from(part.slice(1, -1)) : Buffer.from(part, "hex"))),
  );
}

interface Reading {
  readonly packets: ClientPacket[];
  /** The bytes of each packet, and those of the packet that is a violation. */
  readonly frames: Buffer[];
  /** The reason of the violation, and the return code of CONNACK. */
  readonly violation?: { readonly reason: string; readonly returnCode: number | undefined };
}

/** Reads a stream that comes in pieces. */
function read(stream: Buffer, splits: readonly number[] = []): Reading {
  const reader = new PacketReader();
  const edges = [...new Set([0, ...splits.filter((at) => at < stream.length), stream.length])].sort(
    (one, other) => one - other,
  );
  const packets: ClientPacket[] = [];
  const frames: Buffer[] = [];
  try {
    for (let index = 1; index < edges.length; index++) {
      // A copy, overwritten afterwards: what is kept must not be a view of what came.
      const piece = Buffer.from(stream.subarray(edges[index - 1], edges[index]));
      reader.read(piece, (packet) => {
        packets.push(structuredClone(packet));
        frames.push(Buffer.from(reader.frame()));
      });
      piece.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof ProtocolViolation)) throw error;
    frames.push(Buffer.from(reader.frame()));
    return { packets, frames, violation: { reason: error.message, returnCode: error.returnCode } };
  }
  return { packets, frames };
}

const FIRST: readonly (readonly [clause: string, packet: string, reason: RegExp])[] = [
  ["MQTT-3.1.0-1", "c0 00", /first packet/],
  ["MQTT-3.1.2-1", "10 0d 00 04 'MQTX' 04 02 00 3c 00 01 'c'", /protocol name is not MQTT \[MQTT-3.1.2-1\]/],
  ["MQTT-3.1.2-3", "10 0d 00 04 'MQTT' 04 03 00 3c 00 01 'c'", /reserved flag.*MQTT-3.1.2-3/],
  ["MQTT-3.1.2-11", "10 0d 00 04 'MQTT' 04 0a 00 3c 00 01 'c'", /without a will.*MQTT-3.1.2-13/],
  [
    "MQTT-3.1.2-14",
    "10 13 00 04 'MQTT' 04 1e 00 3c 00 01 'c' 00 01 'w' 00 01 'm'",
    /QoS 3 does not exist.*MQTT-3.1.2-14/,
  ],
  ["MQTT-3.1.2-15", "10 0d 00 04 'MQTT' 04 22 00 3c 00 01 'c'", /without a will.*MQTT-3.1.2-15/],
  [
    "MQTT-3.1.2-22",
    "10 10 00 04 'MQTT' 04 42 00 3c 00 01 'c' 00 01 'p'",
    /without a user name.*MQTT-3.1.2-22/,
  ],
  ["MQTT-3.1.3-4", "10 0d 00 04 'MQTT' 04 02 00 3c 00 01 ff", /not valid UTF-8.*MQTT-1.5.3-1/],
  [
    "MQTT-3.1.3-10",
    "10 13 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 01 ff 00 01 'm'",
    /not valid UTF-8.*MQTT-1.5.3-1/,
  ],
  ["MQTT-3.1.3-11", "10 10 00 04 'MQTT' 04 82 00 3c 00 01 'c' 00 01 ff", /not valid UTF-8.*MQTT-1.5.3-1/],
  ["MQTT-3.3.2-2", "10 13 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 01 '#' 00 01 'm'", /wildcard.*MQTT-3.3.2-2/],
  ["MQTT-2.2.2-2", "11 0d 00 04 'MQTT' 04 02 00 3c 00 01 'c'", /flags.*MQTT-2.2.2-2/],
  ["3.1.3, a field that is not there", "10 0d 00 04 'MQTT' 04 82 00 3c 00 01 'c'", /cut off/],
  [
    "3.1.3, bytes behind the last field",
    "10 0e 00 04 'MQTT' 04 02 00 3c 00 01 'c' 00",
    /bytes after its last field/,
  ],
  ["2.2.3, a length of five bytes", "10 ff ff ff ff 7f", /more than four bytes.*2.2.3/],
];

const LATER: readonly (readonly [clause: string, packet: string, reason: RegExp])[] = [
  ["MQTT-3.1.0-2", CONNECT, /second CONNECT/],
  ["MQTT-1.5.3-1, a surrogate", "30 05 00 03 ed a0 80", /not valid UTF-8.*MQTT-1.5.3-1/],
  ["MQTT-1.5.3-1, an overlong form", "30 04 00 02 c0 80", /not valid UTF-8.*MQTT-1.5.3-1/],
  ["MQTT-1.5.3-2", "30 05 00 03 'a' 00 'b'", /null character.*MQTT-1.5.3-2/],
  ["1.5.3, a control character", "30 05 00 03 'a' 1f 'b'", /control character.*1.5.3/],
  ["1.5.3, a non-character", "30 05 00 03 ef bf bf", /noncharacter.*1.5.3/],
  ["2.2.1, type 0", "00 00", /type 0: the packet type does not exist/],
  ["2.2.1, type 15", "f0 00", /type 15: the packet type does not exist/],
  ["2.2.1, a CONNACK", "20 02 00 00", /CONNACK: only a hub may send/],
  ["2.2.1, a SUBACK", "90 03 00 01 00", /SUBACK: only a hub may send/],
  ["2.2.1, a PINGRESP", "d0 00", /PINGRESP: only a hub may send/],
  ["MQTT-2.2.2-2, PUBACK", "41 02 00 01", /flags.*MQTT-2.2.2-2/],
  ["MQTT-3.6.1-1", "60 02 00 01", /flags.*MQTT-2.2.2-2/],
  ["MQTT-3.8.1-1", "80 06 00 01 00 01 'a' 00", /flags.*MQTT-2.2.2-2/],
  ["MQTT-3.10.1-1", "a0 05 00 01 00 01 'a'", /flags.*MQTT-2.2.2-2/],
  ["MQTT-3.14.1-1", "e1 00", /flags.*MQTT-2.2.2-2/],
  ["MQTT-2.3.1-1, PUBLISH", "32 05 00 01 'a' 00 00", /identifier is 0.*MQTT-2.3.1-1/],
  ["MQTT-2.3.1-1, SUBSCRIBE", "82 06 00 00 00 01 'a' 00", /identifier is 0.*MQTT-2.3.1-1/],
  ["MQTT-2.3.1-1, UNSUBSCRIBE", "a2 05 00 00 00 01 'a'", /identifier is 0.*MQTT-2.3.1-1/],
  ["2.3.1, PUBACK", "40 02 00 00", /identifier is 0.*MQTT-2.3.1-1/],
  ["MQTT-3.3.1-2", "38 03 00 01 'a'", /DUP flag is set at QoS 0.*MQTT-3.3.1-2/],
  ["MQTT-3.3.1-4", "36 05 00 01 'a' 00 01", /QoS 3 does not exist.*MQTT-3.3.1-4/],
  ["MQTT-3.3.2-2, #", "30 03 00 01 '#'", /wildcard.*MQTT-3.3.2-2/],
  ["MQTT-3.3.2-2, +", "30 05 00 03 'a/+'", /wildcard.*MQTT-3.3.2-2/],
  ["MQTT-4.7.3-1", "30 02 00 00", /topic name is empty.*MQTT-4.7.3-1/],
  ["3.3.2, a topic that is cut off", "30 03 00 05 'a'", /cut off/],
  ["3.4.1, a PUBACK of 3 bytes", "40 03 00 01 00", /length is 3 bytes/],
  ["3.6.1, a PUBREL of 1 byte", "62 01 01", /length is 1 byte/],
  ["MQTT-3.8.3-1", "82 06 00 01 00 01 ff 00", /not valid UTF-8.*MQTT-1.5.3-1/],
  ["MQTT-3.8.3-3", "82 02 00 01", /no topic filter.*MQTT-3.8.3-3/],
  ["MQTT-3.8.3-4", "82 06 00 01 00 01 'a' 03", /requested QoS.*MQTT-3.8.3-4/],
  ["MQTT-4.7.1-2", "82 08 00 01 00 03 '#/a' 00", /#.*MQTT-4.7.1-2/],
  ["MQTT-4.7.1-3", "82 07 00 01 00 02 'a+' 00", /\+.*MQTT-4.7.1-3/],
  ["MQTT-4.7.3-1, a filter", "82 05 00 01 00 00 00", /topic filter is empty.*MQTT-4.7.3-1/],
  ["MQTT-3.10.3-2", "a2 02 00 01", /no topic filter.*MQTT-3.10.3-2/],
  ["MQTT-3.10.3-1", "a2 05 00 01 00 01 ff", /not valid UTF-8.*MQTT-1.5.3-1/],
  ["3.12, a PINGREQ with a byte", "c0 01 00", /length is 1 byte/],
  ["3.14, a DISCONNECT with a byte", "e0 01 00", /length is 1 byte/],
];

describe("packet reader: a violation", () => {
  it.each(FIRST)("in the first packet is found: %s", (_clause, packet, reason) => {
    expect(read(bytesOf(packet))).toMatchObject({
      packets: [],
      violation: { reason: expect.stringMatching(reason), returnCode: undefined },
    });
  });

  it.each(LATER)("after CONNECT is found, however the stream is split: %s", (_clause, packet, reason) => {
    const stream = bytesOf(`${CONNECT} ${packet}`);
    const refused = { reason: expect.stringMatching(reason), returnCode: undefined };
    const everyByte = Array.from({ length: stream.length }, (_, index) => index);
    for (const splits of [[], everyByte]) {
      const { packets, violation } = read(stream, splits);
      expect([packets.map(({ type }) => type), violation]).toEqual([["connect"], refused]);
    }
  });

  it.each([
    ["MQTT-3.1.2-2, MQTT 5", "10 0e 00 04 'MQTT' 05 02 00 3c 00 00 01 'c'", 1],
    ["MQTT-3.1.2-2, level 3 of MQTT", "10 0d 00 04 'MQTT' 03 02 00 3c 00 01 'c'", 1],
    ["MQTT-3.1.2-2, level 4 of MQIsdp", "10 0f 00 06 'MQIsdp' 04 02 00 3c 00 01 'c'", 1],
    ["MQTT-3.1.3-8", "10 0c 00 04 'MQTT' 04 00 00 3c 00 00", 2],
  ])("in CONNECT has a CONNACK return code: %s", (_clause, packet, returnCode) => {
    expect(read(bytesOf(packet))).toMatchObject({ packets: [], violation: { returnCode } });
  });

  it("is found as soon as the remaining length is too large", () => {
    const length = (bytes: number) =>
      [0, 7, 14, 21].map((shift) => ((bytes >> shift) & 127) | (shift < 21 ? 128 : 0));
    const begun = (type: number, bytes: number) =>
      Buffer.concat([bytesOf(CONNECT), Buffer.from([type, ...length(bytes)])]);
    expect(read(begun(0x30, PUBLISH_BYTES_MAX + 1)).violation?.reason).toMatch(/more than/);
    expect(read(begun(0x30, PUBLISH_BYTES_MAX)).violation).toBeUndefined();
    expect(read(begun(0x82, HEAD_BYTES_MAX + 1)).violation?.reason).toMatch(/more than/);
  });

  it("is a payload of more than 4 MiB, found once the topic name has come, but not one of 4 MiB", () => {
    const publish = (payloadBytes: number) =>
      generate({
        cmd: "publish",
        topic: "t",
        payload: Buffer.alloc(payloadBytes),
        qos: 1,
        messageId: 1,
        retain: false,
        dup: false,
      });
    const connect = bytesOf(CONNECT);
    const whole = read(Buffer.concat([connect, publish(PAYLOAD_BYTES_MAX)]));
    expect([whole.packets.length, whole.violation]).toEqual([2, undefined]);
    const large = Buffer.concat([connect, publish(PAYLOAD_BYTES_MAX + 1)]);
    const reason = `payload: ${PAYLOAD_BYTES_MAX + 1} bytes are more than the limit of ${PAYLOAD_BYTES_MAX} bytes [a limit of this hub]`;
    expect(read(large)).toMatchObject({ packets: [{ type: "connect" }], violation: { reason } });
    expect(read(large.subarray(0, connect.length + 10)).violation?.reason).toBe(reason);
  });
});

const topic = fc.stringMatching(/^[a-z0-9/é€😀 ]{1,20}$/u);
const filter = fc.oneof(topic, fc.constantFrom("#", "+", "+/a", "a/+/b", "a/#", "/+", "+/#", "$SYS/#"));
const messageId = fc.integer({ min: 1, max: 65_535 });
const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    cmd: fc.constant("publish" as const),
    topic,
    payload: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    retain: fc.boolean(),
    dup: fc.constant(false),
    messageId,
  }),
  fc.record({
    cmd: fc.constant("subscribe" as const),
    messageId,
    subscriptions: fc.array(
      fc.record({ topic: filter, qos: fc.constantFrom(0 as const, 1 as const, 2 as const) }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  fc.record({
    cmd: fc.constant("unsubscribe" as const),
    messageId,
    unsubscriptions: fc.array(filter, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ cmd: fc.constantFrom("puback" as const, "pubrec" as const, "pubcomp" as const), messageId }),
  fc.record({ cmd: fc.constant("pubrel" as const), messageId }),
  fc.constant({ cmd: "pingreq" as const }),
);

it("packet reader: a topic of more than 200 levels is a violation", () => {
  const topic = "/".repeat(200);
  const publish = generate({ cmd: "publish", topic, payload: "", qos: 0, dup: false, retain: false });
  const stream = Buffer.concat([bytesOf(CONNECT), publish]);
  expect(read(stream).violation?.reason).toMatch(/^PUBLISH: a topic has more than 200 levels/);
});

test("packet reader: packets of mqtt-packet are read as mqtt-packet's parser reads them, however the stream is split", () => {
  const connect = fc.record({
    cmd: fc.constant("connect" as const),
    protocolId: fc.constant("MQTT" as const),
    protocolVersion: fc.constant(4 as const),
    clientId: topic,
    clean: fc.boolean(),
    keepalive: fc.nat(65_535),
    username: topic,
    password: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    will: fc.record({
      topic,
      payload: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      retain: fc.boolean(),
    }),
  });
  fc.assert(
    fc.property(
      connect,
      fc.array(packets, { maxLength: 6 }),
      fc.array(fc.nat(2_000)),
      (first, rest, splits) => {
        const sent = [first, ...rest].map((packet) => generate(packet as Packet));
        const stream = Buffer.concat(sent);
        const { packets: got, frames, violation } = read(stream, splits);
        expect(frames).toEqual(sent);
        expect(violation).toBeUndefined();
        expect(got).toHaveLength(1 + rest.length);
        const elsewhere = readElsewhere(stream);
        expect(elsewhere).toHaveLength(got.length);
        for (const [index, packet] of elsewhere.entries()) {
          expect(packet).toMatchObject(asElsewhere(got[index] as ClientPacket));
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});

test.each<[string, number[]]>([
  ["in one piece", []],
  ["byte by byte", Array.from({ length: 40 }, (_none, at) => at)],
  ["split inside the packets", [3, 18]],
])("packet reader: frame() has the received bytes of a packet that is a violation, %s", (_title, splits) => {
  const stream = bytesOf(`${CONNECT} c0 00 30 07 00 03 'a#b' 00 00`);
  const { frames, violation } = read(stream, splits);
  expect(violation?.reason).toMatch(/wildcard/);
  expect(frames.slice(0, 2)).toEqual([bytesOf(CONNECT), bytesOf("c0 00")]);
  // The packet is refused as soon as its head has come.
  expect(frames.slice(2).map((frame) => frame.toString("hex", 0, 7))).toEqual(["30070003612362"]);
});
