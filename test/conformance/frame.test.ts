/** The rules for every packet from the hub [2]. */
import { beforeEach, expect, it } from "vitest";
import {
  client,
  connectUp,
  describeOnEngines,
  expectClosed,
  takeEvents,
} from "../fixtures/conformance-suite.ts";

describeOnEngines("the frame", () => {
  beforeEach(async () => void (await connectUp()));

  const flagged = [0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0].flatMap((byte) =>
    [1, 2, 4, 8].map((bit) => byte ^ bit),
  );
  it.each(flagged)(
    "first byte %i with a reserved flag closes the connection [MQTT-2.2.2-2]",
    async (firstByte) => {
      await client.hubSends(`${String.fromCharCode(firstByte)}\x02\x00\x01`);
      await expectClosed(`malformed: packet ${firstByte.toString(16)}`);
    },
  );

  it.each([0x00, 0x10, 0x82, 0xa2, 0xc0, 0xe0, 0xf0])(
    "first byte %i, which a hub may not send, closes the connection",
    async (firstByte) => {
      await client.hubSends(`${String.fromCharCode(firstByte)}\x02\x00\x01`);
      await expectClosed(`malformed: packet ${firstByte.toString(16)}`);
    },
  );

  it.each([0x40, 0x50, 0x62, 0x70, 0x90, 0xb0])(
    "packet identifier 0 in %i closes the connection [MQTT-2.3.1-1]",
    async (firstByte) => {
      await client.hubSends(
        String.fromCharCode(firstByte, ...(firstByte === 0x90 ? [3, 0, 0, 0] : [2, 0, 0])),
      );
      await expectClosed(`malformed: packet ${firstByte.toString(16)}`);
    },
  );

  it.each([0x40, 0x50, 0x62, 0x70, 0xb0, 0xd0])(
    "a wrong remaining length in %i closes the connection",
    async (firstByte) => {
      await client.hubSends(`${String.fromCharCode(firstByte)}\x01\x00`);
      await expectClosed(`malformed: packet ${firstByte.toString(16)}`);
    },
  );

  it("a remaining length of five bytes closes the connection at once", async () => {
    await client.hubSends("\x30\xff\xff\xff\xff");
    await expectClosed("malformed: length");
  });

  it("an acknowledgement that is too long closes the connection before it has arrived", async () => {
    await client.hubSends("\x40\x80\x80\x01");
    await expectClosed("malformed: length");
  });

  it("an acknowledgement of a packet identifier that is not in use is ignored", async () => {
    await client.hubSends("\x40\x02\x00\x09\xb0\x02\x00\x09\x90\x03\x00\x09\x00\x70\x02\x00\x09");
    expect(await takeEvents()).toEqual([]);
  });
});
