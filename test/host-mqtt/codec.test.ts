/** Encoder and decoder of both directions, compared with mqtt-packet: each reads what the other writes. */
import fc from "fast-check";
import { generate, type IPublishPacket } from "mqtt-packet";
import { describe, expect, it, test } from "vitest";
import { decodeClientPacket, decodeHubPacket, judgeFirstByte, judgeLength } from "../../host/mqtt/decode.ts";
import { asDuplicate, encodePacket } from "../../host/mqtt/encode.ts";
import { readFixedHeader } from "../../host/mqtt/fixed-header.ts";
import type { Direction } from "../../host/mqtt/packet-types.ts";
import type { ClientPacket, HubPacket, Packet, PublishPacket } from "../../host/mqtt/packets.ts";
import { ProtocolViolation } from "../../host/mqtt/protocol-violation.ts";
import { clientPackets, hubPackets } from "../fixtures/arbitrary-packets.ts";
import { asElsewhere, readElsewhere } from "../fixtures/elsewhere.ts";

/** @throws ProtocolViolation */
function decode(frame: Uint8Array, direction: Direction): Packet {
  const header = readFixedHeader(frame);
  if (typeof header === "string") throw new Error(`The fixed header is ${header}.`);
  judgeFirstByte(header.firstByte, direction);
  judgeLength(header.firstByte, header.remainingLength);
  const body = frame.subarray(header.sizeBytes);
  return direction === "in"
    ? decodeClientPacket(header.firstByte, body)
    : decodeHubPacket(header.firstByte, body);
}

const text = fc
  .string({ maxLength: 40, unit: "grapheme" })
  .filter((each) => !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(each));
const topicName = fc.stringMatching(/^[a-z0-9/é€😀 ]{1,20}$/u);
const topicFilter = fc.oneof(topicName, fc.constantFrom("#", "+", "a/+/b", "a/#", "$SYS/#"));
const packetIdentifier = fc.integer({ min: 1, max: 65_535 });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const payload = fc.uint8Array({ maxLength: 300 });

const publishes: fc.Arbitrary<PublishPacket> = fc
  .record({
    type: fc.constant("publish" as const),
    topicName,
    payload,
    qos,
    dup: fc.boolean(),
    retain: fc.boolean(),
    packetIdentifier,
  })
  .map((packet) => (packet.qos > 0 ? packet : { ...packet, dup: false, packetIdentifier: 0 }));
const acknowledgements = fc.record({
  type: fc.constantFrom("puback" as const, "pubrec" as const, "pubrel" as const, "pubcomp" as const),
  packetIdentifier,
});

const connects = fc
  .record(
    {
      type: fc.constant("connect" as const),
      protocolLevel: fc.constant(4 as const),
      cleanSession: fc.boolean(),
      keepAliveSeconds: fc.nat(65_535),
      clientIdentifier: text.filter((each) => each !== ""),
      will: fc.record({ topicName, payload, qos, retain: fc.boolean() }),
      userName: text,
      password: payload,
    },
    { requiredKeys: ["type", "protocolLevel", "cleanSession", "keepAliveSeconds", "clientIdentifier"] },
  )
  // A password goes with a user name.
  .map(({ password, ...rest }) =>
    rest.userName === undefined || password === undefined ? rest : { ...rest, password },
  );

const fromClients: fc.Arbitrary<ClientPacket> = fc.oneof(
  connects,
  publishes,
  acknowledgements,
  fc.record({
    type: fc.constant("subscribe" as const),
    packetIdentifier,
    subscriptions: fc.array(fc.record({ topicFilter, qos }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant("unsubscribe" as const),
    packetIdentifier,
    topicFilters: fc.array(topicFilter, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ type: fc.constantFrom("pingreq" as const, "disconnect" as const) }),
);

const fromHubs: fc.Arbitrary<HubPacket> = fc.oneof(
  fc.record({ type: fc.constant("connack" as const), sessionPresent: fc.boolean() }).map((packet) => ({
    ...packet,
    returnCode: 0,
  })),
  fc.record({
    type: fc.constant("connack" as const),
    sessionPresent: fc.constant(false),
    returnCode: fc.integer({ min: 1, max: 5 }),
  }),
  publishes,
  acknowledgements,
  fc.record({
    type: fc.constant("suback" as const),
    packetIdentifier,
    returnCodes: fc.array(fc.constantFrom(0, 1, 2, 0x80), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ type: fc.constant("unsuback" as const), packetIdentifier }),
  fc.record({ type: fc.constant("pingresp" as const) }),
);

describe.each<[string, Direction, fc.Arbitrary<Packet>]>([
  ["a client", "in", fromClients],
  ["a hub", "out", fromHubs],
])("MQTT codec: encoded packets of %s", (_who, direction, packets) => {
  test("are decoded by mqtt-packet and by our decoder to the same values", () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const frame = encodePacket(packet);
        const [read, ...more] = readElsewhere(frame);
        expect(more).toEqual([]);
        expect(read).toMatchObject(asElsewhere(packet));
        expect(decode(frame, direction)).toEqual(packet);
      }),
      { numRuns: 1_000, seed: 1 },
    );
  });

  test("are a violation when cut off, except in a payload and between repeated fields", () => {
    fc.assert(
      fc.property(packets, fc.nat(400), (packet, at) => {
        const frame = encodePacket(packet);
        const header = readFixedHeader(frame);
        if (typeof header === "string") throw new Error(header);
        const body = frame.subarray(header.sizeBytes, header.sizeBytes + (at % (header.remainingLength + 1)));
        try {
          judgeLength(header.firstByte, body.length);
          const read =
            direction === "in"
              ? decodeClientPacket(header.firstByte, body)
              : decodeHubPacket(header.firstByte, body);
          // What is read of a part is written as that part: nothing is made up.
          const again = encodePacket(read);
          expect([...again.subarray(again.length - body.length)]).toEqual([...body]);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation);
        }
      }),
      { numRuns: 1_000, seed: 1 },
    );
  });
});

test.each<[string, Direction, typeof clientPackets]>([
  ["a client", "in", clientPackets],
  ["a hub", "out", hubPackets as typeof clientPackets],
])(
  "MQTT codec: packets that mqtt-packet encodes for %s are decoded to the same values",
  (_who, direction, packets) => {
    fc.assert(
      fc.property(packets, (packet) => {
        const frame = generate(packet);
        expect(readElsewhere(frame)[0]).toMatchObject(asElsewhere(decode(frame, direction)));
      }),
      { numRuns: 500, seed: 1 },
    );
  },
);

function publishOf(fields: Partial<PublishPacket>): PublishPacket {
  const packet = { topicName: "a", payload: new Uint8Array(), qos: 0, dup: false, retain: false } as const;
  return { type: "publish", packetIdentifier: 0, ...packet, ...fields };
}

test("MQTT codec: asDuplicate sets DUP and changes nothing else [MQTT-3.3.1-1]", () => {
  const message = { topicName: "a/é", payload: Uint8Array.of(1, 2), qos: 1, retain: true } as const;
  const packet = publishOf({ ...message, packetIdentifier: 300 });
  const again = asDuplicate(encodePacket(packet));
  expect(readElsewhere(again)).toMatchObject([asElsewhere({ ...packet, dup: true })]);
});

test("MQTT codec: payloads are decoded at each size of the remaining length field", () => {
  for (const length of [0, 121, 122, 124, 125, 16_376, 16_377, 16_380, 16_381, 2_097_144, 2_097_145]) {
    const frame = encodePacket(publishOf({ payload: new Uint8Array(length) }));
    const { payload: read } = readElsewhere(frame)[0] as IPublishPacket;
    // At once: a matcher looks at two million bytes one by one.
    expect([read.length, Buffer.alloc(length).equals(read as Buffer)]).toEqual([length, true]);
  }
});

test("MQTT codec: a topic name of 201 levels is a violation from a client, and accepted from a hub", () => {
  const deep = Array(201).fill("a").join("/");
  const frame = Buffer.from(encodePacket(publishOf({ topicName: deep })));
  expect(decode(frame, "out")).toMatchObject({ type: "publish", topicName: deep });
  expect(() => decode(frame, "in")).toThrow(ProtocolViolation);
});

describe("MQTT codec: a packet that a hub may not send is a violation with its clause:", () => {
  it.each<[string, RegExp]>([
    ["c000", /only a client may send/],
    ["360600016100017a", /MQTT-3.3.1-4/],
    ["3803000161", /MQTT-3.3.1-2/],
    ["3200", /cut off/],
    ["3206000161000078", /MQTT-2.3.1-1/],
    ["3004000261c0", /MQTT-1.5.3-1/],
    ["300300012b", /MQTT-3.3.2-2/],
    ["30020000", /MQTT-4.7.3-1/],
    ["20020201", /3.2.2.1/],
    ["20020006", /3.2.2.3/],
    ["20020105", /MQTT-3.2.2-4/],
    ["2003000000", /length is 3 bytes/],
    ["9003000103", /MQTT-3.9.3-2/],
    ["90020001", /MQTT-3.8.4-5/],
    ["41020001", /MQTT-2.2.2-2/],
    ["b0020000", /MQTT-2.3.1-1/],
    ["d00100", /length is 1 byte/],
    ["f000", /type does not exist/],
  ])("%s", (bytes, violation) => {
    const frame = Buffer.from(bytes, "hex");
    expect(() => decode(frame, "out")).toThrow(ProtocolViolation);
    expect(() => decode(frame, "out")).toThrow(violation);
  });
});
