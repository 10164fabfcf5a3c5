/** The features of the mock hub for tests. Nothing here waits, because time is passed in. */
import { generate, type Packet, parser } from "mqtt-packet";
import { expect, it } from "vitest";
import { MockHub } from "../../host/mock-hub/mock-hub.ts";
import { publishPacket } from "../fixtures/hub-suite.ts";
import { connectPacket } from "../fixtures/packet-client.ts";

class DirectClient {
  readonly got: Packet[] = [];
  isClosed = false;
  readonly #brokerConnection: ReturnType<MockHub["open"]>;

  constructor(hub: MockHub, nowMs = 0) {
    const judge = parser({ protocolVersion: 4 });
    judge.on("packet", (packet) => this.got.push(packet));
    this.#brokerConnection = hub.open(
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
    for (const packet of packets) this.#brokerConnection.receive(generate(packet), nowMs);
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

it("mock hub: rules refuse connections and subscriptions", () => {
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

it("mock hub: faults drop, double and delay the n-th packet of a type", () => {
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

it('mock hub: the fault "cut" ends the connection, and its packet is lost', () => {
  const hub = new MockHub();
  hub.faults.add({ direction: "in", cmd: "publish", nth: 2, action: "cut" });
  const client = connected(hub);
  client.send(0, publishPacket("b", "x", 1, { messageId: 1 }), publishPacket("b", "x", 1, { messageId: 2 }));
  expect([client.isClosed, client.kinds]).toEqual([true, ["puback"]]);
  expect(hub.messages).toHaveLength(1);
  expect(hub.log.frames.at(-1)).toMatchObject({ packet: { type: "publish" }, fate: "cut" });
});

it('mock hub: the fault "refuse" refuses one connection, subscription or message, and not the next', () => {
  const hub = new MockHub();
  hub.faults.add({ direction: "in", cmd: "connect", nth: 1, action: "refuse", returnCode: 4 });
  hub.faults.add({ direction: "in", cmd: "subscribe", nth: 1, action: "refuse" });
  hub.faults.add({ direction: "in", cmd: "publish", nth: 1, action: "refuse" });
  const stranger = new DirectClient(hub).send(0, connectPacket("stranger"));
  expect(stranger.got).toMatchObject([{ cmd: "connack", returnCode: 4 }]);
  const client = connected(hub).send(0, subscribe, subscribe);
  expect(client.got).toMatchObject([{ granted: [128] }, { granted: [1] }]);
  client.send(0, publishPacket("b", "refused", 1, { messageId: 1 }));
  client.send(0, publishPacket("b", "accepted", 1, { messageId: 2 }));
  expect(client.kinds.filter((kind) => kind === "puback")).toHaveLength(2);
  expect(hub.messages.map(({ payload }) => payload.toString())).toEqual(["accepted"]);
  expect(hub.log.frames.filter(({ fate }) => fate === "refused")).toHaveLength(3);
});

it("mock hub: a silent hub keeps connections open, and later handles the packets that came meanwhile", () => {
  const hub = new MockHub();
  const client = connected(hub);
  hub.goSilent();
  client.send(1_000, { cmd: "pingreq" });
  expect([client.kinds, hub.nextDueMs()]).toEqual([[], Number.POSITIVE_INFINITY]);
  hub.speak(9_000);
  expect(client.kinds).toEqual(["pingresp"]);
  expect(client.isClosed).toBe(false);
});

it.each([true, false])(
  "mock hub: a restart keeps sessions and retained messages if asked to: %s",
  (keepsState) => {
    const hub = new MockHub();
    const client = connected(hub).send(0, subscribe, publishPacket("kept", "x", 1, { retain: true }));
    hub.restart(keepsState, 1_000);
    expect(client.isClosed).toBe(true);
    hub.publish(message, 1_000);
    const again = new DirectClient(hub, 2_000).send(2_000, connectPacket("dev", { clean: false }));
    expect(again.got[0]).toMatchObject({ cmd: "connack", sessionPresent: keepsState });
    expect(again.kinds).toEqual(keepsState ? ["connack", "publish"] : ["connack"]);
    expect(hub.retained("kept") !== undefined).toBe(keepsState);
  },
);

it("mock hub: a connection ends after exactly 1.5 keep alive periods, and also without CONNECT [MQTT-3.1.2-24]", () => {
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

it("mock hub: the log has every packet with its time", () => {
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

it("mock hub: a delayed packet that breaks MQTT ends its connection", () => {
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
