/**
 * A message or subscription at which the hub ends the connection, each time that it comes: the client finds out which one it is,
 * sets it aside, and loses no other. The hub is a script that answers packet by packet, as a broker does.
 */
import fc from "fast-check";
import type { Packet } from "mqtt-packet";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ScriptedHub } from "../fixtures/scripted-hub.ts";

type WholeClient = typeof import("../fixtures/whole-client.ts");

/** More connections than any outbox here needs. */
const CONNECTIONS_MAX = 200;

interface HubScript {
  /** The hub closes the connection at this packet. */
  readonly refuses: (packet: Packet) => boolean;
  /** The acknowledgements of a chunk are lost with the connection that ends in it, as by a TCP reset. */
  readonly losesAnswers?: boolean;
  /** The number of the first connections which the hub closes after CONNACK. */
  readonly crashedConnections?: number;
  readonly keepsSession?: boolean;
}

let client: WholeClient;
let hub: ScriptedHub;
let events: string[];
/** The payloads that the hub has received, and the topic filters, in order. */
let received: string[];
let isDown: boolean;

const identified = (packet: Packet) => (packet as { messageId?: number }).messageId ?? 0;

function answerTo(packet: Packet): Packet | undefined {
  const messageId = identified(packet);
  if (packet.cmd === "pingreq") return { cmd: "pingresp" };
  if (packet.cmd === "subscribe") return { cmd: "suback", messageId, granted: [1] };
  if (packet.cmd === "pubrel") return { cmd: "pubcomp", messageId };
  if (packet.cmd !== "publish" || packet.qos === 0) return undefined;
  return { cmd: packet.qos === 1 ? "puback" : "pubrec", messageId };
}

/** One connection, until the hub has answered everything or has closed it. */
function play(script: HubScript, number: number): void {
  isDown = false;
  const fields = { clientId: "dev", keepAliveSeconds: 60, cleanSession: !script.keepsSession };
  client.connect(hub.transport, fields, {
    onUp: () => {
      events.push("up");
      client.publish("status", "online", 0, false);
    },
    onDown: () => {
      isDown = true;
    },
    onMessage: () => undefined,
    onProblem: (problem, topic) => events.push(`${problem} ${topic}`),
    onSetAside: (topic) => events.push(`set-aside ${topic}`),
  });
  hub.send({ cmd: "connack", returnCode: 0, sessionPresent: script.keepsSession === true && number > 1 });
  const crashes = number <= (script.crashedConnections ?? 0);
  let answers: Packet[] = [];
  // CONNECT is the first packet of the list.
  for (let index = 1; index < hub.received.length && !isDown; index++) {
    const packet = hub.received[index] as Packet;
    if (crashes || script.refuses(packet)) {
      if (!script.losesAnswers) hub.send(...answers);
      hub.close();
      return;
    }
    if (packet.cmd === "publish") received.push(`${packet.topic} ${packet.payload}`);
    if (packet.cmd === "subscribe") received.push(packet.subscriptions[0]?.topic ?? "");
    const answer = answerTo(packet);
    if (answer) answers.push(answer);
    if (index === hub.received.length - 1) {
      hub.send(...answers);
      answers = [];
    }
  }
}

/** Connects again and again. Returns the number of connections until one stays. */
function playAll(script: HubScript): number {
  for (let number = 1; number <= CONNECTIONS_MAX; number++) {
    play(script, number);
    if (!isDown) return number;
  }
  throw new Error(`No connection of ${CONNECTIONS_MAX} stays: ${events.join(", ")}`);
}

const isTopic = (topic: string) => (packet: Packet) => packet.cmd === "publish" && packet.topic === topic;
const isFilter = (filter: string) => (packet: Packet) =>
  packet.cmd === "subscribe" && packet.subscriptions[0]?.topic === filter;

/** In the order of the first arrival. */
const distinct = () => [...new Set(received)].filter((each) => !each.startsWith("status"));

async function freshClient(): Promise<void> {
  vi.resetModules();
  client = await import("../fixtures/whole-client.ts");
  client.setLimits(4096, 4096);
  client.useQos2();
  hub = new ScriptedHub();
  events = [];
  received = [];
}

beforeEach(freshClient);

describe("A packet at which the hub ends each connection", () => {
  it.each([
    ["first", ["bad", "a", "b"]],
    ["in the middle", ["a", "bad", "b"]],
    ["last", ["a", "b", "bad"]],
    ["with others like it", ["a", "bad", "bad", "b", "bad"]],
  ])("%s in the outbox is set aside, and all others arrive in order", (_title, topics) => {
    for (const qos of [1, 2] as const) {
      for (const losesAnswers of [false, true]) {
        received = [];
        events = [];
        const acknowledged: string[] = [];
        topics.forEach((topic, index) => {
          const add = () => acknowledged.push(`${topic} ${index}`);
          expect(client.publish(topic, `${index}`, qos, false, add)).toBe(true);
        });
        playAll({ refuses: isTopic("bad"), losesAnswers, keepsSession: true });
        const good = topics.flatMap((topic, index) => (topic === "bad" ? [] : [`${topic} ${index}`]));
        expect(distinct()).toEqual(good);
        expect(acknowledged).toEqual(good);
        expect(events).toContain("set-aside bad");
        expect(events.filter((event) => event === "set-aside bad")).toHaveLength(topics.length - good.length);
        client.end("closed");
      }
    }
  });

  it("ends five connections before it is set aside", () => {
    client.publish("bad", "x", 1, false);
    expect(playAll({ refuses: isTopic("bad") })).toBe(6);
    expect(events.at(-1)).toBe("up");
  });

  it.each([false, true])(
    "may be a subscription, which later connections leave out (session kept: %s)",
    (keepsSession) => {
      client.subscribe("a/#", 1);
      client.subscribe("bad/#", 1);
      client.subscribe("b/#", 1);
      playAll({ refuses: isFilter("bad/#"), keepsSession });
      expect(events).toContain("set-aside bad/#");
      client.end("closed");
      received = [];
      play({ refuses: isFilter("bad/#") }, 1);
      expect(distinct()).toEqual(["a/#", "b/#"]);
      expect(isDown).toBe(false);
    },
  );

  it("is not blamed on the outbox if it is a message of QoS 0 that the app publishes at each connection", () => {
    client.publish("a", "1", 1, false);
    client.publish("b", "2", 2, false);
    for (let number = 1; number <= 20; number++) play({ refuses: isTopic("status") }, number);
    expect(distinct()).toEqual(["a 1", "b 2"]);
    expect(events.filter((event) => event.startsWith("set-aside"))).toEqual([]);
  });
});

const MESSAGES = fc.array(fc.record({ isBad: fc.boolean(), qos: fc.constantFrom(1 as const, 2 as const) }), {
  maxLength: 12,
});

describe("Any outbox", () => {
  it("reaches any hub in order, without the messages that the hub does not accept", async () => {
    const property = fc.asyncProperty(
      MESSAGES,
      fc.record({ losesAnswers: fc.boolean(), keepsSession: fc.boolean(), crashedConnections: fc.nat(6) }),
      fc.nat(12),
      async (messages, script, sentBefore) => {
        await freshClient();
        const add = (from: number, to: number) =>
          messages.slice(from, to).forEach(({ isBad, qos }, index) => {
            expect(client.publish(isBad ? "bad" : "good", `${from + index}`, qos, false)).toBe(true);
          });
        add(0, sentBefore);
        play({ ...script, refuses: isTopic("bad") }, 1);
        if (!isDown) client.end("closed");
        // These come while there is no connection.
        add(sentBefore, messages.length);
        playAll({ ...script, refuses: isTopic("bad") });
        const good = messages.flatMap(({ isBad }, index) => (isBad ? [] : [`good ${index}`]));
        expect(distinct()).toEqual(good);
        const setAside = events.filter((event) => event === "set-aside bad");
        expect(setAside).toHaveLength(messages.length - good.length);
        client.end("closed");
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});

describe("A hub that ends connections for another reason", () => {
  it("loses no message, though 40 connections end after CONNACK", () => {
    for (const topic of ["a", "b", "c"]) client.publish(topic, "1", 1, false);
    expect(playAll({ refuses: () => false, crashedConnections: 40 })).toBe(41);
    expect(distinct()).toEqual(["a 1", "b 1", "c 1"]);
    expect(events.filter((event) => event.startsWith("set-aside"))).toEqual([]);
  });

  it("loses no message if it does not answer pings, or if the network is lost", () => {
    client.publish("a", "1", 1, false);
    for (let number = 1; number <= 20; number++) {
      play({ refuses: (packet) => packet.cmd === "publish" || packet.cmd === "pingreq" }, number);
      if (!isDown) client.end("network-lost");
    }
    play({ refuses: () => false }, 21);
    expect(distinct()).toEqual(["a 1"]);
    expect(events.filter((event) => event.startsWith("set-aside"))).toEqual([]);
  });
});
