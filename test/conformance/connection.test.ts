/** The connection [3.1, 3.2, 3.12, 3.14, 4.8]: CONNECT and CONNACK, keep alive, its end. */
import { expect, it } from "vitest";
import {
  afterPingPeriod,
  CONNACK,
  CONNACK_SESSION_PRESENT,
  client,
  connect,
  connectUp,
  describeOnEngines,
  expectClosed,
  takeEvents,
} from "../fixtures/conformance-suite.ts";

describeOnEngines("CONNECT and CONNACK", () => {
  it("the first packet is CONNECT, with protocol name and level [MQTT-3.1.0-1, MQTT-3.1.2-1, MQTT-3.1.3-3, MQTT-2.2.2-1]", async () => {
    await connect();
    expect(await client.takeWritten()).toBe("\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03dev");
  });

  it("CONNECT: the flags match the fields of the payload [MQTT-3.1.2-9, MQTT-3.1.2-14, MQTT-3.1.2-19, MQTT-3.1.2-21, MQTT-3.1.3-1]", async () => {
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

  it("CONNECT: the flags of absent fields and the reserved bit are 0 [MQTT-3.1.2-3, MQTT-3.1.2-11, MQTT-3.1.2-13, MQTT-3.1.2-15, MQTT-3.1.2-18, MQTT-3.1.2-20]", async () => {
    await connect({ cleanSession: false });
    expect(await client.takeWritten()).toBe("\x10\x0f\x00\x04MQTT\x04\x00\x00\x3c\x00\x03dev");
  });

  it("CONNECT is sent once, even if connect is called again [MQTT-3.1.0-2]", async () => {
    await connectUp();
    await connect();
    expect(await client.takeWritten()).toBe("");
  });

  it("a password is not sent without a user name [MQTT-3.1.2-22]", async () => {
    await connect({ password: "p" });
    expect((await client.takeWritten()).charCodeAt(9)).toBe(2);
  });

  it.each([1, 2, 3, 4, 5])("return code %i is a refusal [MQTT-3.2.2-5]", async (returnCode) => {
    await connect();
    await client.hubSends(`\x20\x02\x00${String.fromCharCode(returnCode)}`);
    expect(await takeEvents()).toEqual([`down connack ${returnCode} ${returnCode}`]);
  });

  it("session present is accepted if the session was kept", async () => {
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
    await expectClosed("malformed: packet 20");
  });

  it("a CONNACK with flags in its fixed header closes the connection [MQTT-2.2.2-2]", async () => {
    await connect();
    await client.hubSends("\x22\x02\x00\x00");
    await expectClosed("malformed: packet 22");
  });

  it("a packet before CONNACK, or a second CONNACK, closes the connection [MQTT-3.2.0-1]", async () => {
    await connect();
    await client.hubSends("\x30\x03\x00\x01t");
    await expectClosed("malformed: packet 30");
    await connectUp();
    await client.hubSends(CONNACK);
    await expectClosed("malformed: packet 20");
  });
});

describeOnEngines("keep alive and the end of a connection", () => {
  it("DISCONNECT is the last packet, and the client closes [MQTT-3.14.4-1, MQTT-3.14.4-2]", async () => {
    await connectUp();
    await client.disconnect();
    await client.publish("a", "", 1);
    await client.subscribe("a", 0);
    expect(await client.takeWritten()).toBe("\xe0\x00");
    await expectClosed("asked to");
    expect(await client.isSocketOpen()).toBe(false);
  });

  it("PINGREQ is sent if no other packet was sent [MQTT-3.1.2-23]", async () => {
    await connectUp({ keepAliveSeconds: 1 });
    expect(await afterPingPeriod(() => client.takeWritten())).toBe("\xc0\x00");
  });

  it("a violation by the hub closes the connection [MQTT-4.8.0-1]", async () => {
    await connectUp();
    await client.hubSends("\xf0\x00");
    expect(await client.isSocketOpen()).toBe(false);
  });
});

describeOnEngines("a hub that does not read", () => {
  it("takes at most three times the bound in memory, and the client closes the connection", async () => {
    // Longer than a busy machine needs to fill the bound.
    await connectUp({ keepAliveSeconds: 600 });
    let writtenBytes = 0;
    let events: string[] = [];
    while (events.length === 0) {
      await client.hubSends("\x32\x05\x00\x01t\x00\x01");
      await client.publish("t", "x".repeat(100), 0);
      await client.publish("t", "x".repeat(100), 1);
      writtenBytes += (await client.takeWritten()).length;
      events = (await takeEvents()).filter((event) => !event.startsWith("message"));
    }
    expect(events).toEqual(["down unread 0"]);
    expect(writtenBytes).toBeLessThanOrEqual(3 * 4096);
  });
});
