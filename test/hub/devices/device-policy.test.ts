/** The device rules of Scaleway IoT Hub, one known fact after another, at a broker with a client's packets. */
import { generate, type Packet, parser, type QoS } from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { Broker } from "../../../host/broker/broker.ts";
import type { BrokerEvent } from "../../../host/broker/broker-event.ts";
import type { Link, PeerCertificate } from "../../../host/broker/policy.ts";
import type { Device } from "../../../host/hub/devices/device.ts";
import { hashPassword } from "../../../host/hub/devices/device-password.ts";
import { DevicePolicy, type Profile } from "../../../host/hub/devices/device-policy.ts";
import { publishPacket } from "../../fixtures/hub-suite.ts";
import { connectPacket } from "../../fixtures/packet-client.ts";

const ID = "3f0e8c1a-0b7d-4c55-9d3a-5a2f6f6c9e11";
const OTHER_ID = "b4a8d8f0-7a53-4f6e-8b38-2a4d3d1f0c22";
const FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");
const OWN_CERTIFICATE: PeerCertificate = { fingerprint: FINGERPRINT, commonName: "pump", isTrusted: true };
const OTHER_CERTIFICATE: PeerCertificate = {
  fingerprint: FINGERPRINT.replace("AB", "CD"),
  commonName: "gate",
  isTrusted: true,
};

class Scene {
  readonly events: BrokerEvent[] = [];
  readonly devices = new Map<string, Device>();
  readonly broker: Broker;

  constructor(profile: Profile, ...devices: readonly Partial<Device>[]) {
    for (const each of devices) {
      const device = {
        id: ID,
        name: "pump",
        isEnabled: true,
        allowsInsecure: true,
        allowsMultiple: false,
        ...each,
      };
      this.devices.set(device.id, device);
    }
    const policy = new DevicePolicy({ profile, device: (id) => this.devices.get(id) });
    this.broker = new Broker({ policy, onEvent: (event) => this.events.push(event) });
  }

  connect(
    clientId: string,
    more: Parameters<typeof connectPacket>[1] = {},
    link: Partial<Link> = {},
  ): Client {
    const client = new Client(this.broker, { kind: "tcp", address: "127.0.0.1", port: 1, ...link });
    return client.send(connectPacket(clientId, more));
  }

  /** The rules that were told. */
  get rules(): string[] {
    return this.events.flatMap((event) => ("refusal" in event ? [event.refusal.rule] : []));
  }
}

class Client {
  readonly got: Packet[] = [];
  isClosed = false;
  readonly #brokerConnection: ReturnType<Broker["open"]>;

  constructor(broker: Broker, link: Link) {
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (packet) => this.got.push(packet));
    const close = () => {
      this.isClosed = true;
    };
    const send = (bytes: Uint8Array) => void reader.parse(Buffer.from(bytes));
    this.#brokerConnection = broker.open({ link, send, close, hasRoom: () => true }, 0);
  }

  send(...packets: readonly Packet[]): this {
    for (const packet of packets) this.#brokerConnection.receive(generate(packet), 0);
    return this;
  }

  subscribe(topic: string, qos: QoS = 0): number {
    this.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
    const suback = this.got.findLast((packet) => packet.cmd === "suback");
    return Number((suback as { granted: number[] }).granted[0]);
  }

  get returnCode(): number | undefined {
    const connack = this.got.find((packet) => packet.cmd === "connack");
    return (connack as { returnCode?: number } | undefined)?.returnCode;
  }

  /** Topics of what came. */
  get received(): string[] {
    return this.got.flatMap((packet) => (packet.cmd === "publish" ? [packet.topic] : []));
  }
}

/** Who the hub took the last client for. */
function identity({ events }: Scene): string | undefined {
  const connected = events.findLast((event) => event.kind === "connected");
  return connected?.kind === "connected" ? connected.client.id : undefined;
}

describe("the device ID is the client identifier; if that holds no valid ID, the user name's is used; password empty", () => {
  test.each([
    ["the client identifier", ID, undefined],
    ["the client identifier before the user name", ID, OTHER_ID],
    ["the user name", "anything", ID],
    ["the user name, in capitals", "", ID.toUpperCase()],
  ])("%s", (_title, clientId, username) => {
    const scene = new Scene("dedicated", {}, { id: OTHER_ID, name: "gate" });
    const password = username === undefined ? {} : { password: Buffer.alloc(0) };
    expect(
      scene.connect(clientId, { ...(username !== undefined && { username }), ...password }).returnCode,
    ).toBe(0);
    expect(identity(scene)).toBe(ID);
  });

  test.each([
    ["no ID at all", "board", /neither the client identifier nor the user name/],
    ["an ID that is no device's", OTHER_ID, new RegExp(`has no device with the ID ${OTHER_ID}`)],
  ])("%s is refused, and accepted by an open hub", (_title, clientId, rule) => {
    const scene = new Scene("dedicated", {});
    const client = scene.connect(clientId);
    expect([client.returnCode, client.isClosed, scene.rules]).toEqual([
      2,
      true,
      [expect.stringMatching(rule)],
    ]);
    expect(new Scene("open", {}).connect(clientId).returnCode).toBe(0);
  });
});

describe("allow insecure connections: mutual TLS, TLS or plain; deny: mutual TLS only", () => {
  const own = { kind: "tls", certificate: OWN_CERTIFICATE } as const;
  test.each([
    ["allowed, plain TCP", true, { kind: "tcp" }, 0],
    ["allowed, TLS without a certificate", true, { kind: "tls" }, 0],
    ["allowed, WebSocket", true, { kind: "websocket" }, 0],
    ["allowed, its certificate", true, own, 0],
    ["allowed, another's certificate", true, { kind: "tls", certificate: OTHER_CERTIFICATE }, 5],
    ["denied, plain TCP", false, { kind: "tcp" }, 5],
    ["denied, TLS without a certificate", false, { kind: "tls" }, 5],
    ["denied, secure WebSocket", false, { kind: "secure websocket" }, 5],
    ["denied, another's certificate", false, { kind: "tls", certificate: OTHER_CERTIFICATE }, 5],
    ["denied, its certificate", false, own, 0],
  ] as const)("%s", (_title, allowsInsecure, link, returnCode) => {
    for (const profile of ["open", "dedicated"] as const) {
      const scene = new Scene(profile, { allowsInsecure, certificate: FINGERPRINT });
      expect(scene.connect(ID, {}, link).returnCode).toBe(returnCode);
      expect(scene.rules).toHaveLength(returnCode === 0 ? 0 : 1);
    }
  });

  test("a device that has no certificate yet is refused with any certificate, if insecure connections are denied", () => {
    const scene = new Scene("dedicated", { allowsInsecure: false });
    expect(scene.connect(ID, {}, own).returnCode).toBe(5);
  });
});

describe("a device with a password", () => {
  const password = hashPassword("right");
  test.each([
    ["the right one", 0, "right"],
    ["a wrong one", 4, "guessed"],
    ["none", 4, undefined],
  ])("gives %s and gets return code %i", (_title, returnCode, given) => {
    const scene = new Scene("open", { password });
    const more = given === undefined ? {} : { username: "device", password: Buffer.from(given) };
    expect(scene.connect(ID, more).returnCode).toBe(returnCode);
    expect(scene.rules).toHaveLength(returnCode === 0 ? 0 : 1);
    expect(scene.rules.join()).not.toContain("guessed");
  });
});

test("a disabled device is refused, and the command in the remedy can be run unchanged", () => {
  for (const [name, typed] of [
    ["pump", "pump"],
    ["Joe's pump", "'Joe'\\''s pump'"],
  ] as const) {
    const scene = new Scene("open", { isEnabled: false, name });
    expect(scene.connect(ID).returnCode).toBe(5);
    expect(scene.rules).toEqual([`the device "${name}" is disabled`]);
    const remedy = `Enable it with \`motekit hub device enable ${typed}\`.`;
    expect(scene.events).toContainEqual(
      expect.objectContaining({ refusal: expect.objectContaining({ remedy }) }),
    );
  }
});

describe("one connection a device, the second evicts the first; allow multiple connections", () => {
  test("without that option, the second connection ends the first [MQTT-3.1.4-2]", () => {
    const scene = new Scene("dedicated", {});
    const first = scene.connect(ID);
    const second = scene.connect("other", { username: ID, password: Buffer.alloc(0) });
    expect([first.isClosed, second.isClosed, second.returnCode]).toEqual([true, false, 0]);
    expect(scene.events).toContainEqual(expect.objectContaining({ kind: "ended", cause: "taken over" }));
  });

  test("with that option both connections stay, and both get what they subscribed to", () => {
    const scene = new Scene("dedicated", { allowsMultiple: true });
    const both = [scene.connect(ID), scene.connect(ID, { clean: false })];
    for (const client of both) expect([client.returnCode, client.subscribe("t")]).toEqual([0, 0]);
    both[0]?.send(publishPacket("t", "x", 0));
    expect(both.map(({ received, isClosed }) => [received, isClosed])).toEqual([
      [["t"], false],
      [["t"], false],
    ]);
  });
});

describe("message filters", () => {
  test.each([
    ["accept", ["devices/{{device.id}}/#"], `devices/${ID}/status`, true],
    ["accept", ["devices/{{device.id}}/#"], `devices/${OTHER_ID}/status`, false],
    ["accept", ["{{device.name}}/+"], "pump/a", true],
    ["accept", [], "anything", false],
    ["reject", ["secret/#"], "secret/a", false],
    ["reject", ["secret/#"], "public", true],
  ] as const)(
    "publish, %s %j: a message to %s passes: %s; a denied one is dropped, and an event reports it",
    (policy, topics, topic, passes) => {
      const scene = new Scene("open", { publish: { policy, topics: [...topics] } });
      const watcher = scene.connect("watcher");
      watcher.subscribe("#");
      const device = scene.connect(ID).send(publishPacket(topic, "x", 1));
      expect(watcher.received).toEqual(passes ? [topic] : []);
      // Acknowledged either way, and the connection stands.
      expect([device.got.at(-1)?.cmd, device.isClosed]).toEqual(["puback", false]);
      const denied = scene.events.filter(({ kind }) => kind === "denied");
      expect(denied).toHaveLength(passes ? 0 : 1);
    },
  );

  test("a will that the filter denies is dropped too", () => {
    const scene = new Scene("open", { publish: { policy: "accept", topics: ["mine"] } });
    const watcher = scene.connect("watcher");
    watcher.subscribe("#");
    scene.connect(ID, { will: { topic: "theirs", payload: "x", qos: 0, retain: false } });
    scene.broker.evict(ID, "the test", 0);
    expect(watcher.received).toEqual([]);
    expect(scene.events).toContainEqual(expect.objectContaining({ kind: "denied", packet: "will" }));
  });

  test.each([
    ["accept", ["devices/{{device.id}}/#"], `devices/${ID}/command/+`, true],
    ["accept", ["devices/{{device.id}}/#"], "devices/+/command/+", false],
    ["accept", ["devices/{{device.id}}/#"], "#", false],
    ["reject", ["secret/#"], "public/#", true],
    ["reject", ["secret/#"], "secret/a", false],
    ["reject", ["secret/#"], "+/a", false],
    ["reject", ["secret/#"], "#", false],
  ] as const)(
    "subscribe, %s %j: a subscription to %s is granted: %s; a denied one is answered by 0x80",
    (policy, topics, topic, passes) => {
      const scene = new Scene("open", { subscribe: { policy, topics: [...topics] } });
      expect(scene.connect(ID).subscribe(topic, 1)).toBe(passes ? 1 : 0x80);
      expect(scene.rules).toHaveLength(passes ? 0 : 1);
    },
  );

  test("filters that change take effect on the next packet, and end subscriptions that they deny", () => {
    const scene = new Scene("open", {});
    const device = scene.connect(ID);
    device.subscribe("secret/#");
    scene.devices.set(ID, {
      ...(scene.devices.get(ID) as Device),
      subscribe: { policy: "reject", topics: ["secret/#"] },
    });
    scene.broker.review(ID);
    scene.connect("other").send(publishPacket("secret/a", "x", 0));
    expect([device.received, device.isClosed]).toEqual([[], false]);
  });
});

describe("shared plan: clean session required; no retained messages, no QoS 2 publish, no QoS 1-2 subscribe, no $SYS", () => {
  const shared = /Scaleway's shared plan would refuse/;

  test("a session that is to be kept is refused", () => {
    const scene = new Scene("shared", {});
    expect(scene.connect(ID, { clean: false }).returnCode).toBe(5);
    expect(scene.rules).toEqual([expect.stringMatching(shared)]);
    expect(new Scene("shared", {}).connect(ID, { clean: true }).returnCode).toBe(0);
  });

  test.each([
    ["a retained will", { retain: true, qos: 0 }],
    ["a will of QoS 2", { retain: false, qos: 2 }],
  ] as const)("%s is refused", (_title, will) => {
    const scene = new Scene("shared", {});
    expect(scene.connect(ID, { will: { topic: "t", payload: "x", ...will } }).returnCode).toBe(5);
    expect(scene.rules).toEqual([expect.stringMatching(shared)]);
  });

  test.each([
    ["a retained message", publishPacket("t", "x", 0, { retain: true }), false],
    ["a message of QoS 2", publishPacket("t", "x", 2), false],
    ["a message of QoS 1", publishPacket("t", "x", 1), true],
  ])("%s passes: %s", (_title, packet, passes) => {
    const scene = new Scene("shared", {}, { id: OTHER_ID, name: "gate" });
    const watcher = scene.connect(OTHER_ID);
    watcher.subscribe("t");
    scene.connect(ID).send(packet);
    expect(watcher.received).toEqual(passes ? ["t"] : []);
    expect(scene.rules).toEqual(passes ? [] : [expect.stringMatching(shared)]);
  });

  test.each([
    ["t", 0, 0],
    ["t", 1, 0x80],
    ["t", 2, 0x80],
    ["$SYS/#", 0, 0x80],
  ] as const)("a subscription to %s at QoS %i is answered by %i", (topic, qos, granted) => {
    expect(new Scene("shared", {}).connect(ID).subscribe(topic, qos)).toBe(granted);
  });

  test("a dedicated plan allows all that the shared plan refuses", () => {
    const scene = new Scene("dedicated", {});
    const device = scene.connect(ID, { clean: false });
    expect([device.returnCode, device.subscribe("t", 2), device.subscribe("$SYS/#")]).toEqual([0, 2, 0]);
    device.send(publishPacket("t", "x", 2, { retain: true }));
    expect(device.received).toEqual(["t"]);
  });
});

test("hub memory of 140 MiB: a message beyond it is not retained, published as a will or queued for absent clients, and an event reports it", () => {
  const large = Buffer.alloc(4 * 1024 * 1024 - 1_000, "x");
  const scene = new Scene("open");
  const away = scene.connect("away", { clean: false });
  away.subscribe("late", 1);
  scene.broker.evict("away", "the test", 0);
  const publisher = scene.connect("publisher");
  let count = 0;
  while (scene.rules.length === 0 && count < 50)
    publisher.send(publishPacket(`t/${++count}`, large, 1, { retain: true }));
  // Each is counted with what it costs beside its payload.
  expect(count).toBe(36);
  expect(scene.rules).toEqual([expect.stringContaining("memory for messages is full")]);
  const will = { topic: "w", payload: "x".repeat(60_000), qos: 0, retain: false } as const;
  expect(scene.connect("heir", { will }).returnCode).toBe(3);
  publisher.send(publishPacket("late", large, 1));
  expect(scene.events).toContainEqual({ kind: "overflowed", client: { id: "away" } });
  // It serves on, and has room again when one is cleared.
  publisher.send(publishPacket("t/1", "", 1, { retain: true }));
  const told = scene.events.length;
  publisher.send(publishPacket("again", large, 1, { retain: true }));
  expect(scene.events.slice(told).map(({ kind }) => kind)).toEqual(["published"]);
  expect(publisher.isClosed).toBe(false);
});

test("a client cannot publish in the hub's name", () => {
  const scene = new Scene("open");
  const watcher = scene.connect("watcher");
  watcher.subscribe("$SCW/#");
  scene.connect("liar").send(publishPacket("$SCW/events/hub/1/error", "x", 0));
  expect([watcher.received, scene.rules]).toEqual([
    [],
    ["topics that begin with $SCW are reserved for the hub"],
  ]);
});
