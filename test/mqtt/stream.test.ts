import { beforeEach, describe, expect, it, vi } from "vitest";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

type WholeClient = typeof import("../fixtures/whole-client.ts");

let client: WholeClient;
let stream: typeof import("../../firmware/mqtt/stream.ts");
let hub: ScriptedHub;
let ends: boolean[];
let downs: string[];

const piecesOf = (bytes: string) => (offset: number) => bytes.substring(offset, offset + 500);

beforeEach(async () => {
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  stream = await import("../../firmware/mqtt/stream.ts");
  hub = new ScriptedHub();
  ends = [];
  downs = [];
  client.connect(
    hub.transport,
    { clientId: "dev", keepAliveSeconds: 0, cleanSession: true },
    {
      onUp: () => undefined,
      onDown: (reason) => downs.push(reason),
      onMessage: () => undefined,
      onProblem: () => undefined,
      onSetAside: () => undefined,
    },
  );
  hub.sendBytes("\x20\x02\0\0");
});

function publish(bytes: string): boolean {
  return stream.publishStream("big", bytes.length, piecesOf(bytes), true, (isSent) => ends.push(isSent));
}

describe("a payload that is streamed", () => {
  const payload = "0123456789abcdef".repeat(1024);

  it("is sent completely, one piece each time the socket is empty, and other packets are sent after it", () => {
    expect(publish(payload)).toBe(true);
    expect(publish(payload)).toBe(false);
    hub.drain();
    client.publish("small", "x", 0, false);
    hub.sendBytes("\x32\x05\x00\x01t\x00\x07");
    for (let piece = 1; piece < payload.length / 500; piece++) {
      expect(ends).toEqual([]);
      hub.drain();
    }
    expect(ends).toEqual([true]);
    expect(hub.of("publish").map(({ topic, retain }) => [topic, retain])).toEqual([
      ["big", true],
      ["small", false],
    ]);
    expect(hub.of("publish")[0]?.payload.toString()).toBe(payload);
    expect(hub.of("puback")).toHaveLength(1);
    hub.drain();
    expect(publish("again")).toBe(true);
    hub.drain();
    expect(ends).toEqual([true, true]);
  });

  it("is reported if the end of the connection cut it short", () => {
    publish(payload);
    hub.drain();
    hub.close();
    expect(ends).toEqual([false]);
    expect(downs).toEqual(["closed"]);
  });

  it("that ends too early or too late ends the connection, since the packet cannot be taken back", () => {
    stream.publishStream(
      "big",
      10,
      () => "",
      false,
      (isSent) => ends.push(isSent),
    );
    hub.drain();
    expect([ends, downs]).toEqual([[false], ["stream-broken"]]);
  });
});
