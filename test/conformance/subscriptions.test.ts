/** SUBSCRIBE and UNSUBSCRIBE [3.8 to 3.11]. */
import { expect, it } from "vitest";
import {
  CONNACK_SESSION_PRESENT,
  client,
  connectUp,
  describeOnEngines,
  expectClosed,
} from "../fixtures/conformance-suite.ts";

describeOnEngines("subscriptions", () => {
  it("SUBSCRIBE and UNSUBSCRIBE have their flags and an identifier [MQTT-3.8.1-1, MQTT-3.8.3-3, MQTT-3.10.1-1, MQTT-3.10.3-2, MQTT-2.3.1-1]", async () => {
    await connectUp();
    await client.subscribe("a/#", 2);
    await client.unsubscribe("a/#");
    expect(await client.takeWritten()).toBe("\x82\x08\x00\x01\x00\x03a/#\x02\xa2\x07\x00\x02\x00\x03a/#");
  });

  it("are requested again if the hub has no session; if it has one, only unanswered ones are", async () => {
    await connectUp({ cleanSession: false });
    await client.subscribe("a", 0);
    await client.subscribe("b", 0);
    await client.hubSends("\x90\x03\x00\x01\x00");
    await client.hubCloses();
    expect(await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT)).toBe(
      "\x82\x06\x00\x02\x00\x01b\x00",
    );
    await client.drop();
    expect(await connectUp({ cleanSession: false })).toBe(
      "\x82\x06\x00\x03\x00\x01a\x00\x82\x06\x00\x04\x00\x01b\x00",
    );
  });

  it("an invalid topic filter is not unsubscribed from [MQTT-3.10.3-1]", async () => {
    await connectUp();
    await client.unsubscribe("a\xc3");
    expect(await client.takeWritten()).toBe("");
  });

  it("an invalid return code closes the connection [MQTT-3.9.3-2]", async () => {
    await connectUp();
    await client.subscribe("a", 0);
    await client.hubSends("\x90\x03\x00\x01\x03");
    await expectClosed("malformed: packet 90");
  });

  it.each(["", "a#", "a/#/b", "+a", "\x00", "a\xc3"])(
    "%j is not a valid topic filter and is not sent [MQTT-4.7.1-2, MQTT-4.7.1-3, MQTT-3.8.3-1]",
    async (filter) => {
      await connectUp();
      expect(await client.subscribe(filter, 0)).toBe(false);
      expect(await client.takeWritten()).toBe("");
    },
  );
});
