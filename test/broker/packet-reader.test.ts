/** What a client may not send, clause by clause, with packets written by hand; what it may is read as mqtt-packet reads it. */
import fc from "fast-check";
import { generate, type Packet, parser } from "mqtt-packet";
import { describe, expect, it, test } from "vitest";
import type { ClientPacket } from "../../host/broker/client-packets.ts";
import { ProtocolFault } from "../../host/broker/fault.ts";
import {
  HEAD_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  PacketReader,
  PUBLISH_BYTES_MAX,
} from "../../host/broker/packet-reader.ts";

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
  /** Their bytes, and those that were found to be a fault. */
  readonly frames: Buffer[];
  /** Why the stream was given up, and with which answer. */
  readonly fault?: { readonly reason: string; readonly returnCode: number | undefined };
}

/** Of a stream that comes in pieces. */
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
    if (!(error instanceof ProtocolFault)) throw error;
    frames.push(Buffer.from(reader.frame()));
    return { packets, frames, fault: { reason: error.message, returnCode: error.returnCode } };
  }
  return { packets, frames };
}

const FIRST: readonly (readonly [clause: string, packet: string, reason: RegExp])[] = [
  ["MQTT-3.1.0-1", "c0 00", /first packet/],
  ["MQTT-3.1.2-1", "10 0d 00 04 'MQTX' 04 02 00 3c 00 01 'c'", /not MQTT/],
  ["MQTT-3.1.2-3", "10 0d 00 04 'MQTT' 04 03 00 3c 00 01 'c'", /reserved flag/],
  ["MQTT-3.1.2-11", "10 0d 00 04 'MQTT' 04 0a 00 3c 00 01 'c'", /flags of a will/],
  ["MQTT-3.1.2-14", "10 13 00 04 'MQTT' 04 1e 00 3c 00 01 'c' 00 01 'w' 00 01 'm'", /will of QoS 3/],
  ["MQTT-3.1.2-15", "10 0d 00 04 'MQTT' 04 22 00 3c 00 01 'c'", /flags of a will/],
  ["MQTT-3.1.2-22", "10 10 00 04 'MQTT' 04 42 00 3c 00 01 'c' 00 01 'p'", /password without/],
  ["MQTT-3.1.3-4", "10 0d 00 04 'MQTT' 04 02 00 3c 00 01 ff", /not UTF-8/],
  ["MQTT-3.1.3-10", "10 13 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 01 ff 00 01 'm'", /not UTF-8/],
  ["MQTT-3.1.3-11", "10 10 00 04 'MQTT' 04 82 00 3c 00 01 'c' 00 01 ff", /not UTF-8/],
  ["MQTT-3.3.2-2", "10 13 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 01 '#' 00 01 'm'", /wildcards/],
  ["MQTT-2.2.2-2", "11 0d 00 04 'MQTT' 04 02 00 3c 00 01 'c'", /flags/],
  ["3.1.3, a field that is not there", "10 0d 00 04 'MQTT' 04 82 00 3c 00 01 'c'", /cut off/],
  ["3.1.3, bytes behind the last field", "10 0e 00 04 'MQTT' 04 02 00 3c 00 01 'c' 00", /more than/],
  ["2.2.3, a length of five bytes", "10 ff ff ff ff 7f", /five bytes/],
];

const LATER: readonly (readonly [clause: string, packet: string, reason: RegExp])[] = [
  ["MQTT-3.1.0-2", CONNECT, /second CONNECT/],
  ["MQTT-1.5.3-1, a surrogate", "30 05 00 03 ed a0 80", /not UTF-8/],
  ["MQTT-1.5.3-1, an overlong form", "30 04 00 02 c0 80", /not UTF-8/],
  ["MQTT-1.5.3-2", "30 05 00 03 'a' 00 'b'", /control/],
  ["1.5.3, a control character", "30 05 00 03 'a' 1f 'b'", /control/],
  ["1.5.3, a non-character", "30 05 00 03 ef bf bf", /control/],
  ["2.2.1, type 0", "00 00", /type 0/],
  ["2.2.1, type 15", "f0 00", /type 15/],
  ["2.2.1, a CONNACK", "20 02 00 00", /type 2/],
  ["2.2.1, a SUBACK", "90 03 00 01 00", /type 9/],
  ["2.2.1, a PINGRESP", "d0 00", /type 13/],
  ["MQTT-2.2.2-2, PUBACK", "41 02 00 01", /flags/],
  ["MQTT-3.6.1-1", "60 02 00 01", /flags/],
  ["MQTT-3.8.1-1", "80 06 00 01 00 01 'a' 00", /flags/],
  ["MQTT-3.10.1-1", "a0 05 00 01 00 01 'a'", /flags/],
  ["MQTT-3.14.1-1", "e1 00", /flags/],
  ["MQTT-2.3.1-1, PUBLISH", "32 05 00 01 'a' 00 00", /identifier of 0/],
  ["MQTT-2.3.1-1, SUBSCRIBE", "82 06 00 00 00 01 'a' 00", /identifier of 0/],
  ["MQTT-2.3.1-1, UNSUBSCRIBE", "a2 05 00 00 00 01 'a'", /identifier of 0/],
  ["2.3.1, PUBACK", "40 02 00 00", /identifier of 0/],
  ["MQTT-3.3.1-2", "38 03 00 01 'a'", /repetition/],
  ["MQTT-3.3.1-4", "36 05 00 01 'a' 00 01", /QoS 3/],
  ["MQTT-3.3.2-2, #", "30 03 00 01 '#'", /wildcards/],
  ["MQTT-3.3.2-2, +", "30 05 00 03 'a/+'", /wildcards/],
  ["MQTT-4.7.3-1", "30 02 00 00", /without a topic/],
  ["3.3.2, a topic that is cut off", "30 03 00 05 'a'", /cut off/],
  ["3.4.1, a PUBACK of 3 bytes", "40 03 00 01 00", /3 bytes/],
  ["3.6.1, a PUBREL of 1 byte", "62 01 01", /1 bytes/],
  ["MQTT-3.8.3-1", "82 06 00 01 00 01 ff 00", /not UTF-8/],
  ["MQTT-3.8.3-3", "82 02 00 01", /without a topic filter/],
  ["MQTT-3.8.3-4", "82 06 00 01 00 01 'a' 03", /QoS above 2/],
  ["MQTT-4.7.1-2", "82 08 00 01 00 03 '#/a' 00", /filter that is none/],
  ["MQTT-4.7.1-3", "82 07 00 01 00 02 'a+' 00", /filter that is none/],
  ["MQTT-4.7.3-1, a filter", "82 05 00 01 00 00 00", /empty topic filter/],
  ["MQTT-3.10.3-2", "a2 02 00 01", /without a topic filter/],
  ["MQTT-3.10.3-1", "a2 05 00 01 00 01 ff", /not UTF-8/],
  ["3.12, a PINGREQ with a byte", "c0 01 00", /1 bytes/],
  ["3.14, a DISCONNECT with a byte", "e0 01 00", /1 bytes/],
];

describe("a client is turned away", () => {
  it.each(FIRST)("at its first packet: %s", (_clause, packet, reason) => {
    expect(read(bytesOf(packet))).toMatchObject({
      packets: [],
      fault: { reason: expect.stringMatching(reason), returnCode: undefined },
    });
  });

  it.each(LATER)("after CONNECT: %s", (_clause, packet, reason) => {
    const stream = bytesOf(`${CONNECT} ${packet}`);
    const refused = { reason: expect.stringMatching(reason), returnCode: undefined };
    const everyByte = Array.from({ length: stream.length }, (_, index) => index);
    for (const splits of [[], everyByte]) {
      const { packets, fault } = read(stream, splits);
      expect([packets.map(({ cmd }) => cmd), fault]).toEqual([["connect"], refused]);
    }
  });

  it.each([
    ["MQTT-3.1.2-2, MQTT 5", "10 0e 00 04 'MQTT' 05 02 00 3c 00 00 01 'c'", 1],
    ["MQTT-3.1.2-2, level 3 of MQTT", "10 0d 00 04 'MQTT' 03 02 00 3c 00 01 'c'", 1],
    ["MQTT-3.1.2-2, level 4 of MQIsdp", "10 0f 00 06 'MQIsdp' 04 02 00 3c 00 01 'c'", 1],
    ["MQTT-3.1.3-8", "10 0c 00 04 'MQTT' 04 00 00 3c 00 00", 2],
  ])("with an answer: %s", (_clause, packet, returnCode) => {
    expect(read(bytesOf(packet))).toMatchObject({ packets: [], fault: { returnCode } });
  });

  it("when a packet would be too large, before any of it is kept", () => {
    const length = (bytes: number) =>
      [0, 7, 14, 21].map((shift) => ((bytes >> shift) & 127) | (shift < 21 ? 128 : 0));
    const begun = (type: number, bytes: number) =>
      Buffer.concat([bytesOf(CONNECT), Buffer.from([type, ...length(bytes)])]);
    expect(read(begun(0x30, PUBLISH_BYTES_MAX + 1)).fault?.reason).toMatch(/more than/);
    expect(read(begun(0x30, PUBLISH_BYTES_MAX)).fault).toBeUndefined();
    expect(read(begun(0x82, HEAD_BYTES_MAX + 1)).fault?.reason).toMatch(/more than/);
  });

  it("when its payload is larger than 4 MiB, by the length of its topic, and takes one of 4 MiB", () => {
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
    expect([whole.packets.length, whole.fault]).toEqual([2, undefined]);
    const large = Buffer.concat([connect, publish(PAYLOAD_BYTES_MAX + 1)]);
    const reason = `a payload of ${PAYLOAD_BYTES_MAX + 1} bytes, more than the ${PAYLOAD_BYTES_MAX} that are allowed`;
    expect(read(large)).toMatchObject({ packets: [{ cmd: "connect" }], fault: { reason } });
    expect(read(large.subarray(0, connect.length + 10)).fault?.reason).toBe(reason);
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

it("when a topic has more levels than anybody needs", () => {
  const topic = "/".repeat(200);
  const publish = generate({ cmd: "publish", topic, payload: "", qos: 0, dup: false, retain: false });
  const stream = Buffer.concat([bytesOf(CONNECT), publish]);
  expect(read(stream).fault?.reason).toBe("a PUBLISH of more than 200 levels");
});

/** The fields that an MQTT 3.1.1 packet has, as another decoder tells them. */
function readElsewhere(stream: Buffer): unknown[] {
  const packets: unknown[] = [];
  const elsewhere = parser({ protocolVersion: 4 });
  elsewhere.on("packet", (packet) => packets.push(packet));
  elsewhere.parse(stream);
  return packets;
}

test("whatever another encoder makes is read as another decoder reads it, in whatever pieces it comes", () => {
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
        const { packets: got, frames, fault } = read(stream, splits);
        expect(frames).toEqual(sent);
        expect(fault).toBeUndefined();
        expect(got).toHaveLength(1 + rest.length);
        const elsewhere = readElsewhere(stream);
        expect(elsewhere).toHaveLength(got.length);
        for (const [index, packet] of elsewhere.entries()) {
          expect(packet).toMatchObject(plain(got[index]));
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});

test.each<[string, number[]]>([
  ["in one piece", []],
  ["byte by byte", Array.from({ length: 40 }, (_none, at) => at)],
  ["amid the packets", [3, 18]],
])("of a stream that is a fault %s it shows what came of the faulty packet", (_title, splits) => {
  const stream = bytesOf(`${CONNECT} c0 00 30 07 00 03 'a#b' 00 00`);
  const { frames, fault } = read(stream, splits);
  expect(fault?.reason).toMatch(/wildcards/);
  expect(frames.slice(0, 2)).toEqual([bytesOf(CONNECT), bytesOf("c0 00")]);
  // Judged as soon as its head is there.
  expect(frames.slice(2).map((frame) => frame.toString("hex", 0, 7))).toEqual(["30070003612362"]);
});

/** structuredClone makes a Uint8Array of a Buffer. */
function plain(value: unknown): object {
  return Object.fromEntries(
    Object.entries(value as object).map(([key, field]) => {
      if (field instanceof Uint8Array) return [key, Buffer.from(field)];
      return [key, key === "will" ? plain(field) : field];
    }),
  );
}
