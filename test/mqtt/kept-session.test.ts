/** The conclusions that a client may draw from a session that the hub says it has kept. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { UNRELEASED_MAX } from "../../firmware/mqtt/limits.ts";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

const KEPT = "\x20\x02\x01\0";

type WholeClient = typeof import("../fixtures/whole-client.ts");

let client: WholeClient;
let hub: ScriptedHub;
let delivered: string[];

function connect(): void {
  const handlers = {
    onUp: () => undefined,
    onDown: () => undefined,
    onMessage: (_topicName: string, payload: string) => void delivered.push(payload),
    onProblem: () => undefined,
    onSetAside: () => undefined,
  };
  client.connect(hub.transport, { clientId: "dev", keepAliveSeconds: 0, cleanSession: false }, handlers);
}

function reconnect(connack: string): void {
  client.end("network-lost");
  connect();
  hub.sendBytes(connack);
}

/** A PUBLISH of QoS 2 on the topic "t". */
function publish(identifier: number, payload: string, isDup: boolean): void {
  hub.send({
    cmd: "publish",
    topic: "t",
    payload: Buffer.from(payload),
    qos: 2,
    retain: false,
    dup: isDup,
    messageId: identifier,
  });
}

beforeEach(async () => {
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  client.useQos2();
  hub = new ScriptedHub();
  delivered = [];
});

describe("session present", () => {
  const doubts: boolean[] = [];

  beforeEach(() => {
    doubts.length = 0;
    client.subscribe("t", 2);
    connect();
    hub.sendBytes(KEPT);
    hub.sendBytes("\x90\x03\x00\x01\x02");
    client.publish("a", "", 2, false, (inDoubt) => doubts.push(inDoubt));
  });

  const isDoubtful = (): boolean | undefined => {
    hub.sendBytes("\x50\x02\x00\x02");
    hub.sendBytes("\x70\x02\x00\x02");
    return doubts[0];
  };

  it("is accepted: subscriptions are not requested again, and no message is in doubt", () => {
    reconnect(KEPT);
    expect(hub.of("subscribe")).toEqual([]);
    expect(isDoubtful()).toBe(false);
  });

  it("is not believed after a CONNECT without CONNACK, which may have begun the session", () => {
    client.end("network-lost");
    connect();
    reconnect(KEPT);
    expect(hub.of("subscribe")).toHaveLength(1);
    expect(isDoubtful()).toBe(true);
  });

  it.each<[string, () => void]>([
    [
      "that found nobody",
      () => {
        hub.refusal = new Error("Unable to create socket");
        connect();
        client.end("network-lost");
        hub.refusal = undefined;
      },
    ],
    ["that the hub refused", () => reconnect("\x20\x02\x00\x03")],
  ])("is believed after a CONNECT %s", (_what, attempt) => {
    client.end("network-lost");
    attempt();
    reconnect(KEPT);
    expect(hub.of("subscribe")).toEqual([]);
    expect(isDoubtful()).toBe(false);
  });
});

describe("an identifier that was not released on the connection before", () => {
  beforeEach(() => {
    connect();
    hub.sendBytes(KEPT);
    publish(7, "old", false);
  });

  it("marks a repetition, which has DUP [MQTT-3.3.1-1]", () => {
    reconnect(KEPT);
    publish(7, "old", true);
    expect(delivered).toEqual(["old"]);
    expect(hub.of("pubrec").map(({ messageId }) => messageId)).toEqual([7]);
  });

  it("belongs to another message if that has no DUP", () => {
    reconnect(KEPT);
    publish(7, "new", false);
    publish(7, "new", false);
    expect(delivered).toEqual(["old", "new"]);
  });

  it("does not reduce the number of messages that may be in flight", () => {
    reconnect(KEPT);
    for (let identifier = 1; identifier <= UNRELEASED_MAX; identifier++)
      publish(100 + identifier, "x", false);
    expect(hub.of("pubrec")).toHaveLength(UNRELEASED_MAX);
    publish(99, "too many", false);
    expect(hub.of("pubrec")).toHaveLength(UNRELEASED_MAX);
    expect(delivered).not.toContain("too many");
  });
});
