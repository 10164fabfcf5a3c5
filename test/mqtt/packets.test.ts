/** mqtt-packet, an independent implementation, checks every byte that the firmware encodes and decodes. */
import fc from "fast-check";
import { generate, type Packet, parser } from "mqtt-packet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConnectFields, encodeConnect } from "../../firmware/mqtt/connect.ts";
import { encodePacket } from "../../firmware/mqtt/packet.ts";
import { DISCONNECT, PINGREQ } from "../../firmware/mqtt/packet-types.ts";
import { isTopic } from "../../firmware/mqtt/topic.ts";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

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

type WholeClient = typeof import("../fixtures/whole-client.ts");

let client: WholeClient;
let hub: ScriptedHub;
let messages: unknown[][];
let downs: string[];

beforeEach(async () => {
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  client.setLimits(1e9, 1e9);
  client.useQos2();
  hub = new ScriptedHub();
  messages = [];
  downs = [];
  accept();
});

afterEach(() => client.end("network-lost"));

function accept(): void {
  client.connect(
    hub.transport,
    { clientId: "dev", keepAliveSeconds: 60, cleanSession: true },
    {
      onUp: () => undefined,
      onDown: (reason) => downs.push(reason),
      onMessage: (...message) => messages.push(message),
      onProblem: (problem) => downs.push(problem),
      onSetAside: (topic) => downs.push(`set-aside ${topic}`),
    },
  );
  hub.sendBytes("\x20\x02\0\0");
}

/** The packet that the client sends when it does this. */
function sentBy(act: () => void): Packet {
  hub.bytes = "";
  act();
  return parseBytes(hub.bytes);
}

function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

const topicName = fc
  .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
  .filter((text) => !/[+#\0]/.test(text));
const payload = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const identifier = fc.integer({ min: 1, max: 65_535 });
const qos = fc.constantFrom<0 | 1 | 2>(0, 1, 2);

const connectCases: { title: string; fields: ConnectFields }[] = [
  { title: "the least", fields: { clientId: "a", keepAliveSeconds: 0, cleanSession: true } },
  {
    title: "a kept session",
    fields: { clientId: "a", keepAliveSeconds: 65_535, cleanSession: false },
  },
  {
    title: "a user name without a password",
    fields: { clientId: "dev", keepAliveSeconds: 60, cleanSession: true, username: "u" },
  },
  {
    title: "all there is",
    fields: {
      clientId: "dev",
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
    clientId: Buffer.from(fields.clientId, "latin1").toString("utf8"),
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

describe("the firmware encodes", () => {
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
        clientId: fc.string({ minLength: 1, maxLength: 40 }).map(utf8),
        keepAliveSeconds: fc.integer({ min: 0, max: 65_535 }),
        cleanSession: fc.constant(true),
        username: fc.string({ minLength: 1, maxLength: 20 }).map(utf8),
        password: payload.filter((bytes) => bytes.length > 0),
        will,
      },
      { requiredKeys: ["clientId", "keepAliveSeconds", "cleanSession", "username"] },
    );
    fc.assert(fc.property(fields, expectConnect));
  });

  it("PUBLISH of any topic, payload, and QoS, first and again", () => {
    fc.assert(
      fc.property(topicName, payload, qos, fc.boolean(), (topic, bytes, level, retain) => {
        const publish = () => client.publish(utf8(topic), bytes, level, retain);
        const first = sentBy(publish);
        const expected = { cmd: "publish", topic, qos: level, retain, payload: Buffer.from(bytes, "latin1") };
        expect(first).toMatchObject({ ...expected, dup: false });
        if (level === 0 || first.cmd !== "publish") return;
        hub.close();
        accept();
        expect(hub.of("publish")).toMatchObject([{ ...expected, dup: true, messageId: first.messageId }]);
        const messageId = first.messageId ?? 0;
        if (level === 1) hub.send({ cmd: "puback", messageId });
        else hub.send({ cmd: "pubrec", messageId }, { cmd: "pubcomp", messageId });
      }),
    );
    expect(downs).not.toContain(expect.stringMatching("malformed"));
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 200_000])("PUBLISH whose body has about %i bytes", (size) => {
    const bytes = "x".repeat(size);
    const packet = sentBy(() => client.publish("t", bytes, 0, false));
    expect(packet).toMatchObject({ cmd: "publish", payload: Buffer.from(bytes) });
  });

  it("SUBSCRIBE and UNSUBSCRIBE of any filter", () => {
    fc.assert(
      fc.property(topicName, qos, (filter, level) => {
        expect(sentBy(() => client.subscribe(utf8(filter), level))).toMatchObject({
          cmd: "subscribe",
          subscriptions: [{ topic: filter, qos: level }],
        });
        expect(sentBy(() => client.unsubscribe(utf8(filter)))).toMatchObject({
          cmd: "unsubscribe",
          unsubscriptions: [filter],
        });
      }),
    );
  });

  it("PINGREQ, DISCONNECT", () => {
    expect(parseBytes(encodePacket(PINGREQ, ""))).toMatchObject({ cmd: "pingreq", length: 0 });
    expect(parseBytes(encodePacket(DISCONNECT, ""))).toMatchObject({ cmd: "disconnect", length: 0 });
  });
});

describe("the firmware decodes", () => {
  it("PUBLISH of any topic, payload, QoS and packet identifier, and answers with the same", () => {
    fc.assert(
      fc.property(
        topicName,
        payload,
        qos,
        fc.boolean(),
        identifier,
        (topic, bytes, level, retain, messageId) => {
          messages = [];
          hub.received = [];
          hub.send({
            cmd: "publish",
            topic,
            payload: Buffer.from(bytes, "latin1"),
            qos: level,
            retain,
            dup: false,
            messageId,
          });
          expect(messages).toEqual([[utf8(topic), bytes, level, retain, false]]);
          expect(hub.of("puback").map((packet) => packet.messageId)).toEqual(level === 1 ? [messageId] : []);
          expect(hub.of("pubrec").map((packet) => packet.messageId)).toEqual(level === 2 ? [messageId] : []);
          if (level === 2) hub.send({ cmd: "pubrel", messageId });
          expect(downs).toEqual([]);
        },
      ),
    );
  });
});

describe("a stream of packets in chunks", () => {
  const stream = [
    ...[130, 0, 1, 300].map((size, index) =>
      generate({
        cmd: "publish",
        topic: "a/b",
        payload: "x".repeat(size),
        qos: 1,
        messageId: 258 + index,
        retain: false,
        dup: false,
      }),
    ),
    generate({ cmd: "pingresp" }),
    generate({ cmd: "publish", topic: "a", payload: "last", qos: 0, retain: true, dup: false }),
  ]
    .map((bytes) => bytes.toString("latin1"))
    .join("");
  const sizes = [130, 0, 1, 300, 4];

  const feed = (chunks: string[]): number[] => {
    messages = [];
    for (const chunk of chunks) hub.sendBytes(chunk);
    return messages.map((message) => String(message[1]).length);
  };

  it("is read the same, wherever it is cut in two", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(feed([stream.slice(0, cut), stream.slice(cut)])).toEqual(sizes);
    }
    expect(downs).toEqual([]);
  });

  it("is read the same in pieces of any one size", () => {
    for (let size = 1; size < 40; size++) {
      expect(feed(stream.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [])).toEqual(sizes);
    }
  });

  it("goes on after a packet that is too long, which is acknowledged and reported, wherever it is cut", () => {
    client.setLimits(1e9, 200);
    for (let cut = 0; cut <= stream.length; cut++) {
      downs = [];
      hub.received = [];
      expect(feed([stream.slice(0, cut), stream.slice(cut)])).toEqual([130, 0, 1, 4]);
      expect(downs).toEqual(["message-too-long"]);
      expect(hub.of("puback").map((packet) => packet.messageId)).toEqual([258, 259, 260, 261]);
    }
  });
});

describe("the firmware's check of topics", () => {
  it("accepts the bytes that Node's strict decoder takes, without control characters and noncharacters", () => {
    const judge = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const isRight = (bytes: Uint8Array): boolean => {
      try {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        return /^[^\x00-\x1f\x7f-\x9f+#\p{Noncharacter_Code_Point}]+$/u.test(judge.decode(bytes));
      } catch {
        return false;
      }
    };
    const byte = fc.oneof(
      fc.constantFrom(
        0x20,
        0x7e,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
        0xc2,
        0xe0,
        0xed,
        0xef,
        0xf0,
        0xf4,
        0xff,
      ),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 6 }), (bytes) => {
        expect(isTopic(String.fromCharCode(...bytes), false)).toBe(isRight(Uint8Array.from(bytes)));
      }),
      { numRuns: 20_000 },
    );
  });

  it("allows 200 levels, whatever stands between them", () => {
    for (const level of ["", "a", "+"]) {
      expect(isTopic(Array(200).fill(level).join("/"), true)).toBe(true);
      expect(isTopic(Array(201).fill(level).join("/"), true)).toBe(false);
    }
    expect(isTopic("a".repeat(300), false)).toBe(true);
    expect(isTopic("/".repeat(65_535), false)).toBe(false);
  });

  it("allows more than 200 levels in a topic name from a hub, and refuses to publish to it afterwards", () => {
    const deep = Array(201).fill("a").join("/");
    expect(isTopic(deep, false, true)).toBe(true);
    expect(isTopic(deep, false)).toBe(false);
  });

  it.each(["#", "+", "a/#", "+/+", "/", "a/+/b", "a//#"])("accepts %s as a filter", (filter) => {
    expect(isTopic(filter, true)).toBe(true);
  });

  it.each(["", "a#", "#/a", "a+", "+a", "a/#/b", "\0", "##"])("refuses %j as a filter", (filter) => {
    expect(isTopic(filter, true)).toBe(false);
  });
});
