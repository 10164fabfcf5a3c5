/** A broker that ends at any moment is restored from its recorded changes. */
import fc from "fast-check";
import { generate, type Packet, parser, type QoS } from "mqtt-packet";
import { expect, test } from "vitest";
import { Broker, type BrokerConnection } from "../../host/broker/broker.ts";
import type { Change } from "../../host/broker/change.ts";
import { connectPacket } from "../fixtures/packet-client.ts";

const POLICY = {
  connect: ({ clientId }: { readonly clientId: string }) => ({ client: { id: clientId } }),
  publish: () => undefined,
  subscribe: (_client: unknown, _topicFilter: string, qos: QoS) => ({ grantedQos: qos }),
};

const NAMES = ["one", "two", "three"] as const;
const TOPICS = ["a", "a/b", "a/c"] as const;
const FILTERS = ["a", "a/#", "a/+", "#"] as const;

type Step =
  | { readonly do: "connect"; readonly who: string; readonly clean: boolean }
  | { readonly do: "drop"; readonly who: string }
  | { readonly do: "send"; readonly who: string; readonly packet: Packet }
  /** Acknowledges what came: so many of the oldest packets. */
  | { readonly do: "answer"; readonly who: string; readonly count: number };

/** All three clients are connected and have subscribed, so that each message is queued for a client. */
const FIRST_STEPS: Step[] = NAMES.flatMap((name) => [
  { do: "connect", who: name, clean: false },
  {
    do: "send",
    who: name,
    packet: { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a/#", qos: 2 }] },
  },
]);

const CHANGE_KINDS = [
  "accepted",
  "queued",
  "received",
  "released",
  "retained",
  "retained ended",
  "sent",
  "session",
  "session ended",
  "settled",
  "subscription",
  "subscription ended",
];

const who = fc.constantFrom(...NAMES);
const qos = fc.constantFrom<QoS>(0, 1, 2);
const messageId = fc.integer({ min: 1, max: 4 });
const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    cmd: fc.constant("publish" as const),
    topic: fc.constantFrom(...TOPICS),
    payload: fc.constantFrom("", "x", "payload"),
    qos,
    retain: fc.boolean(),
    dup: fc.constant(false),
    messageId,
  }),
  fc.record({ cmd: fc.constant("pubrel" as const), messageId }),
  fc.record({
    cmd: fc.constant("subscribe" as const),
    messageId,
    subscriptions: fc.array(fc.record({ topic: fc.constantFrom(...FILTERS), qos }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  fc.record({
    cmd: fc.constant("unsubscribe" as const),
    messageId,
    unsubscriptions: fc.array(fc.constantFrom(...FILTERS), { minLength: 1, maxLength: 1 }),
  }),
);
const laterSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("connect" as const), who, clean: fc.boolean() }),
    fc.record({ do: fc.constant("drop" as const), who }),
    { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), who, packet }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("answer" as const),
        who,
        count: fc.integer({ min: 1, max: 3 }),
      }),
    },
  ),
  // Without the size a script has ten steps at most.
  { maxLength: 40, size: "max" },
);
const steps = laterSteps.map((later) => [...FIRST_STEPS, ...later]);

/** A client that keeps received packets until it is told to acknowledge them. */
class Client {
  readonly unanswered: Packet[] = [];
  readonly got: Packet[] = [];
  readonly #brokerConnection: BrokerConnection;

  constructor(broker: Broker, clientId: string, clean: boolean) {
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (each) => {
      this.got.push(each);
      if (each.cmd === "publish" || each.cmd === "pubrel") this.unanswered.push(each);
    });
    this.#brokerConnection = broker.open(
      {
        link: { kind: "tcp", address: "test", port: 0 },
        send: (bytes) => void reader.parse(Buffer.from(bytes)),
        close: () => undefined,
        hasRoom: () => true,
      },
      0,
    );
    this.send(connectPacket(clientId, { clean, keepalive: 0 }));
  }

  send(each: Packet): void {
    this.#brokerConnection.receive(generate(each), 0);
  }

  answer(count: number): void {
    for (const each of this.unanswered.splice(0, count)) {
      if (each.messageId === undefined) continue;
      if (each.cmd === "pubrel") this.send({ cmd: "pubcomp", messageId: each.messageId });
      else if (each.cmd === "publish") {
        this.send({ cmd: each.qos === 1 ? "puback" : "pubrec", messageId: each.messageId });
      }
    }
  }

  drop(): void {
    this.#brokerConnection.closed(0);
  }
}

function play(broker: Broker, script: readonly Step[]): void {
  const clients = new Map<string, Client>();
  for (const step of script) {
    const client = clients.get(step.who);
    if (step.do === "connect") {
      client?.drop();
      clients.set(step.who, new Client(broker, step.who, step.clean));
    } else if (step.do === "drop") client?.drop();
    else if (step.do === "send") client?.send(step.packet);
    else client?.answer(step.count);
  }
}

/** The recorded state by session. The order of the sessions does not matter here. */
function remembered(broker: Broker): Record<string, Change[]> {
  const byOwner: Record<string, Change[]> = {};
  for (const change of broker.exchange.changes()) {
    const owner = "clientId" in change ? change.clientId : change.kind;
    byOwner[owner] ??= [];
    byOwner[owner].push(change);
  }
  return byOwner;
}

/** The packets that each client gets when it reconnects, in order. */
function comeBack(broker: Broker): Record<string, unknown[]> {
  return Object.fromEntries(
    NAMES.map((name) => {
      const client = new Client(broker, name, false);
      return [name, client.got.map(whatMatters)];
    }),
  );
}

/** Removes the packet identifier of a message that was never sent, because it may be any. */
function whatMatters(each: Packet): unknown {
  const isNew = each.cmd === "publish" && !each.dup;
  return { ...each, messageId: isNew ? undefined : each.messageId };
}

test("broker: replaying all recorded changes, or only Exchange.changes(), restores the same state", () => {
  const kinds: Record<string, number> = {};
  let comingBack = 0;
  fc.assert(
    fc.property(steps, (script) => {
      const written: Change[] = [];
      const first = new Broker({ policy: POLICY, recorder: { record: (change) => written.push(change) } });
      play(first, script);
      const fromHistory = new Broker({ policy: POLICY, changes: written });
      // Clean sessions end with their connections.
      first.close(0);
      expect(remembered(fromHistory)).toEqual(remembered(first));
      const fromState = new Broker({ policy: POLICY, changes: first.exchange.changes() });
      expect(remembered(fromState)).toEqual(remembered(first));
      expect([fromHistory.exchange.queued, fromHistory.exchange.retained]).toEqual([
        first.exchange.queued,
        first.exchange.retained,
      ]);
      const expected = comeBack(first);
      expect(comeBack(fromHistory)).toEqual(expected);
      expect(comeBack(fromState)).toEqual(expected);
      for (const { kind } of written) kinds[kind] = (kinds[kind] ?? 0) + 1;
      comingBack += Object.values(expected).flat().length;
    }),
    { numRuns: 1_000, seed: 1 },
  );
  // Each kind of change was written often, and who came back got more than CONNACK.
  expect(Object.keys(kinds).sort()).toEqual(CHANGE_KINDS);
  expect(Math.min(...Object.values(kinds))).toBeGreaterThan(20);
  expect(comingBack).toBeGreaterThan(1_000 * NAMES.length + 1_000);
});

test("broker: restoring does not record the changes again", () => {
  const written: Change[] = [];
  const changes: Change[] = [
    { kind: "session", clientId: "one" },
    {
      kind: "queued",
      clientId: "one",
      sequence: 7,
      message: { topic: "a", payload: Buffer.from("x"), qos: 1, retain: false },
    },
    { kind: "sent", clientId: "one", sequence: 7, packetIdentifier: 9 },
    { kind: "settled", clientId: "one", sequence: 7 },
    { kind: "subscription", clientId: "one", topicFilter: "a", qos: 1 },
  ];
  new Broker({ policy: POLICY, changes, recorder: { record: (change) => written.push(change) } });
  expect(written).toEqual([]);
});
