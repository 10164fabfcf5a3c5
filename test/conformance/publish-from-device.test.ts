/** Messages from the device [3.3, 4.3, 4.4, 4.6]. */
import { expect, it } from "vitest";
import {
  afterPingPeriod,
  answerTo,
  CONNACK,
  CONNACK_SESSION_PRESENT,
  client,
  connect,
  connectUp,
  describeOnEngines,
  takeEvents,
} from "../fixtures/conformance-suite.ts";

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

  it("a clean session does not outlive its connection: every subscription is requested again [MQTT-3.1.2-6]", async () => {
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

  it("after the hub lost the session, each message that it may have received twice is reported", async () => {
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
    expect(await afterPingPeriod(takeEvents)).toEqual(["down no-acknowledgement 0"]);
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
