/**
 * The client against the clauses of MQTT 3.1.1 that bind a client, as bytes on the wire, in Node and on real Espruino:
 * the hub's part is played to the client's socket. Which clauses there are stands in clauses.ts.
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectFields } from "../../firmware/mqtt/connect.ts";
import {
  buildClientDriver,
  CLIENT_ENGINES,
  DrivenClient,
  hasClientEngine,
} from "../fixtures/driven-client.ts";

const CONNACK = "\x20\x02\x00\x00";
const CONNACK_SESSION_PRESENT = "\x20\x02\x01\x00";
const CONNECT_BYTES = 17;
/** The client's for a keep alive of 1 s. */
const PING_PERIOD_MS = 700;
const POLL_MS = 20;
const WAIT_MS_MAX = 10_000;

let app: Uint8Array;
let client: DrivenClient;

beforeAll(async () => {
  app = await buildClientDriver();
});

function describeOnEngines(title: string, group: () => void): void {
  for (const engine of CLIENT_ENGINES) {
    describe.skipIf(!hasClientEngine(engine))(`${title}, on the engine ${engine}`, () => {
      beforeAll(async () => {
        client = await DrivenClient.start(engine, app);
      });
      afterAll(() => client.stop());
      beforeEach(async () => {
        if (engine === "node") vi.useFakeTimers();
        await client.restart();
      });
      afterEach(async () => {
        await client.drop();
        vi.useRealTimers();
      });
      group();
    });
  }
}

function connect(fields: Partial<ConnectFields> = {}): Promise<void> {
  return client.connectScripted({
    clientId: "dev",
    keepAliveSeconds: 60,
    cleanSession: true,
    ...fields,
  });
}

/** A connection that the hub has accepted; what the client wrote behind its CONNECT. */
async function connectUp(fields?: Partial<ConnectFields>, connack = CONNACK): Promise<string> {
  await connect(fields);
  await client.hubSends(connack);
  await takeEvents();
  return (await client.takeWritten()).slice(CONNECT_BYTES);
}

/** What the client writes when the hub sends this. */
async function answerTo(bytes: string): Promise<string> {
  await client.takeWritten();
  await client.hubSends(bytes);
  return client.takeWritten();
}

/** Since the last call. */
async function takeEvents(): Promise<string[]> {
  await client.update();
  return client.events.splice(0);
}

/** What the client does when a ping period has passed: in Node at once, for its timers are played too. */
async function afterPingPeriod<T extends { readonly length: number }>(probe: () => Promise<T>): Promise<T> {
  if (vi.isFakeTimers()) {
    vi.advanceTimersByTime(PING_PERIOD_MS);
    return probe();
  }
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const value = await probe();
    if (value.length > 0 || performance.now() > deadlineMs) return value;
    await delay(POLL_MS);
  }
}

async function expectClosed(reason: string): Promise<void> {
  expect(await takeEvents()).toEqual([`down ${reason} 0`]);
}

describeOnEngines("CONNECT and CONNACK", () => {
  it("the first packet is CONNECT, with protocol name and level [MQTT-3.1.0-1, MQTT-3.1.2-1, MQTT-3.1.3-3, MQTT-2.2.2-1]", async () => {
    await connect();
    expect(await client.takeWritten()).toBe("\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03dev");
  });

  it("flags tell what the payload holds, in its order [MQTT-3.1.2-9, MQTT-3.1.2-14, MQTT-3.1.2-19, MQTT-3.1.2-21, MQTT-3.1.3-1]", async () => {
    await connect({
      cleanSession: false,
      will: { topicName: "w", payload: "\x00\xff", qos: 2, retain: true },
      username: "u",
      password: "p\x00",
    });
    expect(await client.takeWritten()).toBe(
      "\x10\x1d\x00\x04MQTT\x04\xf4\x00\x3c\x00\x03dev\x00\x01w\x00\x02\x00\xff\x00\x01u\x00\x02p\x00",
    );
  });

  it("flags of what is not there are 0, and so is what is reserved [MQTT-3.1.2-3, MQTT-3.1.2-11, MQTT-3.1.2-13, MQTT-3.1.2-15, MQTT-3.1.2-18, MQTT-3.1.2-20]", async () => {
    await connect({ cleanSession: false });
    expect(await client.takeWritten()).toBe("\x10\x0f\x00\x04MQTT\x04\x00\x00\x3c\x00\x03dev");
  });

  it("CONNECT goes once, whatever is asked [MQTT-3.1.0-2]", async () => {
    await connectUp();
    await connect();
    expect(await client.takeWritten()).toBe("");
  });

  it("no password goes without a user name [MQTT-3.1.2-22]", async () => {
    await connect({ password: "p" });
    expect((await client.takeWritten()).charCodeAt(9)).toBe(2);
  });

  it.each([1, 2, 3, 4, 5])("return code %i is a refusal [MQTT-3.2.2-5]", async (returnCode) => {
    await connect();
    await client.hubSends(`\x20\x02\x00${String.fromCharCode(returnCode)}`);
    expect(await takeEvents()).toEqual([`down refused ${returnCode}`]);
  });

  it("session present is taken where the session was kept", async () => {
    await connect({ cleanSession: false });
    await client.hubSends(CONNACK_SESSION_PRESENT);
    expect(await takeEvents()).toEqual(["up true 0"]);
  });

  it.each([
    ["session present on a clean session [MQTT-3.2.2-1]", true, "\x20\x02\x01\x00"],
    ["session present with a refusal [MQTT-3.2.2-4]", false, "\x20\x02\x01\x03"],
    ["a reserved acknowledge flag", false, "\x20\x02\x02\x00"],
    ["a body that is too short", false, "\x20\x01\x00"],
    ["a body that is too long", false, "\x20\x03\x00\x00\x00"],
  ])("%s closes", async (_title, cleanSession, bytes) => {
    await connect({ cleanSession });
    await client.hubSends(bytes);
    await expectClosed("malformed packet 20");
  });

  it("flags in its fixed header close [MQTT-2.2.2-2]", async () => {
    await connect();
    await client.hubSends("\x22\x02\x00\x00");
    await expectClosed("malformed packet 22");
  });

  it("anything before CONNACK closes [MQTT-3.2.0-1], and a second CONNACK", async () => {
    await connect();
    await client.hubSends("\x30\x03\x00\x01t");
    await expectClosed("malformed packet 30");
    await connectUp();
    await client.hubSends(CONNACK);
    await expectClosed("malformed packet 20");
  });
});

describeOnEngines("the frame", () => {
  beforeEach(async () => void (await connectUp()));

  const flagged = [0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0].flatMap((byte) =>
    [1, 2, 4, 8].map((bit) => byte ^ bit),
  );
  it.each(flagged)("first byte %i with a reserved flag closes [MQTT-2.2.2-2]", async (firstByte) => {
    await client.hubSends(`${String.fromCharCode(firstByte)}\x02\x00\x01`);
    await expectClosed(`malformed packet ${firstByte.toString(16)}`);
  });

  it.each([0x00, 0x10, 0x82, 0xa2, 0xc0, 0xe0, 0xf0])(
    "type %i is none of a hub's and closes",
    async (firstByte) => {
      await client.hubSends(`${String.fromCharCode(firstByte)}\x02\x00\x01`);
      await expectClosed(`malformed packet ${firstByte.toString(16)}`);
    },
  );

  it.each([0x40, 0x50, 0x62, 0x70, 0x90, 0xb0])(
    "packet identifier 0 in %i closes [MQTT-2.3.1-1]",
    async (firstByte) => {
      await client.hubSends(
        String.fromCharCode(firstByte, ...(firstByte === 0x90 ? [3, 0, 0, 0] : [2, 0, 0])),
      );
      await expectClosed(`malformed packet ${firstByte.toString(16)}`);
    },
  );

  it.each([0x40, 0x50, 0x62, 0x70, 0xb0, 0xd0])(
    "a wrong remaining length in %i closes",
    async (firstByte) => {
      await client.hubSends(`${String.fromCharCode(firstByte)}\x01\x00`);
      await expectClosed(`malformed packet ${firstByte.toString(16)}`);
    },
  );

  it("a remaining length of five bytes closes at once", async () => {
    await client.hubSends("\x30\xff\xff\xff\xff");
    await expectClosed("malformed length");
  });

  it("an acknowledgement longer than any is not waited for", async () => {
    await client.hubSends("\x40\x80\x80\x01");
    await expectClosed("malformed length");
  });

  it("an acknowledgement of nothing does no harm", async () => {
    await client.hubSends("\x40\x02\x00\x09\xb0\x02\x00\x09\x90\x03\x00\x09\x00\x70\x02\x00\x09");
    expect(await takeEvents()).toEqual([]);
  });
});

describeOnEngines("PUBLISH from the hub", () => {
  beforeEach(async () => void (await connectUp()));

  it("is acknowledged in the order of the messages [MQTT-4.6.0-2, MQTT-4.6.0-3]", async () => {
    expect(
      await answerTo(
        "\x32\x05\x00\x01t\x00\x07\x34\x05\x00\x01t\x00\x05\x32\x05\x00\x01t\x00\x06\x34\x05\x00\x01t\x00\x04",
      ),
    ).toBe("\x40\x02\x00\x07\x50\x02\x00\x05\x40\x02\x00\x06\x50\x02\x00\x04");
  });

  it("of QoS 1 is new after its PUBACK, whatever DUP says [MQTT-4.3.2-2]", async () => {
    const again = "\x3a\x06\x00\x01t\x00\x07x";
    expect(await answerTo(again + again)).toBe("\x40\x02\x00\x07".repeat(2));
    expect(await takeEvents()).toEqual(["message t x 1 false", "message t x 1 false"]);
  });

  it("is acknowledged though it is too long to be taken [MQTT-4.5.0-2]", async () => {
    expect(await answerTo(`\x32\xf4\x27\x00\x01t\x00\x07${"x".repeat(5103)}`)).toBe("\x40\x02\x00\x07");
    expect(await takeEvents()).toEqual(["message too long t"]);
  });

  it("is acknowledged by its QoS with its packet identifier [MQTT-3.3.4-1, MQTT-2.3.1-6]", async () => {
    expect(await answerTo("\x30\x04\x00\x01tx")).toBe("");
    expect(await answerTo("\x33\x06\x00\x01t\x12\x34x")).toBe("\x40\x02\x12\x34");
    expect(await answerTo("\x34\x06\x00\x01t\x12\x34x")).toBe("\x50\x02\x12\x34");
    expect(await takeEvents()).toEqual(["message t x 0 false", "message t x 1 true", "message t x 2 false"]);
  });

  it.each([
    ["QoS 3 [MQTT-3.3.1-4]", "\x36\x05\x00\x01t\x00\x01"],
    ["packet identifier 0 [MQTT-2.3.1-1]", "\x32\x05\x00\x01t\x00\x00"],
    ["an empty topic name [MQTT-4.7.3-1]", "\x30\x02\x00\x00"],
    ["a wildcard in the topic name [MQTT-3.3.2-2]", "\x30\x03\x00\x01#"],
    ["U+0000 in the topic name [MQTT-1.5.3-2]", "\x30\x04\x00\x02t\x00"],
    ["a surrogate in the topic name [MQTT-1.5.3-1]", "\x30\x05\x00\x03\xed\xa0\x80"],
    ["a topic name cut within a character [MQTT-1.5.3-1]", "\x30\x04\x00\x02t\xc3"],
    ["an overlong character [MQTT-1.5.3-1]", "\x30\x04\x00\x02\xc0\xaf"],
  ])("with %s closes", async (_title, bytes) => {
    await client.hubSends(bytes);
    await expectClosed(`malformed packet ${bytes.charCodeAt(0).toString(16)}`);
  });

  it.each([
    ["no topic name [MQTT-3.3.2-1]", "\x30\x00"],
    ["half the length of a topic name", "\x30\x01\x00"],
    ["a topic name longer than the packet", "\x30\x03\x00\x02t"],
    ["no packet identifier", "\x32\x03\x00\x01t"],
    ["half a packet identifier", "\x32\x04\x00\x01t\x00"],
    ["a topic name longer than the packet, whose length is of two bytes", "\x30\x80\x01\x00\xff"],
  ])("with %s closes", async (_title, bytes) => {
    await client.hubSends(bytes);
    await expectClosed("malformed length");
  });

  it("keeps a byte order mark as it came [MQTT-1.5.3-3]", async () => {
    await client.hubSends("\x30\x06\x00\x04\xef\xbb\xbft");
    expect(await takeEvents()).toEqual(["message \xef\xbb\xbft  0 false"]);
  });
});

describeOnEngines("the end and its eve", () => {
  it("DISCONNECT is the last packet, and the client closes [MQTT-3.14.4-1, MQTT-3.14.4-2]", async () => {
    await connectUp();
    await client.disconnect();
    await client.publish("a", "", 1);
    await client.subscribe("a", 0);
    expect(await client.takeWritten()).toBe("\xe0\x00");
    await expectClosed("asked to");
    expect(await client.isSocketOpen()).toBe(false);
  });

  it("PINGREQ goes when nothing else has [MQTT-3.1.2-23]", async () => {
    await connectUp({ keepAliveSeconds: 1 });
    expect(await afterPingPeriod(() => client.takeWritten())).toBe("\xc0\x00");
  });

  it("a hub that breaks the protocol finds the connection closed [MQTT-4.8.0-1]", async () => {
    await connectUp();
    await client.hubSends("\xf0\x00");
    expect(await client.isSocketOpen()).toBe(false);
  });
});

describeOnEngines("messages from the device", () => {
  it("QoS 0 has neither identifier nor DUP, and is not sent again [MQTT-2.3.1-5, MQTT-3.3.1-2, MQTT-4.3.1-1, MQTT-3.3.2-1]", async () => {
    await connectUp();
    await client.publish("a", "x", 0);
    expect(await client.takeWritten()).toBe("\x30\x04\x00\x01ax");
    await client.hubCloses();
    expect(await connectUp()).toBe("");
  });

  it("each has an identifier that is not in use, and waits for its own PUBACK [MQTT-2.3.1-2, MQTT-4.3.2-1]", async () => {
    await connectUp();
    for (const topicName of ["a", "b", "c"]) await client.publish(topicName, "", 1);
    expect(await client.takeWritten()).toBe(
      "\x32\x05\x00\x01a\x00\x01\x32\x05\x00\x01b\x00\x02\x32\x05\x00\x01c\x00\x03",
    );
    await client.hubSends("\x40\x02\x00\x02");
    expect(await takeEvents()).toEqual(["acknowledged b false"]);
  });

  it("a session that was clean is not there after it: every subscription is made again [MQTT-3.1.2-6]", async () => {
    await connectUp();
    await client.subscribe("a", 1);
    await client.hubSends("\x90\x03\x00\x01\x01");
    await client.hubCloses();
    expect(await connectUp()).toBe("\x82\x06\x00\x02\x00\x01a\x01");
  });
});

describeOnEngines("QoS 1 and 2 from the device", () => {
  it("messages are sent again on the next connection, in order, with DUP and the same identifier [MQTT-4.4.0-1, MQTT-4.6.0-1, MQTT-3.3.1-1, MQTT-2.3.1-3, MQTT-3.1.2-4, MQTT-4.1.0-1, MQTT-4.1.0-2]", async () => {
    await connectUp({ cleanSession: false });
    await client.publish("a", "", 1);
    await client.publish("b", "", 2);
    await client.hubCloses();
    expect(await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT)).toBe(
      "\x3a\x05\x00\x01a\x00\x01\x3c\x05\x00\x01b\x00\x02",
    );
  });

  it("PUBREC is answered by PUBREL, and PUBLISH not sent again [MQTT-4.3.3-1, MQTT-4.4.0-1, MQTT-3.6.1-1]", async () => {
    await connectUp({ cleanSession: false });
    await client.publish("a", "", 2);
    expect(await answerTo("\x50\x02\x00\x01")).toBe("\x62\x02\x00\x01");
    await client.hubCloses();
    expect(await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT)).toBe("\x62\x02\x00\x01");
    await client.hubSends("\x70\x02\x00\x01");
    await client.hubSends("\x70\x02\x00\x01");
    expect(await takeEvents()).toEqual(["acknowledged a false"]);
  });

  it("a PUBACK ends a message of QoS 2 too, for hubs that take it as QoS 1", async () => {
    await connectUp({ cleanSession: false });
    await client.publish("a", "", 2);
    await client.hubSends("\x40\x02\x00\x01");
    expect(await takeEvents()).toEqual(["acknowledged a false"]);
    await client.hubCloses();
    expect(await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT)).toBe("");
  });

  it("PUBRELs are sent again in the order of the PUBRECs [MQTT-4.6.0-4]", async () => {
    await connectUp({ cleanSession: false });
    for (const topicName of ["a", "b"]) await client.publish(topicName, "", 2);
    await client.hubSends("\x50\x02\x00\x02\x50\x02\x00\x01");
    await client.hubCloses();
    expect(await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT)).toBe(
      "\x62\x02\x00\x02\x62\x02\x00\x01",
    );
  });

  it("a session that the hub lost is told with each message that it may have twice", async () => {
    await connectUp({ cleanSession: false });
    await client.publish("a", "", 1);
    await client.hubCloses();
    await client.publish("b", "", 1);
    await takeEvents();
    await connect({ cleanSession: false });
    await client.hubSends(CONNACK);
    await client.hubSends("\x40\x02\x00\x01\x40\x02\x00\x02");
    expect(await takeEvents()).toEqual(["up false 1", "acknowledged a true", "acknowledged b false"]);
  });

  it("an acknowledgement that is overdue ends the connection, though the hub answers pings", async () => {
    await connectUp({ keepAliveSeconds: 1 });
    await client.publish("a", "", 1);
    await client.takeWritten();
    expect(await afterPingPeriod(() => client.takeWritten())).toBe("\xc0\x00");
    await client.hubSends("\xd0\x00");
    expect(await afterPingPeriod(takeEvents)).toEqual(["down no acknowledgement 0"]);
  });

  it("no topic name with a wildcard, U+0000 or half a character, empty or too long, is published [MQTT-3.3.2-2, MQTT-4.7.1-1, MQTT-4.7.3-1, MQTT-4.7.3-2, MQTT-4.7.3-3]", async () => {
    await connectUp();
    for (const topicName of ["", "a/#", "+", "\x00", "a\xc3"]) {
      expect(await client.publish(topicName, "", 0)).toBe(false);
      expect(await client.publish(topicName, "", 1)).toBe(false);
    }
    expect(await client.publishTo(65_536)).toBe(false);
    expect(await client.takeWritten()).toBe("");
  });
});

describeOnEngines("QoS 2 to the device", () => {
  const PUBLISH = "\x34\x06\x00\x01t\x00\x07x";
  const AGAIN = `\x3c${PUBLISH.slice(1)}`;

  it("is delivered once until PUBREL, which is answered by PUBCOMP [MQTT-4.3.3-2]", async () => {
    await connectUp({ cleanSession: false });
    expect(await answerTo(PUBLISH + AGAIN)).toBe("\x50\x02\x00\x07".repeat(2));
    expect(await takeEvents()).toHaveLength(1);
    expect(await answerTo("\x62\x02\x00\x07")).toBe("\x70\x02\x00\x07");
    expect(await answerTo("\x62\x02\x00\x07")).toBe("\x70\x02\x00\x07");
    await client.hubSends(PUBLISH);
    expect(await takeEvents()).toHaveLength(1);
  });

  it("is delivered once over a reconnection that keeps the session", async () => {
    await connectUp({ cleanSession: false });
    await client.hubSends(PUBLISH);
    await client.hubCloses();
    await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(await answerTo(AGAIN)).toBe("\x50\x02\x00\x07");
    expect(await takeEvents()).toEqual([]);
  });

  it("is new under a session that is new", async () => {
    await connectUp();
    await client.hubSends(PUBLISH);
    await client.hubCloses();
    await connectUp();
    await client.hubSends(PUBLISH);
    expect(await takeEvents()).toEqual(["message t x 2 false"]);
  });

  it("more messages without PUBREL than the limit end the connection", async () => {
    await connectUp();
    for (let identifier = 1; identifier <= 33; identifier++) {
      await client.hubSends(`\x34\x05\x00\x01t\x00${String.fromCharCode(identifier)}`);
    }
    expect((await takeEvents()).slice(32)).toEqual(["down too many messages without PUBREL 0"]);
  });
});

describeOnEngines("subscriptions", () => {
  it("SUBSCRIBE and UNSUBSCRIBE have their flags and an identifier [MQTT-3.8.1-1, MQTT-3.8.3-3, MQTT-3.10.1-1, MQTT-3.10.3-2, MQTT-2.3.1-1]", async () => {
    await connectUp();
    await client.subscribe("a/#", 2);
    await client.unsubscribe("a/#");
    expect(await client.takeWritten()).toBe("\x82\x08\x00\x01\x00\x03a/#\x02\xa2\x07\x00\x02\x00\x03a/#");
  });

  it("are made again where the hub has no session, and only what was not answered where it has", async () => {
    await connectUp({ cleanSession: false });
    await client.subscribe("a", 0);
    await client.subscribe("b", 0);
    await client.hubSends("\x90\x03\x00\x01\x00");
    await client.hubCloses();
    expect(await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT)).toBe(
      "\x82\x06\x00\x02\x00\x01b\x00",
    );
    await client.hubCloses();
    expect(await connectUp({ cleanSession: false })).toBe(
      "\x82\x06\x00\x03\x00\x01a\x00\x82\x06\x00\x04\x00\x01b\x00",
    );
  });

  it("a filter that is none is not unsubscribed from [MQTT-3.10.3-1]", async () => {
    await connectUp();
    await client.unsubscribe("a\xc3");
    expect(await client.takeWritten()).toBe("");
  });

  it("a return code that is none closes [MQTT-3.9.3-2]", async () => {
    await connectUp();
    await client.subscribe("a", 0);
    await client.hubSends("\x90\x03\x00\x01\x03");
    await expectClosed("malformed packet 90");
  });

  it.each(["", "a#", "a/#/b", "+a", "\x00", "a\xc3"])(
    "%j is no filter and goes nowhere [MQTT-4.7.1-2, MQTT-4.7.1-3, MQTT-3.8.3-1]",
    async (filter) => {
      await connectUp();
      expect(await client.subscribe(filter, 0)).toBe(false);
      expect(await client.takeWritten()).toBe("");
    },
  );
});

describeOnEngines("a hub that does not read", () => {
  it("costs no more than three times the bound, and is left", async () => {
    await connectUp();
    let writtenBytes = 0;
    let events: string[] = [];
    while (events.length === 0) {
      await client.hubSends("\x32\x05\x00\x01t\x00\x01");
      await client.publish("t", "x".repeat(100), 0);
      await client.publish("t", "x".repeat(100), 1);
      writtenBytes += (await client.takeWritten()).length;
      events = (await takeEvents()).filter((event) => !event.startsWith("message"));
    }
    expect(events).toEqual(["down hub does not read 0"]);
    expect(writtenBytes).toBeLessThanOrEqual(3 * 4096);
  });
});
