/** Messages from the hub [3.3, 4.3, 4.6]. */
import { beforeEach, expect, it } from "vitest";
import {
  answerTo,
  CONNACK_SESSION_PRESENT,
  client,
  connectUp,
  describeOnEngines,
  expectClosed,
  takeEvents,
} from "../fixtures/conformance-suite.ts";

describeOnEngines("PUBLISH from the hub", () => {
  beforeEach(async () => void (await connectUp()));

  it("is acknowledged in the order of the messages [MQTT-4.6.0-2, MQTT-4.6.0-3]", async () => {
    expect(
      await answerTo(
        "\x32\x05\x00\x01t\x00\x07\x34\x05\x00\x01t\x00\x05\x32\x05\x00\x01t\x00\x06\x34\x05\x00\x01t\x00\x04",
      ),
    ).toBe("\x40\x02\x00\x07\x50\x02\x00\x05\x40\x02\x00\x06\x50\x02\x00\x04");
  });

  it("of QoS 1 is a new message after its PUBACK, even with DUP [MQTT-4.3.2-2]", async () => {
    const again = "\x3a\x06\x00\x01t\x00\x07x";
    expect(await answerTo(again + again)).toBe("\x40\x02\x00\x07".repeat(2));
    expect(await takeEvents()).toEqual(["message t x 1 false", "message t x 1 false"]);
  });

  it("is acknowledged even if it is too long for the client [MQTT-4.5.0-2]", async () => {
    expect(await answerTo(`\x32\xf4\x27\x00\x01t\x00\x07${"x".repeat(5103)}`)).toBe("\x40\x02\x00\x07");
    expect(await takeEvents()).toEqual(["message-too-long t"]);
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
    await expectClosed(`malformed: packet ${bytes.charCodeAt(0).toString(16)}`);
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
    await expectClosed("malformed: length");
  });

  it("keeps a byte order mark as it came [MQTT-1.5.3-3]", async () => {
    await client.hubSends("\x30\x06\x00\x04\xef\xbb\xbft");
    expect(await takeEvents()).toEqual(["message \xef\xbb\xbft  0 false"]);
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

  it("is delivered once even if the client reconnects to the kept session", async () => {
    await connectUp({ cleanSession: false });
    await client.hubSends(PUBLISH);
    await client.hubCloses();
    await connectUp({ cleanSession: false }, CONNACK_SESSION_PRESENT);
    expect(await answerTo(AGAIN)).toBe("\x50\x02\x00\x07");
    expect(await takeEvents()).toEqual([]);
  });

  it("is a new message in a new session", async () => {
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
    expect((await takeEvents()).slice(32)).toEqual(["down no-pubrel 0"]);
  });
});
