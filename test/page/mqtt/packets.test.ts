/** The bytes that the page's client writes and reads, beside mqtt-packet. */
import fc from "fast-check";
import { generate, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import { describe, expect, it, test } from "vitest";
import { decodeHubPacket, HubFault } from "../../../host/page/mqtt/packets-from-hub.ts";
import {
  asDuplicate,
  DISCONNECT,
  encodeAcknowledgement,
  encodeConnect,
  encodePublish,
  encodeSubscribe,
  encodeUnsubscribe,
  PINGREQ,
} from "../../../host/page/mqtt/packets-to-hub.ts";
import { hubPackets } from "../../fixtures/arbitrary-packets.ts";

function readElsewhere(bytes: Uint8Array): Packet {
  const found: Packet[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on("packet", (packet) => found.push(packet));
  reader.parse(Buffer.from(bytes));
  expect(found).toHaveLength(1);
  return found[0] as Packet;
}

const text = fc.string({ maxLength: 40, unit: "grapheme" }).filter((each) => !each.includes("\u0000"));
const topic = fc.stringMatching(/^[a-z0-9/é€😀 ]{1,20}$/u);
const identifier = fc.integer({ min: 1, max: 65_535 });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);

describe("another decoder reads what is written", () => {
  test("of CONNECT", () => {
    fc.assert(
      fc.property(
        fc.record({
          clientId: text,
          userName: text,
          password: text,
          cleanSession: fc.boolean(),
          keepAliveSeconds: fc.nat(65_535),
        }),
        fc.boolean(),
        (fields, isNamed) => {
          const { userName, password, ...rest } = fields;
          const given = isNamed ? fields : { ...rest, clientId: rest.clientId || "c" };
          expect(readElsewhere(encodeConnect({ ...given, cleanSession: true }))).toMatchObject({
            cmd: "connect",
            clientId: given.clientId,
            clean: true,
            keepalive: fields.keepAliveSeconds,
            ...(isNamed && { username: userName, password: Buffer.from(password) }),
          });
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  test("of PUBLISH, its repetition, SUBSCRIBE, UNSUBSCRIBE and acknowledgements", () => {
    fc.assert(
      fc.property(
        topic,
        fc.uint8Array({ maxLength: 300 }),
        qos,
        fc.boolean(),
        identifier,
        (name, payload, level, retain, packetIdentifier) => {
          const message = { topic: name, payload, qos: level, retain };
          const publish = encodePublish({ ...message, ...(level > 0 && { packetIdentifier }) });
          const expected = {
            cmd: "publish",
            topic: name,
            payload: Buffer.from(payload),
            qos: level,
            retain,
            ...(level > 0 && { messageId: packetIdentifier }),
          };
          expect(readElsewhere(publish)).toMatchObject({ ...expected, dup: false });
          if (level > 0)
            expect(readElsewhere(asDuplicate(publish))).toMatchObject({ ...expected, dup: true });
          expect(readElsewhere(encodeSubscribe(packetIdentifier, name, level))).toMatchObject({
            cmd: "subscribe",
            messageId: packetIdentifier,
            subscriptions: [{ topic: name, qos: level }],
          });
          expect(readElsewhere(encodeUnsubscribe(packetIdentifier, name))).toMatchObject({
            cmd: "unsubscribe",
            messageId: packetIdentifier,
            unsubscriptions: [name],
          });
          for (const cmd of ["puback", "pubrec", "pubrel", "pubcomp"] as const) {
            const bytes = encodeAcknowledgement(cmd, packetIdentifier);
            expect(readElsewhere(bytes)).toMatchObject({ cmd, messageId: packetIdentifier });
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
    expect(readElsewhere(PINGREQ).cmd).toBe("pingreq");
    expect(readElsewhere(DISCONNECT).cmd).toBe("disconnect");
  });

  test("of payloads at every step of the remaining length", () => {
    for (const length of [0, 121, 122, 16_376, 16_377, 2_097_144, 2_097_145]) {
      const bytes = encodePublish({ topic: "a", payload: new Uint8Array(length), qos: 0, retain: false });
      const { payload } = readElsewhere(bytes) as IPublishPacket;
      // At once: a matcher looks at two million bytes one by one.
      expect([payload.length, Buffer.alloc(length).equals(payload as Buffer)]).toEqual([length, true]);
    }
  });
});

test("what another encoder makes is read as it meant it", () => {
  fc.assert(
    fc.property(hubPackets, (packet) => {
      const read = decodeHubPacket(generate(packet));
      expect(read.kind).toBe(packet.cmd);
      if (read.kind === "publish" && packet.cmd === "publish") {
        expect({ ...read, payload: Buffer.from(read.payload) }).toMatchObject({
          topic: packet.topic,
          payload: packet.payload,
          qos: packet.qos,
          retain: packet.retain,
          dup: packet.dup,
          packetIdentifier: packet.messageId ?? 0,
        });
      } else if (read.kind === "connack" && packet.cmd === "connack") {
        expect(read).toMatchObject({ returnCode: packet.returnCode, sessionPresent: packet.sessionPresent });
      } else if (read.kind === "suback" && packet.cmd === "suback") {
        expect(read).toMatchObject({ packetIdentifier: packet.messageId, returnCodes: packet.granted });
      } else if (read.kind !== "pingresp") {
        expect(read).toMatchObject({ packetIdentifier: packet.messageId });
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

describe("what a hub may not send is a fault, with its clause", () => {
  it.each<[string, RegExp]>([
    ["c000", /only a client sends it/],
    ["360600016100017a", /MQTT-3.3.1-4/],
    ["3200", /cut off/],
    ["3206000161000078", /MQTT-2.3.1-1/],
    ["3004000261c0", /MQTT-1.5.3-1/],
    ["300300012b", /MQTT-3.3.2-2/],
    ["20020201", /3.2.2/],
    ["9003000103", /MQTT-3.9.3-2/],
    ["f000", /no such packet/],
  ])("%s", (bytes, fault) => {
    const frame = Buffer.from(bytes, "hex");
    expect(() => decodeHubPacket(frame)).toThrow(HubFault);
    expect(() => decodeHubPacket(frame)).toThrow(fault);
  });
});
