/** The inspector's explanations of frames, compared with mqtt-packet and clause by clause. */
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it, test } from "vitest";
import { explainFrame } from "../../host/wire/explain-frame.ts";
import type { ExplainedFrame, FrameField } from "../../host/wire/frame-field.ts";
import { clientPackets, hubPackets } from "../fixtures/arbitrary-packets.ts";

/** Hexadecimal digits, and texts in quotes. */
function bytesOf(packet: string): Buffer {
  const parts = packet.match(/'[^']*'|[0-9a-f]{2}/g) ?? [];
  return Buffer.concat(
    parts.map((part) => (part.startsWith("'") ? Buffer.from(part.slice(1, -1)) : Buffer.from(part, "hex"))),
  );
}

/** Every byte belongs to one field, or to a row of bits from 7 down to 0. */
function expectCovered({ fields }: ExplainedFrame, sizeBytes: number): void {
  let offset = 0;
  let bit = 7;
  for (const field of fields) {
    expect(field.offset).toBe(offset);
    if (field.bits) {
      expect(field.length).toBe(1);
      expect(field.bits.high).toBe(bit);
      bit = field.bits.low - 1;
      if (bit >= 0) continue;
    } else {
      expect(bit).toBe(7);
      expect(field.length).toBeGreaterThan(0);
    }
    offset += field.length;
    bit = 7;
  }
  expect([offset, bit]).toEqual([sizeBytes, 7]);
}

function fieldValue({ fields }: ExplainedFrame, name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}

/** The values of mqtt-packet's fields, in the inspector's words. */
const WORDED: readonly (readonly [string, (packet: Packet) => string | undefined])[] = [
  ["Packet identifier", ({ messageId }) => (messageId === undefined ? undefined : String(messageId))],
  ["Client identifier", (packet) => (packet.cmd === "connect" ? quoted(packet.clientId) : undefined)],
  ["User name", (packet) => (packet.cmd === "connect" ? quoted(packet.username) : undefined)],
  ["Will topic", (packet) => (packet.cmd === "connect" ? quoted(packet.will?.topic) : undefined)],
  ["Topic name", (packet) => (packet.cmd === "publish" ? quoted(packet.topic) : undefined)],
  [
    "Topic filter",
    (packet) => (packet.cmd === "subscribe" ? quoted(packet.subscriptions[0]?.topic) : undefined),
  ],
  [
    "Session present",
    (packet) => (packet.cmd === "connack" ? (packet.sessionPresent ? "yes" : "no") : undefined),
  ],
  [
    "RETAIN",
    (packet) => (packet.cmd === "publish" ? (packet.retain ? "retained" : "not retained") : undefined),
  ],
];

/** An empty text has no bytes to show. */
function quoted(text: string | undefined): string | undefined {
  return text ? JSON.stringify(text) : undefined;
}

test("explainFrame: every byte of packets that mqtt-packet encodes is explained with the right values", () => {
  const both = fc.oneof(
    clientPackets.map((packet) => ({ packet, direction: "in" as const })),
    hubPackets.map((packet) => ({ packet, direction: "out" as const })),
  );
  fc.assert(
    fc.property(both, ({ packet, direction }) => {
      const bytes = generate(packet);
      const explained = explainFrame(bytes, direction);
      expectCovered(explained, bytes.length);
      expect(explained.violation).toBeUndefined();
      expect(explained.packet).toBe(packet.cmd.toUpperCase());
      expect(explained.fields.every(({ clause }) => /^\d/.test(clause))).toBe(true);
      for (const [name, word] of WORDED) {
        const worded = word(packet);
        if (worded !== undefined) expect(fieldValue(explained, name)).toBe(worded);
      }
    }),
    { numRuns: 1_000, seed: 1 },
  );
});

test("explainFrame: with any bytes, each byte belongs to one field and nothing is thrown", () => {
  const changed = fc
    .tuple(
      fc.oneof(clientPackets, hubPackets),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
    )
    .map(([packet, changes]) => {
      const bytes = generate(packet);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes.subarray(0, bytes.length - (changes.length % 3));
    });
  const any = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 80 }), changed);
  fc.assert(
    fc.property(
      any,
      fc.constantFrom("in" as const, "out" as const),
      fc.nat(50),
      (bytes, direction, hidden) => {
        expectCovered(explainFrame(bytes, direction, bytes.length + hidden), bytes.length);
      },
    ),
    { numRuns: 3_000, seed: 1 },
  );
});

test("explainFrame: a password's length is shown, and its value is not", () => {
  const explained = explainFrame(
    generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: "pump",
      clean: false,
      keepalive: 60,
      username: "u",
      password: Buffer.from("hunter2"),
    }),
    "in",
  );
  expect(fieldValue(explained, "Password")).toBe("7 bytes, not shown");
  expect(JSON.stringify(explained)).not.toContain("hunter2");
  expect(explained.summary).toBe("CONNECT pump · persistent session · keep alive 60 s · user name");
});

describe("explainFrame: the summary", () => {
  it.each<[string, "in" | "out", string]>([
    ["20 02 01 00", "out", "CONNACK accepted · session present"],
    ["20 02 00 05", "out", "CONNACK refused: not authorized"],
    ["3b 07 00 01 'a' 00 07 '12'", "out", "PUBLISH 7 · QoS 1 · DUP · retain · a · 2 bytes"],
    ["30 03 00 01 'a'", "in", "PUBLISH QoS 0 · a · 0 bytes"],
    ["82 0a 00 03 00 01 '#' 01 00 01 'b' 00", "in", "SUBSCRIBE 3 · # QoS 1, b QoS 0"],
    ["90 04 00 03 01 80", "out", "SUBACK 3 · QoS 1, refused"],
    ["a2 05 00 04 00 01 '#'", "in", "UNSUBSCRIBE 4 · #"],
    ["40 02 01 00", "out", "PUBACK 256"],
    ["c0 00", "in", "PINGREQ"],
    ["f0 00", "in", "reserved"],
  ])("of %s", (packet, direction, summary) => {
    expect(explainFrame(bytesOf(packet), direction).summary).toBe(summary);
  });
});

test("explainFrame: the missing rest of a long frame is counted, and is not a violation", () => {
  const bytes = generate({
    cmd: "publish",
    topic: "a/b",
    payload: Buffer.alloc(5_000, 0x41),
    qos: 1,
    messageId: 9,
    dup: false,
    retain: false,
  });
  const explained = explainFrame(bytes.subarray(0, 100), "in", bytes.length);
  expect(explained.summary).toBe("PUBLISH 9 · QoS 1 · a/b · 5000 bytes");
  expect(explained.violation).toBeUndefined();
  expect(explainFrame(bytes.subarray(0, 5), "in", bytes.length).violation).toBeUndefined();
});

describe("explainFrame: a violation is reported at its field, with its conformance statement:", () => {
  const CONNECT = "00 04 'MQTT' 04";
  it.each<[string, "in" | "out", string, RegExp]>([
    ["MQTT-2.2.2-2", "in", "c1 00", /Flags/],
    ["MQTT-2.2.2-2", "in", "80 06 00 01 00 01 'a' 00", /Flags/],
    ["2.2.1", "in", "f0 00", /Packet type/],
    ["2.2.1", "in", "d0 00", /Packet type/],
    ["2.2.1", "out", "c0 00", /Packet type/],
    ["2.2.3", "in", "30 ff ff ff ff 01", /Remaining length/],
    ["0 bytes follow", "in", "c0 01", /Remaining length/],
    ["after its last field", "in", "c0 01 00", /Not understood/],
    ["MQTT-3.1.2-1", "in", "10 0d 00 04 'MQTX' 04 02 00 3c 00 01 'c'", /Protocol name/],
    ["MQTT-3.1.2-2", "in", "10 0d 00 04 'MQTT' 05 02 00 3c 00 01 'c'", /Protocol level/],
    ["MQTT-3.1.2-3", "in", `10 0d ${CONNECT} 03 00 3c 00 01 'c'`, /Reserved/],
    ["MQTT-3.1.2-13", "in", `10 0d ${CONNECT} 0a 00 3c 00 01 'c'`, /Will QoS/],
    ["MQTT-3.1.2-14", "in", `10 13 ${CONNECT} 1e 00 3c 00 01 'c' 00 01 'w' 00 01 'm'`, /Will QoS/],
    ["MQTT-3.1.2-15", "in", `10 0d ${CONNECT} 22 00 3c 00 01 'c'`, /Will retain/],
    ["MQTT-3.1.2-22", "in", `10 10 ${CONNECT} 42 00 3c 00 01 'c' 00 01 'p'`, /Password flag/],
    ["MQTT-3.1.3-7", "in", `10 0c ${CONNECT} 00 00 3c 00 00`, /Client identifier/],
    ["MQTT-1.5.3-1", "in", `10 0d ${CONNECT} 02 00 3c 00 01 ff`, /Client identifier/],
    ["MQTT-1.5.3-2", "in", "30 04 00 01 00 'x'", /Topic name/],
    ["MQTT-3.3.2-2", "in", "30 05 00 03 'a/#'", /Topic name/],
    ["MQTT-4.7.3-1", "in", "30 02 00 00", /Topic name: length/],
    ["MQTT-3.3.1-2", "in", "38 03 00 01 'a'", /DUP/],
    ["MQTT-3.3.1-4", "in", "36 05 00 01 'a' 00 01", /QoS/],
    ["MQTT-2.3.1-1", "in", "32 05 00 01 'a' 00 00", /Packet identifier/],
    ["cut off", "in", "32 03 00 01 'a'", /Topic name/],
    ["cut off", "in", "30 03 00 09 'a'", /Not understood/],
    ["MQTT-3.8.3-3", "in", "82 02 00 01", /Packet identifier/],
    ["MQTT-3.8.3-4", "in", "82 06 00 01 00 01 'a' 03", /Requested QoS/],
    ["MQTT-3.8.3-4", "in", "82 06 00 01 00 01 'a' 81", /Reserved/],
    ["MQTT-4.7.1-2", "in", "82 08 00 01 00 03 'a#b' 00", /Topic filter/],
    ["MQTT-4.7.1-3", "in", "82 07 00 01 00 02 'a+' 00", /Topic filter/],
    ["MQTT-3.10.3-2", "in", "a2 02 00 01", /Packet identifier/],
    ["MQTT-3.9.3-2", "out", "90 03 00 01 03", /Return code/],
    ["MQTT-3.8.4-5", "out", "90 02 00 01", /Packet identifier/],
    ["MQTT-3.2.2-4", "out", "20 02 01 05", /Return code/],
    ["3.2.2.1", "out", "20 02 02 00", /Reserved/],
    ["3.2.2.3", "out", "20 02 00 06", /Return code/],
  ])("%s %s %s", (clause, direction, packet, field) => {
    const bytes = bytesOf(packet);
    const explained = explainFrame(bytes, direction);
    expect(explained.violation).toContain(clause);
    const blamed = explained.fields.filter((each: FrameField) => each.violation !== undefined);
    expect(blamed.map(({ name }) => name).join()).toMatch(field);
    expectCovered(explained, bytes.length);
  });
});
