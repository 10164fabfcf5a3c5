/** The client against the clauses of MQTT 3.1.1 that bind a client, as bytes on the wire. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectFields } from "../../firmware/mqtt/connect.ts";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

type WholeClient = typeof import("../fixtures/whole-client.ts");

const CONNACK = "\x20\x02\x00\x00";
const CONNACK_SESSION_PRESENT = "\x20\x02\x01\x00";

let client: WholeClient;
let hub: ScriptedHub;
let events: string[];

beforeEach(async () => {
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  client.useQos2();
  hub = new ScriptedHub();
  events = [];
  vi.useFakeTimers();
});

afterEach(() => {
  client.end("the end of the test");
  vi.useRealTimers();
});

function connect(fields: Partial<ConnectFields> = {}): void {
  client.connect(
    hub.transport,
    { clientId: "dev", keepAliveSeconds: 60, cleanSession: true, ...fields },
    {
      onUp: (sessionPresent, resent) => events.push(`up ${sessionPresent} ${resent}`),
      onDown: (reason, returnCode) => events.push(`down ${reason} ${returnCode}`),
      onMessage: (topicName, payload, qos, retain) =>
        events.push(`message ${topicName} ${payload} ${qos} ${retain}`),
      onProblem: (problem, topic) => events.push(`${problem} ${topic}`),
    },
  );
}

/** A connection that the hub has accepted, with nothing seen yet. */
function connectUp(fields?: Partial<ConnectFields>, connack = CONNACK): void {
  connect(fields);
  hub.sendBytes(connack);
  events = [];
}

/** What the client writes when the hub sends this. */
function answerTo(bytes: string): string {
  hub.bytes = "";
  hub.sendBytes(bytes);
  return hub.bytes;
}

function expectClosed(reason: string): void {
  expect(events).toEqual([`down ${reason} 0`]);
}

describe("CONNECT and CONNACK", () => {
  it("the first packet is CONNECT, with protocol name and level [MQTT-3.1.0-1, MQTT-3.1.2-1, MQTT-3.1.2-2]", () => {
    connect();
    expect(hub.bytes).toBe("\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03dev");
  });

  it("flags tell what the payload holds, in its order [MQTT-3.1.2-9, MQTT-3.1.2-19, MQTT-3.1.2-21, MQTT-3.1.3-1]", () => {
    connect({
      cleanSession: false,
      will: { topicName: "w", payload: "\x00\xff", qos: 2, retain: true },
      username: "u",
      password: "p\x00",
    });
    expect(hub.bytes).toBe(
      "\x10\x1d\x00\x04MQTT\x04\xf4\x00\x3c\x00\x03dev\x00\x01w\x00\x02\x00\xff\x00\x01u\x00\x02p\x00",
    );
  });

  it("no password goes without a user name [MQTT-3.1.2-22]", () => {
    connect({ password: "p" });
    expect(hub.bytes.charCodeAt(9)).toBe(2);
  });

  it.each([1, 2, 3, 4, 5])("return code %i is a refusal [MQTT-3.2.2-5]", (returnCode) => {
    connect();
    hub.sendBytes(`\x20\x02\x00${String.fromCharCode(returnCode)}`);
    expect(events).toEqual([`down refused ${returnCode}`]);
  });

  it("session present is taken where the session was kept", () => {
    connect({ cleanSession: false });
    hub.sendBytes(CONNACK_SESSION_PRESENT);
    expect(events).toEqual(["up true 0"]);
  });

  it.each([
    ["session present on a clean session [MQTT-3.2.2-1]", true, "\x20\x02\x01\x00"],
    ["session present with a refusal [MQTT-3.2.2-4]", false, "\x20\x02\x01\x03"],
    ["a reserved acknowledge flag", false, "\x20\x02\x02\x00"],
    ["a body that is too short", false, "\x20\x01\x00"],
    ["a body that is too long", false, "\x20\x03\x00\x00\x00"],
  ])("%s closes", (_title, cleanSession, bytes) => {
    connect({ cleanSession });
    hub.sendBytes(bytes);
    expectClosed("malformed packet 20");
  });

  it("flags in its fixed header close [MQTT-2.2.2-2]", () => {
    connect();
    hub.sendBytes("\x22\x02\x00\x00");
    expectClosed("malformed packet 22");
  });

  it("anything before CONNACK closes [MQTT-3.2.0-1], and a second CONNACK", () => {
    connect();
    hub.sendBytes("\x30\x03\x00\x01t");
    expectClosed("malformed packet 30");
    events = [];
    connectUp();
    hub.sendBytes(CONNACK);
    expectClosed("malformed packet 20");
  });
});

describe("the frame", () => {
  beforeEach(() => connectUp());

  const flagged = [0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0].flatMap((byte) =>
    [1, 2, 4, 8].map((bit) => byte ^ bit),
  );
  it.each(flagged)("first byte %i with a reserved flag closes [MQTT-2.2.2-2]", (firstByte) => {
    hub.sendBytes(`${String.fromCharCode(firstByte)}\x02\x00\x01`);
    expectClosed(`malformed packet ${firstByte.toString(16)}`);
  });

  it.each([0x00, 0x10, 0x82, 0xa2, 0xc0, 0xe0, 0xf0])(
    "type %i is none of a hub's and closes",
    (firstByte) => {
      hub.sendBytes(`${String.fromCharCode(firstByte)}\x02\x00\x01`);
      expectClosed(`malformed packet ${firstByte.toString(16)}`);
    },
  );

  it.each([0x40, 0x50, 0x62, 0x70, 0x90, 0xb0])(
    "packet identifier 0 in %i closes [MQTT-2.3.1-1]",
    (firstByte) => {
      hub.sendBytes(String.fromCharCode(firstByte, ...(firstByte === 0x90 ? [3, 0, 0, 0] : [2, 0, 0])));
      expectClosed(`malformed packet ${firstByte.toString(16)}`);
    },
  );

  it.each([0x40, 0x50, 0x62, 0x70, 0xb0, 0xd0])("a wrong remaining length in %i closes", (firstByte) => {
    hub.sendBytes(`${String.fromCharCode(firstByte)}\x01\x00`);
    expectClosed(`malformed packet ${firstByte.toString(16)}`);
  });

  it("a remaining length of five bytes closes at once", () => {
    hub.sendBytes("\x30\xff\xff\xff\xff");
    expectClosed("malformed length");
  });

  it("an acknowledgement longer than any is not waited for", () => {
    hub.sendBytes("\x40\x80\x80\x01");
    expectClosed("malformed length");
  });

  it("an acknowledgement of nothing does no harm", () => {
    hub.sendBytes("\x40\x02\x00\x09\xb0\x02\x00\x09\x90\x03\x00\x09\x00\x70\x02\x00\x09");
    expect(events).toEqual([]);
  });
});

describe("PUBLISH from the hub", () => {
  beforeEach(() => connectUp());

  it("is acknowledged by its QoS with its packet identifier [MQTT-3.3.4-1, MQTT-2.3.1-6]", () => {
    expect(answerTo("\x30\x04\x00\x01tx")).toBe("");
    expect(answerTo("\x33\x06\x00\x01t\x12\x34x")).toBe("\x40\x02\x12\x34");
    expect(answerTo("\x34\x06\x00\x01t\x12\x34x")).toBe("\x50\x02\x12\x34");
    expect(events).toEqual(["message t x 0 false", "message t x 1 true", "message t x 2 false"]);
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
  ])("with %s closes", (_title, bytes) => {
    hub.sendBytes(bytes);
    expectClosed(`malformed packet ${bytes.charCodeAt(0).toString(16)}`);
  });

  it.each([
    ["no topic name [MQTT-3.3.2-1]", "\x30\x00"],
    ["half the length of a topic name", "\x30\x01\x00"],
    ["a topic name longer than the packet", "\x30\x03\x00\x02t"],
    ["no packet identifier", "\x32\x03\x00\x01t"],
    ["half a packet identifier", "\x32\x04\x00\x01t\x00"],
    ["a topic name longer than the packet, whose length is of two bytes", "\x30\x80\x01\x00\xff"],
  ])("with %s closes", (_title, bytes) => {
    hub.sendBytes(bytes);
    expectClosed("malformed length");
  });

  it("keeps a byte order mark as it came [MQTT-1.5.3-3]", () => {
    hub.sendBytes("\x30\x06\x00\x04\xef\xbb\xbft");
    expect(events).toEqual(["message \xef\xbb\xbft  0 false"]);
  });
});

describe("QoS 1 and 2 from the device", () => {
  it("messages are sent again on the next connection, in order, with DUP and the same identifier [MQTT-4.4.0-1, MQTT-4.6.0-1, MQTT-3.3.1-1]", () => {
    connectUp({ cleanSession: false });
    client.publish("a", "", 1, false);
    client.publish("b", "", 2, false);
    hub.close();
    connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(hub.bytes.slice(17)).toBe("\x3a\x05\x00\x01a\x00\x01\x3c\x05\x00\x01b\x00\x02");
  });

  it("PUBREC is answered by PUBREL, and PUBLISH not sent again [MQTT-4.3.3-1, MQTT-4.4.0-1]", () => {
    connectUp({ cleanSession: false });
    const done: boolean[] = [];
    client.publish("a", "", 2, false, (inDoubt) => done.push(inDoubt));
    expect(answerTo("\x50\x02\x00\x01")).toBe("\x62\x02\x00\x01");
    hub.close();
    connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(hub.bytes.slice(17)).toBe("\x62\x02\x00\x01");
    expect(done).toEqual([]);
    hub.sendBytes("\x70\x02\x00\x01");
    hub.sendBytes("\x70\x02\x00\x01");
    expect(done).toEqual([false]);
  });

  it("a PUBACK ends a message of QoS 2 too, for hubs that take it as QoS 1", () => {
    connectUp({ cleanSession: false });
    const done: boolean[] = [];
    client.publish("a", "", 2, false, (inDoubt) => done.push(inDoubt));
    hub.sendBytes("\x40\x02\x00\x01");
    expect(done).toEqual([false]);
    hub.close();
    connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(hub.bytes).toHaveLength(17);
  });

  it("PUBRELs are sent again in the order of the PUBRECs [MQTT-4.6.0-4]", () => {
    connectUp({ cleanSession: false });
    for (const topicName of ["a", "b"]) client.publish(topicName, "", 2, false);
    hub.sendBytes("\x50\x02\x00\x02\x50\x02\x00\x01");
    hub.close();
    connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(hub.bytes.slice(17)).toBe("\x62\x02\x00\x02\x62\x02\x00\x01");
  });

  it("a session that the hub lost is told with each message that it may have twice", () => {
    connectUp({ cleanSession: false });
    const done: string[] = [];
    client.publish("a", "", 1, false, (inDoubt) => done.push(`a ${inDoubt}`));
    hub.close();
    client.publish("b", "", 1, false, (inDoubt) => done.push(`b ${inDoubt}`));
    connect({ cleanSession: false });
    hub.sendBytes(CONNACK);
    hub.sendBytes("\x40\x02\x00\x01\x40\x02\x00\x02");
    expect(done).toEqual(["a true", "b false"]);
    expect(events.slice(-1)).toEqual(["up false 1"]);
  });

  it("an acknowledgement that is overdue ends the connection, though the hub answers pings", () => {
    connectUp();
    client.publish("a", "", 1, false);
    for (let ping = 0; ping < 2; ping++) {
      vi.advanceTimersByTime(42_000);
      hub.sendBytes("\xd0\x00");
    }
    expectClosed("no acknowledgement");
  });

  it("no topic name with a wildcard or without a character is published [MQTT-3.3.2-2, MQTT-4.7.3-1]", () => {
    connectUp();
    hub.bytes = "";
    for (const topicName of ["", "a/#", "+", "\x00"]) {
      expect(client.publish(topicName, "", 0, false)).toBe(false);
      expect(client.publish(topicName, "", 1, false)).toBe(false);
    }
    expect(hub.bytes).toBe("");
  });
});

describe("QoS 2 to the device", () => {
  const PUBLISH = "\x34\x06\x00\x01t\x00\x07x";
  const AGAIN = `\x3c${PUBLISH.slice(1)}`;

  it("is delivered once until PUBREL, which is answered by PUBCOMP [MQTT-4.3.3-2]", () => {
    connectUp({ cleanSession: false });
    expect(answerTo(PUBLISH + AGAIN)).toBe("\x50\x02\x00\x07".repeat(2));
    expect(events).toHaveLength(1);
    expect(answerTo("\x62\x02\x00\x07")).toBe("\x70\x02\x00\x07");
    expect(answerTo("\x62\x02\x00\x07")).toBe("\x70\x02\x00\x07");
    hub.sendBytes(PUBLISH);
    expect(events).toHaveLength(2);
  });

  it("is delivered once over a reconnection that keeps the session", () => {
    connectUp({ cleanSession: false });
    hub.sendBytes(PUBLISH);
    hub.close();
    connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(answerTo(AGAIN)).toBe("\x50\x02\x00\x07");
    expect(events).toEqual([]);
  });

  it("is new under a session that is new", () => {
    connectUp();
    hub.sendBytes(PUBLISH);
    hub.close();
    connectUp();
    hub.sendBytes(PUBLISH);
    expect(events).toEqual(["message t x 2 false"]);
  });

  it("more messages without PUBREL than the limit end the connection", () => {
    connectUp();
    for (let identifier = 1; identifier <= 33; identifier++) {
      hub.sendBytes(`\x34\x05\x00\x01t\x00${String.fromCharCode(identifier)}`);
    }
    expect(events.slice(32)).toEqual(["down too many messages without PUBREL 0"]);
  });
});

describe("subscriptions", () => {
  it("SUBSCRIBE and UNSUBSCRIBE have their flags and an identifier [MQTT-3.8.1-1, MQTT-3.10.1-1, MQTT-2.3.1-1]", () => {
    connectUp();
    hub.bytes = "";
    client.subscribe("a/#", 2);
    client.unsubscribe("a/#");
    expect(hub.bytes).toBe("\x82\x08\x00\x01\x00\x03a/#\x02\xa2\x07\x00\x02\x00\x03a/#");
  });

  it("are made again where the hub has no session, and only what was not answered where it has", () => {
    connectUp({ cleanSession: false });
    client.subscribe("a", 0);
    client.subscribe("b", 0);
    hub.sendBytes("\x90\x03\x00\x01\x00");
    hub.close();
    connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(hub.bytes.slice(17)).toBe("\x82\x06\x00\x02\x00\x01b\x00");
    hub.close();
    connectUp({ cleanSession: false });
    expect(hub.bytes.slice(17)).toBe("\x82\x06\x00\x03\x00\x01a\x00\x82\x06\x00\x04\x00\x01b\x00");
  });

  it("a return code that is none closes [MQTT-3.9.3-2]", () => {
    connectUp();
    client.subscribe("a", 0);
    hub.sendBytes("\x90\x03\x00\x01\x03");
    expectClosed("malformed packet 90");
  });

  it.each(["", "a#", "a/#/b", "+a", "\x00"])(
    "%j is no filter and goes nowhere [MQTT-4.7.1-2, MQTT-4.7.1-3]",
    (filter) => {
      connectUp();
      hub.bytes = "";
      expect(client.subscribe(filter, 0)).toBe(false);
      expect(hub.bytes).toBe("");
    },
  );
});

describe("a hub that does not read", () => {
  it("costs no more than three times the bound, and is left", () => {
    connectUp();
    let largest = 0;
    while (events.length === 0) {
      hub.sendBytes("\x32\x05\x00\x01t\x00\x01");
      events = events.filter((event) => !event.startsWith("message"));
      client.publish("t", "x".repeat(100), 0, false);
      client.publish("t", "x".repeat(100), 1, false);
      largest = Math.max(largest, hub.bytes.length);
    }
    expectClosed("hub does not read");
    expect(largest).toBeLessThanOrEqual(3 * 4096 + 17);
  });
});
