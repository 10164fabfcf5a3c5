/** What a test may ask of the mock hub beyond being a hub. Nothing here waits: time is passed in. */
import { generate, type Packet, parser } from "mqtt-packet";
import { expect, it } from "vitest";
import { MockHub } from "../../host/mock-hub/mock-hub.ts";
import { publishPacket } from "../fixtures/hub-suite.ts";
import { connectPacket } from "../fixtures/packet-client.ts";

class DirectClient {
  readonly got: Packet[] = [];
  isClosed = false;
  readonly #entrance: ReturnType<MockHub["open"]>;

  constructor(hub: MockHub, nowMs = 0) {
    const judge = parser({ protocolVersion: 4 });
    judge.on("packet", (packet) => this.got.push(packet));
    this.#entrance = hub.open(
      {
        send: (bytes) => void judge.parse(Buffer.from(bytes)),
        close: () => {
          this.isClosed = true;
        },
      },
      nowMs,
    );
  }

  send(nowMs: number, ...packets: Packet[]): this {
    for (const packet of packets) this.#entrance.receive(generate(packet), nowMs);
    return this;
  }

  get kinds(): string[] {
    return this.got.map(({ cmd }) => cmd);
  }
}

function connected(hub: MockHub, clientId = "dev"): DirectClient {
  const client = new DirectClient(hub).send(0, connectPacket(clientId, { clean: false, keepalive: 10 }));
  client.got.length = 0;
  return client;
}

const subscribe: Packet = { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a", qos: 1 }] };
const message = { topic: "a", payload: Buffer.from("x"), qos: 1, retain: false } as const;

it("refuses connections and subscriptions by rule", () => {
  const hub = new MockHub();
  hub.rules = {
    refuseConnect: ({ clientId }) => (clientId === "stranger" ? 5 : 0),
    refuseSubscription: (_clientId, topicFilter) => topicFilter === "a",
  };
  const stranger = new DirectClient(hub).send(0, connectPacket("stranger"));
  expect(stranger.got).toMatchObject([{ cmd: "connack", returnCode: 5 }]);
  expect(stranger.isClosed).toBe(true);
  const client = connected(hub).send(0, subscribe);
  expect(client.got).toMatchObject([{ cmd: "suback", granted: [128] }]);
  hub.publish(message, 0);
  expect(client.got).toHaveLength(1);
});

it("drops, doubles and delays the n-th packet of a type", () => {
  const hub = new MockHub();
  hub.faults.add({ direction: "out", cmd: "puback", nth: 1, action: "drop" });
  hub.faults.add({ direction: "out", cmd: "puback", nth: 2, action: "double" });
  hub.faults.add({ direction: "out", cmd: "puback", nth: 3, action: "delay", delayMs: 500 });
  hub.faults.add({ direction: "in", cmd: "publish", nth: 5, action: "drop" });
  const client = connected(hub);
  for (const messageId of [1, 2, 3, 4, 5]) client.send(0, publishPacket("b", "x", 1, { messageId }));
  expect(client.got.map(({ messageId }) => messageId)).toEqual([2, 2, 4]);
  expect(hub.nextDueMs()).toBe(500);
  hub.tick(500);
  expect(client.got.map(({ messageId }) => messageId)).toEqual([2, 2, 4, 3]);
  expect(hub.messages).toHaveLength(4);
  expect(hub.log.frames.filter(({ fate }) => fate !== "passed").map(({ fate }) => fate)).toEqual([
    "dropped",
    "doubled",
    "delayed",
    "dropped",
  ]);
});

it("cuts a connection at a packet, which is lost", () => {
  const hub = new MockHub();
  hub.faults.add({ direction: "in", cmd: "publish", nth: 2, action: "cut" });
  const client = connected(hub);
  client.send(0, publishPacket("b", "x", 1, { messageId: 1 }), publishPacket("b", "x", 1, { messageId: 2 }));
  expect([client.isClosed, client.kinds]).toEqual([true, ["puback"]]);
  expect(hub.messages).toHaveLength(1);
  expect(hub.log.frames.at(-1)).toMatchObject({ packet: { type: "publish" }, fate: "cut" });
});

it("refuses what one packet asks for: a connection, a subscription or a message, and not the next one", () => {
  const hub = new MockHub();
  hub.faults.add({ direction: "in", cmd: "connect", nth: 1, action: "refuse", returnCode: 4 });
  hub.faults.add({ direction: "in", cmd: "subscribe", nth: 1, action: "refuse" });
  hub.faults.add({ direction: "in", cmd: "publish", nth: 1, action: "refuse" });
  const stranger = new DirectClient(hub).send(0, connectPacket("stranger"));
  expect(stranger.got).toMatchObject([{ cmd: "connack", returnCode: 4 }]);
  const client = connected(hub).send(0, subscribe, subscribe);
  expect(client.got).toMatchObject([{ granted: [128] }, { granted: [1] }]);
  client.send(0, publishPacket("b", "refused", 1, { messageId: 1 }));
  client.send(0, publishPacket("b", "taken", 1, { messageId: 2 }));
  expect(client.kinds.filter((kind) => kind === "puback")).toHaveLength(2);
  expect(hub.messages.map(({ payload }) => payload.toString())).toEqual(["taken"]);
  expect(hub.log.frames.filter(({ fate }) => fate === "refused")).toHaveLength(3);
});

it("is silent with its connections open, and then works off what came", () => {
  const hub = new MockHub();
  const client = connected(hub);
  hub.goSilent();
  client.send(1_000, { cmd: "pingreq" });
  expect([client.kinds, hub.nextDueMs()]).toEqual([[], Number.POSITIVE_INFINITY]);
  hub.speak(9_000);
  expect(client.kinds).toEqual(["pingresp"]);
  expect(client.isClosed).toBe(false);
});

it.each([true, false])("restarts, its sessions and retained messages kept: %s", (keepsState) => {
  const hub = new MockHub();
  const client = connected(hub).send(0, subscribe, publishPacket("kept", "x", 1, { retain: true }));
  hub.restart(keepsState, 1_000);
  expect(client.isClosed).toBe(true);
  hub.publish(message, 1_000);
  const again = new DirectClient(hub, 2_000).send(2_000, connectPacket("dev", { clean: false }));
  expect(again.got[0]).toMatchObject({ cmd: "connack", sessionPresent: keepsState });
  expect(again.kinds).toEqual(keepsState ? ["connack", "publish"] : ["connack"]);
  expect(hub.retained("kept") !== undefined).toBe(keepsState);
});

it("ends a connection at 1.5 keep alive periods, to the millisecond, and one without CONNECT [MQTT-3.1.2-24]", () => {
  const hub = new MockHub();
  const client = connected(hub).send(2_000, { cmd: "pingreq" });
  expect(hub.nextDueMs()).toBe(17_000);
  hub.tick(16_999);
  expect(client.isClosed).toBe(false);
  hub.tick(17_000);
  expect(client.isClosed).toBe(true);
  const mute = new DirectClient(hub, 20_000);
  hub.tick(hub.nextDueMs());
  expect(mute.isClosed).toBe(true);
});

it("writes down every packet with its time", () => {
  const hub = new MockHub();
  connected(hub).send(1_500, publishPacket("a", "one", 1));
  expect(hub.log.format(10)).toBe(
    [
      "0.000 s  #1 > connect dev kept",
      "0.000 s  #1 < connack code 0 new",
      "1.500 s  #1 > publish 10 qos1 a 3 B",
      "1.500 s  #1 < puback 10",
    ].join("\n"),
  );
});

it("ends the connection of a client whose packet breaks MQTT after a fault has held it back", () => {
  const hub = new MockHub();
  const client = connected(hub).send(0, {
    cmd: "subscribe",
    messageId: 1,
    subscriptions: [{ topic: "a", qos: 2 }],
  });
  hub.faults.add({ direction: "in", cmd: "puback", nth: 1, action: "delay", delayMs: 500 });
  hub.publish({ ...message, qos: 2 }, 0);
  // A message of QoS 2 is answered by PUBREC [MQTT-4.3.3-1].
  client.send(10, { cmd: "puback", messageId: 1 });
  expect(client.isClosed).toBe(false);
  hub.tick(600);
  expect(client.isClosed).toBe(true);
});
