/** Every place that accepts a topic name or a topic filter gives the same verdict, and names the rule when it refuses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTopic } from "../../firmware/mqtt/topic.ts";
import { Broker } from "../../host/broker/broker.ts";
import type { BrokerEvent } from "../../host/broker/broker-event.ts";
import { DeviceRegistry } from "../../host/hub/devices/device-registry.ts";
import { newDevice } from "../../host/hub/devices/device-settings.ts";
import { RestNetwork } from "../../host/hub/http/rest-network.ts";
import { wireActions } from "../../host/hub/wire/wire-actions.ts";
import { WireTap } from "../../host/hub/wire/wire-tap.ts";
import { MockHub } from "../../host/mock-hub/mock-hub.ts";
import { encodePacket } from "../../host/mqtt/encode.ts";
import { lengthFieldBytes, writeFixedHeader } from "../../host/mqtt/fixed-header.ts";
import { problemOfFilter } from "../../host/page/model/subscriptions.ts";
import { problemOfTopic } from "../../host/page/model/text/topic-problem.ts";
import { readViewState, writeViewState } from "../../host/page/model/view-state.ts";
import { HubStream } from "../../host/page/mqtt/hub-stream.ts";
import { loadProject } from "../../host/project/project-file.ts";
import { VirtualTimeline } from "../../host/simulator/world/virtual-clock.ts";
import { VirtualHub } from "../../host/testing/virtual-hub.ts";
import { explainFrame } from "../../host/wire/explain-frame.ts";

const LIMIT_OF_OUR_HUB = "limit of motekit's hub";
const LONGEST = "x".repeat(65_535);
/** A character of three bytes: 21,845 of them have 65,535 bytes. */
const EURO = "€";

/** Right as topic names and as topic filters. */
const RIGHT: readonly (readonly [what: string, topic: string])[] = [
  ["one level", "a"],
  ["several levels", "devices/pump-1/status"],
  ["empty levels", "//a/"],
  ["a slash", "/"],
  ["characters of two, three and four bytes", "é/€/😀"],
  ["a blank", "a b"],
  ["a byte order mark", "\ufeffa"],
  ["the replacement character", "\ufffd"],
  ["the first character behind the control characters", "\u00a0"],
  ["200 levels", Array(200).fill("a").join("/")],
  ["200 empty levels", "/".repeat(199)],
  ["65,535 bytes", LONGEST],
  ["65,535 bytes of 21,845 characters", EURO.repeat(21_845)],
];

/** Wrong as topic names and as topic filters, with the clause that says so. */
const WRONG: readonly (readonly [what: string, topic: string, clause: string])[] = [
  ["nothing", "", "MQTT-4.7.3-1"],
  ["65,536 bytes", `${LONGEST}x`, "MQTT-4.7.3-3"],
  ["65,538 bytes of 21,846 characters", EURO.repeat(21_846), "MQTT-4.7.3-3"],
  ["U+0000", "a\0", "MQTT-1.5.3-2"],
  ["U+0001", "a\u0001", "[1.5.3]"],
  ["U+001F", "\u001fa", "[1.5.3]"],
  ["U+007F", "a\u007f", "[1.5.3]"],
  ["U+0080", "a\u0080", "[1.5.3]"],
  ["U+009F", "\u009f", "[1.5.3]"],
  ["U+FFFF", "a\uffff", "[1.5.3]"],
  ["U+FFFE", "\ufffe/a", "[1.5.3]"],
  ["U+FDD0", "\ufdd0", "[1.5.3]"],
  ["U+FDEF", "a/\ufdef", "[1.5.3]"],
  ["U+1FFFE", "\u{1fffe}", "[1.5.3]"],
  ["U+10FFFF", "a\u{10ffff}b", "[1.5.3]"],
  ["a lone high surrogate", "a\ud800", "MQTT-1.5.3-1"],
  ["a lone low surrogate", "\udc00b", "MQTT-1.5.3-1"],
  ["surrogates in the wrong order", "\udc00\ud800", "MQTT-1.5.3-1"],
  ["201 levels", Array(201).fill("a").join("/"), LIMIT_OF_OUR_HUB],
  ["201 empty levels", "/".repeat(200), LIMIT_OF_OUR_HUB],
];

const FILTERS: typeof RIGHT = [
  ["# alone", "#"],
  ["+ alone", "+"],
  ["# at the end", "a/#"],
  ["+ in each place", "+/a/+"],
  ["both", "+/+/#"],
  ["a wildcard of the hub's own topics", "$SYS/#"],
  ["200 levels of wildcards", `${"+/".repeat(199)}#`],
];

const WRONG_FILTERS: typeof WRONG = [
  ["# behind a character", "a#", "MQTT-4.7.1-2"],
  ["# before a level", "#/a", "MQTT-4.7.1-2"],
  ["# amid levels", "a/#/b", "MQTT-4.7.1-2"],
  ["two of #", "##", "MQTT-4.7.1-2"],
  ["+ behind a character", "a+", "MQTT-4.7.1-3"],
  ["+ before a character", "+a/b", "MQTT-4.7.1-3"],
  ["two of +", "a/++", "MQTT-4.7.1-3"],
  ["201 levels of wildcards", `${"+/".repeat(200)}#`, LIMIT_OF_OUR_HUB],
];

/** Undefined: the place takes it; else what it says. */
type Verdict = string | undefined;
type Place = (topic: string) => Verdict | Promise<Verdict>;

/** What a place says that answers by true and false alone. */
const REFUSED_WITHOUT_WORDS = "no";

async function refusalOf(run: () => unknown): Promise<Verdict> {
  try {
    await run();
    return undefined;
  } catch (error) {
    const { message, remedy = "" } = error as Error & { remedy?: string };
    return `${message} ${remedy}`;
  }
}

/** UTF-8, but that a lone surrogate is written as its own number would be: that is not UTF-8. */
function bytesOf(text: string): Buffer {
  const bytes = Array.from(text, (character) => {
    const code = character.codePointAt(0) as number;
    const isLone = code >= 0xd800 && code < 0xe000;
    return isLone
      ? Buffer.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
      : Buffer.from(character);
  });
  return Buffer.concat(bytes);
}

/** A packet of bytes that no encoder would write. Undefined: the topic is too long for a field. */
function packetOf(firstByte: number, topic: string, before: number[], behind: number[]): Buffer | undefined {
  const bytes = bytesOf(topic);
  if (bytes.length > 65_535) return undefined;
  const body = [...before, bytes.length >> 8, bytes.length & 0xff, ...bytes, ...behind];
  const whole = Buffer.alloc(1 + lengthFieldBytes(body.length) + body.length);
  whole.set(body, writeFixedHeader(whole, firstByte, body.length));
  return whole;
}

const publishOf = (topic: string) => packetOf(0x30, topic, [], [0x31]);
const subscribeOf = (topic: string) => packetOf(0x82, topic, [0, 7], [1]);
const unsubscribeOf = (topic: string) => packetOf(0xa2, topic, [0, 7], []);
/** With a will of that topic: MQTT, level 4, will and clean session, keep alive, "c", …, "m". */
const connectOf = (topic: string) =>
  packetOf(0x10, topic, [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 6, 0, 60, 0, 1, 0x63], [0, 1, 0x6d]);

const CONNECT = Buffer.from(
  encodePacket({
    type: "connect",
    protocolLevel: 4,
    cleanSession: true,
    keepAliveSeconds: 0,
    clientIdentifier: "c",
  }),
);

/** A broker that lets all in and grants all. */
function atBroker(...frames: (Buffer | undefined)[]): Verdict {
  if (frames.includes(undefined)) return "MQTT-4.7.3-3: no packet can hold it";
  const events: BrokerEvent[] = [];
  const broker = new Broker({
    policy: {
      connect: ({ clientId }) => ({ client: { id: clientId } }),
      publish: () => undefined,
      subscribe: (_client, _topicFilter, qos) => ({ grantedQos: qos }),
    },
    onEvent: (event) => events.push(event),
  });
  const link = { kind: "tcp", address: "", port: 0 } as const;
  const wire = { link, send: () => undefined, close: () => undefined, hasRoom: () => true };
  const brokerConnection = broker.open(wire, 0);
  for (const frame of frames) brokerConnection.receive(frame as Buffer, 0);
  for (const event of events) {
    if (event.kind === "turned away") return event.refusal.rule;
    if (event.kind === "ended") return event.reason;
  }
  return undefined;
}

function atInspector(frame: Buffer | undefined): Verdict {
  return frame ? explainFrame(frame, "in").violation : "MQTT-4.7.3-3: no packet can hold it";
}

async function atPageClient(topic: string): Promise<Verdict> {
  const frame = publishOf(topic);
  if (!frame) return "MQTT-4.7.3-3: no packet can hold it";
  return refusalOf(() => new HubStream().read(frame, (_frame, read) => read()));
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-topics-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const FILTER_PLACES: Readonly<Record<string, Place>> = {
  "the page's form": problemOfFilter,
  "a link to the page": (topicFilter) => {
    const found = readViewState(
      writeViewState({ ...readViewState(""), subscriptions: [{ topicFilter, qos: 1 }] }),
    ).subscriptions;
    if (!found) return REFUSED_WITHOUT_WORDS;
    // A link is UTF-8 itself: a lone surrogate comes to it as another character.
    return found[0]?.topicFilter === topicFilter ? undefined : REFUSED_WITHOUT_WORDS;
  },
  "motekit hub device": (topicFilter) =>
    refusalOf(() => newDevice([], "pump", { subscribeAccept: [topicFilter] })),
  "the file of a hub's devices": (topicFilter) => {
    const registry = new DeviceRegistry(folder);
    const device = newDevice([], "pump", {});
    const devices = [{ ...device, publish: { policy: "reject", topics: [topicFilter] } }];
    writeFileSync(registry.file, JSON.stringify({ version: 1, devices }));
    return refusalOf(() => registry.read());
  },
  "the project file": (topicFilter) => {
    const routes = [{ topic: topicFilter, url: "http://localhost/" }];
    writeFileSync(
      join(folder, "motekit.config.mjs"),
      `export default ${JSON.stringify({ localHub: { routes } })}`,
    );
    return refusalOf(() => loadProject(folder));
  },
  "a fault of the page": (topicFilter) => {
    const tap = new WireTap({ now: () => 0, isOwner: () => false });
    const { addFault } = wireActions(tap, () => undefined).actions;
    return refusalOf(() => addFault?.({ action: "drop", direction: "in", topicFilter }));
  },
  "a hub of motekit/testing": (topicFilter) =>
    refusalOf(() => new VirtualHub(new MockHub(), new VirtualTimeline()).published(topicFilter)),
  "the broker, by SUBSCRIBE": (topicFilter) => atBroker(CONNECT, subscribeOf(topicFilter)),
  "the broker, by UNSUBSCRIBE": (topicFilter) => atBroker(CONNECT, unsubscribeOf(topicFilter)),
  "the inspector, of SUBSCRIBE": (topicFilter) => atInspector(subscribeOf(topicFilter)),
  "the inspector, of UNSUBSCRIBE": (topicFilter) => atInspector(unsubscribeOf(topicFilter)),
  "the firmware": (topicFilter) =>
    isTopic(bytesOf(topicFilter).toString("latin1"), true) ? undefined : REFUSED_WITHOUT_WORDS,
};

const NAME_PLACES: Readonly<Record<string, Place>> = {
  "the page's form": problemOfTopic,
  "the REST network": async (topicName) => {
    const secret = "0123456789abcdef";
    const network = new RestNetwork(secret, () => undefined);
    const headers = { "x-secret": secret, "x-topic": bytesOf(topicName).toString("latin1") };
    const request = Object.assign(Readable.from([]), { method: "POST", headers });
    const { status, text } = await network.answer(request as unknown as IncomingMessage);
    return status === 200 ? undefined : `${text}`;
  },
  "a hub of motekit/testing": (topicName) =>
    refusalOf(() => new VirtualHub(new MockHub(), new VirtualTimeline()).publish(topicName, "")),
  "the broker, by PUBLISH": (topicName) => atBroker(CONNECT, publishOf(topicName)),
  "the broker, by a will": (topicName) => atBroker(connectOf(topicName)),
  "the inspector, of PUBLISH": (topicName) => atInspector(publishOf(topicName)),
  "the inspector, of a will": (topicName) => atInspector(connectOf(topicName)),
  "the firmware": (topicName) =>
    isTopic(bytesOf(topicName).toString("latin1"), false) ? undefined : REFUSED_WITHOUT_WORDS,
};

/**
 * Clients, which read topic names in what a hub sends. The limit of our own hub is not theirs, and what a receiver may refuse
 * and need not [1.5.3] the page takes: another hub may allow it.
 */
const PAGE_CLIENT: Readonly<Record<string, Place>> = { "the page's client": atPageClient };
const FIRMWARE_CLIENT: Readonly<Record<string, Place>> = {
  "the firmware's client": (topicName) =>
    isTopic(bytesOf(topicName).toString("latin1"), false, true) ? undefined : REFUSED_WITHOUT_WORDS,
};
const NAME_PLACES_OF_CLIENTS = { ...PAGE_CLIENT, ...FIRMWARE_CLIENT };
const MAY_BE_REFUSED = "[1.5.3]";
function verdicts(places: Readonly<Record<string, Place>>, topic: string): Promise<[string, Verdict][]> {
  return Promise.all(
    Object.entries(places).map(
      async ([place, judge]): Promise<[string, Verdict]> => [place, await judge(topic)],
    ),
  );
}

async function expectTaken(places: Readonly<Record<string, Place>>, topic: string): Promise<void> {
  const refused = (await verdicts(places, topic)).filter(([, verdict]) => verdict !== undefined);
  expect(refused.map(([place, verdict]) => `${place}: ${verdict?.slice(-300)}`)).toEqual([]);
}

async function expectRefused(
  places: Readonly<Record<string, Place>>,
  topic: string,
  clause: string,
): Promise<void> {
  const found = await verdicts(places, topic);
  expect(found.filter(([, verdict]) => verdict === undefined).map(([place]) => place)).toEqual([]);
  // An empty topic may be answered with a request for one instead of the rule.
  const wordless = found.filter(
    ([, verdict]) => verdict !== REFUSED_WITHOUT_WORDS && topic !== "" && !verdict?.includes(clause),
  );
  expect(wordless.map(([place, verdict]) => `${place}: ${verdict?.slice(-300)}`)).toEqual([]);
}

describe("topic filters:", () => {
  it.each([...RIGHT, ...FILTERS])("%s is accepted at every place", (_what, topic) =>
    expectTaken(FILTER_PLACES, topic),
  );
  it.each([...WRONG, ...WRONG_FILTERS])(
    "%s is refused at every place, which names the rule",
    (_what, topic, clause) => expectRefused(FILTER_PLACES, topic, clause),
  );
});

describe("topic names:", () => {
  it.each(RIGHT)("%s is accepted at every place", (_what, topic) =>
    expectTaken({ ...NAME_PLACES, ...NAME_PLACES_OF_CLIENTS }, topic),
  );
  it.each(WRONG)("%s is refused at every place, which names the rule", async (_what, topic, clause) => {
    await expectRefused(NAME_PLACES, topic, clause);
    if (clause === LIMIT_OF_OUR_HUB) await expectTaken(NAME_PLACES_OF_CLIENTS, topic);
    else await expectRefused(FIRMWARE_CLIENT, topic, clause);
    if (clause === MAY_BE_REFUSED) await expectTaken(PAGE_CLIENT, topic);
    else if (clause !== LIMIT_OF_OUR_HUB) await expectRefused(PAGE_CLIENT, topic, clause);
  });
  const withWildcards = [...FILTERS, ...WRONG_FILTERS].map(([what, topic]): [string, string] => [
    what,
    topic,
  ]);
  it.each(withWildcards)(
    "%s is refused at every place, because a topic name has no wildcards",
    (_what, topic) => expectRefused({ ...NAME_PLACES, ...NAME_PLACES_OF_CLIENTS }, topic, "MQTT-3.3.2-2"),
  );
});
