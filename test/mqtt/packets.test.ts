/** mqtt-packet, which others wrote, is the judge of every byte that the firmware encodes and decodes. */
import fc from "fast-check";
import { generate, type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { decodeConnack } from "../../firmware/mqtt/connack.ts";
import { type ConnectFields, encodeConnect } from "../../firmware/mqtt/connect.ts";
import { decodePacketIdentifier, encodePacket } from "../../firmware/mqtt/packet.ts";
import { createPacketReader } from "../../firmware/mqtt/packet-reader.ts";
import { DISCONNECT_BYTE, PINGREQ_BYTE } from "../../firmware/mqtt/packet-types.ts";
import { encodePuback } from "../../firmware/mqtt/puback.ts";
import { decodePublish, encodePublish, markDuplicate } from "../../firmware/mqtt/publish.ts";
import { decodeSubackReturnCode } from "../../firmware/mqtt/suback.ts";
import { encodeSubscribe, encodeUnsubscribe } from "../../firmware/mqtt/subscribe.ts";

const PACKET_SIZE_BYTES_MAX = 300_000;

function parseBytes(bytes: string): Packet {
  const packets: Packet[] = [];
  const judge = parser({ protocolVersion: 4 });
  judge.on("packet", (packet) => packets.push(packet));
  judge.on("error", (error) => {
    throw error;
  });
  judge.parse(Buffer.from(bytes, "latin1"));
  expect(packets).toHaveLength(1);
  return packets[0] as Packet;
}

/** The packets that the firmware's reader finds in a stream that comes in these chunks. */
function readChunks(chunks: readonly string[]): { firstByte: number; body: string }[] {
  const found: { firstByte: number; body: string }[] = [];
  const read = createPacketReader(
    PACKET_SIZE_BYTES_MAX,
    (firstByte, body) => found.push({ firstByte, body }) > 0,
    (reason) => {
      throw new Error(reason);
    },
  );
  for (const chunk of chunks) read(chunk);
  return found;
}

function readOne(bytes: Buffer): { firstByte: number; body: string } {
  const found = readChunks([bytes.toString("latin1")]);
  expect(found).toHaveLength(1);
  return found[0] as { firstByte: number; body: string };
}

function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

const topicName = fc
  .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
  .filter((text) => !/[+#\0]/.test(text));
const payload = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const identifier = fc.integer({ min: 1, max: 65_535 });
const qos = fc.constantFrom<0 | 1>(0, 1);

const connectCases: { title: string; fields: ConnectFields }[] = [
  { title: "the least", fields: { clientIdentifier: "a", keepAliveSeconds: 0, cleanSession: true } },
  {
    title: "a kept session",
    fields: { clientIdentifier: "a", keepAliveSeconds: 65_535, cleanSession: false },
  },
  {
    title: "a user name without a password",
    fields: { clientIdentifier: "dev", keepAliveSeconds: 60, cleanSession: true, username: "u" },
  },
  {
    title: "all there is",
    fields: {
      clientIdentifier: "dev",
      keepAliveSeconds: 60,
      cleanSession: true,
      username: utf8("ü"),
      password: "\x00\xff",
      will: { topicName: "a/b", payload: "\x00\x80", qos: 1, retain: true },
    },
  },
];

function expectConnect(fields: ConnectFields): void {
  const packet = parseBytes(encodeConnect(fields));
  if (packet.cmd !== "connect") throw new Error(`decoded as ${packet.cmd}`);
  expect(packet).toMatchObject({
    protocolId: "MQTT",
    protocolVersion: 4,
    clientId: Buffer.from(fields.clientIdentifier, "latin1").toString("utf8"),
    keepalive: fields.keepAliveSeconds,
    clean: fields.cleanSession,
  });
  expect(packet.username && utf8(packet.username)).toBe(fields.username);
  expect(packet.password?.toString("latin1")).toBe(fields.password);
  expect(
    packet.will && [
      utf8(packet.will.topic),
      packet.will.payload.toString("latin1"),
      packet.will.qos,
      packet.will.retain,
    ],
  ).toEqual(fields.will && [fields.will.topicName, fields.will.payload, fields.will.qos, fields.will.retain]);
}

describe("what the firmware encodes", () => {
  it.each(connectCases)("CONNECT with $title", ({ fields }) => expectConnect(fields));

  it("CONNECT with any fields", () => {
    const will = fc.record({
      topicName: topicName.map(utf8),
      payload,
      qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      retain: fc.boolean(),
    });
    const fields = fc.record(
      {
        clientIdentifier: fc.string({ minLength: 1, maxLength: 40 }).map(utf8),
        keepAliveSeconds: fc.integer({ min: 0, max: 65_535 }),
        cleanSession: fc.constant(true),
        username: fc.string({ minLength: 1, maxLength: 20 }).map(utf8),
        password: payload.filter((bytes) => bytes.length > 0),
        will,
      },
      { requiredKeys: ["clientIdentifier", "keepAliveSeconds", "cleanSession", "username"] },
    );
    fc.assert(fc.property(fields, expectConnect));
  });

  it("PUBLISH of any topic, payload, QoS and packet identifier, first and again", () => {
    fc.assert(
      fc.property(
        topicName,
        payload,
        qos,
        fc.boolean(),
        identifier,
        (topic, bytes, level, retain, messageId) => {
          const encoded = encodePublish(utf8(topic), bytes, level, retain, messageId);
          const expected = { cmd: "publish", topic, qos: level, retain, ...(level && { messageId }) };
          expect(parseBytes(encoded)).toMatchObject({
            ...expected,
            dup: false,
            payload: Buffer.from(bytes, "latin1"),
          });
          if (level) expect(parseBytes(markDuplicate(encoded))).toMatchObject({ ...expected, dup: true });
        },
      ),
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 200_000])("PUBLISH whose body has about %i bytes", (size) => {
    const bytes = "x".repeat(size);
    const packet = parseBytes(encodePublish("t", bytes, 0, false, 0));
    expect(packet).toMatchObject({ cmd: "publish", payload: Buffer.from(bytes) });
  });

  it("SUBSCRIBE and UNSUBSCRIBE of any filter", () => {
    fc.assert(
      fc.property(topicName, qos, identifier, (filter, level, messageId) => {
        expect(parseBytes(encodeSubscribe(messageId, utf8(filter), level))).toMatchObject({
          cmd: "subscribe",
          messageId,
          subscriptions: [{ topic: filter, qos: level }],
        });
        expect(parseBytes(encodeUnsubscribe(messageId, utf8(filter)))).toMatchObject({
          cmd: "unsubscribe",
          messageId,
          unsubscriptions: [filter],
        });
      }),
    );
  });

  it("PUBACK, PINGREQ, DISCONNECT", () => {
    fc.assert(
      fc.property(identifier, (messageId) => {
        expect(parseBytes(encodePuback(messageId))).toMatchObject({ cmd: "puback", messageId });
      }),
    );
    expect(parseBytes(encodePacket(PINGREQ_BYTE, ""))).toMatchObject({ cmd: "pingreq", length: 0 });
    expect(parseBytes(encodePacket(DISCONNECT_BYTE, ""))).toMatchObject({ cmd: "disconnect", length: 0 });
  });
});

describe("what the firmware decodes", () => {
  it("CONNACK with every return code", () => {
    for (const sessionPresent of [false, true]) {
      for (const returnCode of [0, 1, 2, 3, 4, 5]) {
        const { firstByte, body } = readOne(generate({ cmd: "connack", returnCode, sessionPresent }));
        expect(firstByte).toBe(0x20);
        expect(decodeConnack(body)).toEqual({ sessionPresent, returnCode });
      }
    }
  });

  it("PUBLISH of any topic, payload, QoS and packet identifier", () => {
    fc.assert(
      fc.property(
        topicName,
        payload,
        qos,
        fc.boolean(),
        fc.boolean(),
        identifier,
        (topic, bytes, level, retain, dup, messageId) => {
          const isDuplicate = level > 0 && dup;
          const { firstByte, body } = readOne(
            generate({
              cmd: "publish",
              topic,
              payload: Buffer.from(bytes, "latin1"),
              qos: level,
              retain,
              dup: isDuplicate,
              messageId,
            }),
          );
          expect(decodePublish(firstByte, body)).toEqual({
            topicName: utf8(topic),
            payload: bytes,
            qos: level,
            retain,
            dup: isDuplicate,
            packetIdentifier: level ? messageId : 0,
          });
        },
      ),
    );
  });

  it("PUBACK, SUBACK, UNSUBACK and PINGRESP", () => {
    fc.assert(
      fc.property(identifier, fc.constantFrom(0, 1, 128), (messageId, granted) => {
        expect(decodePacketIdentifier(readOne(generate({ cmd: "puback", messageId })).body)).toBe(messageId);
        expect(
          decodePacketIdentifier(readOne(generate({ cmd: "unsuback", messageId, granted: [] })).body),
        ).toBe(messageId);
        const suback = readOne(generate({ cmd: "suback", messageId, granted: [granted] }));
        expect(decodePacketIdentifier(suback.body)).toBe(messageId);
        expect(decodeSubackReturnCode(suback.body)).toBe(granted);
      }),
    );
    expect(readOne(generate({ cmd: "pingresp" }))).toEqual({ firstByte: 0xd0, body: "" });
  });
});

describe("a stream of packets in chunks", () => {
  const stream = [
    generate({ cmd: "connack", returnCode: 0, sessionPresent: false }),
    generate({
      cmd: "publish",
      topic: "a",
      payload: "x".repeat(130),
      qos: 1,
      messageId: 258,
      retain: false,
      dup: false,
    }),
    generate({ cmd: "pingresp" }),
    generate({ cmd: "publish", topic: "a/b", payload: "", qos: 0, retain: true, dup: false }),
  ];
  const bytes = Buffer.concat(stream).toString("latin1");
  const whole = readChunks([bytes]);

  it("is the same packets at every split into two and into three", () => {
    expect(whole).toHaveLength(stream.length);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second += 3) {
        const chunks = [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)];
        expect(readChunks(chunks)).toEqual(whole);
      }
    }
  });

  it("is the same packets byte by byte and at random splits", () => {
    expect(readChunks([...bytes])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const chunks: string[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number;
          chunks.push(bytes.slice(at, at + size));
          at += size;
        }
        expect(readChunks(chunks)).toEqual(whole);
      }),
    );
  });

  it.each([
    ["a length of five bytes", "\x30\xff\xff\xff\xff\x01"],
    ["a packet beyond the limit", "\x30\xff\xff\xff\x7f"],
  ])("reports %s and reads no further", (_title, malformed) => {
    const reasons: string[] = [];
    const read = createPacketReader(
      1000,
      () => {
        throw new Error("no packet expected");
      },
      (reason) => reasons.push(reason),
    );
    read(malformed);
    expect(reasons).toEqual(["packet too large"]);
  });
});
