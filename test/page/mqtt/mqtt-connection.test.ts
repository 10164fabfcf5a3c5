/** The page's MQTT client against a hub that the test plays with mqtt-packet. */
import { generate, type Packet, parser } from "mqtt-packet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { PublishPacket } from "../../../host/mqtt/packets.ts";
import { MqttConnection, type MqttLink, type MqttOptions } from "../../../host/page/mqtt/mqtt-connection.ts";

/** The hub's end of a connection. */
class Peer {
  readonly packets: Packet[] = [];
  isClosed = false;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (packet) => this.packets.push(packet));
    socket.on("message", (data) => reader.parse(data as Buffer));
    socket.on("close", () => {
      this.isClosed = true;
    });
  }

  send(packet: Packet): void {
    this.#socket.send(generate(packet));
  }

  sendRaw(data: Buffer | string): void {
    this.#socket.send(data);
  }

  break(): void {
    this.#socket.terminate();
  }

  commands(): string[] {
    return this.packets.map(({ cmd }) => cmd);
  }

  /** Resolves with the n-th packet of a type when it has arrived. */
  async nth<Kind extends Packet["cmd"]>(kind: Kind, number = 1): Promise<Extract<Packet, { cmd: Kind }>> {
    const ofKind = () => this.packets.filter(({ cmd }) => cmd === kind);
    await expect.poll(() => ofKind().length, { interval: 5 }).toBeGreaterThanOrEqual(number);
    return ofKind()[number - 1] as Extract<Packet, { cmd: Kind }>;
  }
}

let server: WebSocketServer;
const peers: Peer[] = [];
const connections: MqttConnection[] = [];

beforeEach(async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "mqtt" });
  server.on("connection", (socket) => peers.push(new Peer(socket)));
  await new Promise((resolve) => server.once("listening", resolve));
});

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  for (const socket of server.clients) socket.terminate();
  peers.length = 0;
  await new Promise((resolve) => server.close(resolve));
  vi.unstubAllGlobals();
});

interface Opened {
  readonly connection: MqttConnection;
  readonly links: MqttLink[];
  readonly messages: PublishPacket[];
  readonly frames: string[];
}

function open(options: Partial<MqttOptions> = {}): Opened {
  const links: MqttLink[] = [];
  const messages: PublishPacket[] = [];
  const frames: string[] = [];
  const { port } = server.address() as { port: number };
  const connection = new MqttConnection(
    { url: `ws://127.0.0.1:${port}/`, clientId: "c", cleanSession: true, keepAliveSeconds: 0, ...options },
    {
      onLink: (link) => links.push(link),
      onMessage: (message) => messages.push(message),
      onFrame: (direction, bytes) => frames.push(`${direction} ${Buffer.from(bytes).toString("hex")}`),
    },
  );
  connections.push(connection);
  connection.open();
  return { connection, links, messages, frames };
}

async function peer(number = 1): Promise<Peer> {
  await expect.poll(() => peers.length, { interval: 5 }).toBeGreaterThanOrEqual(number);
  return peers[number - 1] as Peer;
}

/** Opens a connection, which the hub accepts without a session. */
async function connect(options: Partial<MqttOptions> = {}): Promise<Opened & { hub: Peer }> {
  const opened = open(options);
  const hub = await peer();
  await hub.nth("connect");
  hub.send({ cmd: "connack", returnCode: 0, sessionPresent: false });
  await expect.poll(() => opened.links.at(-1)?.state, { interval: 5 }).toBe("connected");
  return { ...opened, hub };
}

const MESSAGE = { topicName: "a", payload: Buffer.from("b"), retain: false } as const;
const FROM_HUB = { topic: "a", payload: Buffer.from("b"), retain: false } as const;

describe("the page's MQTT client", () => {
  it("connects with its settings, and reports every frame in both directions", async () => {
    const { hub, frames } = await connect({ userName: "u", password: "p", keepAliveSeconds: 7 });
    expect(hub.packets[0]).toMatchObject({
      clientId: "c",
      username: "u",
      password: Buffer.from("p"),
      keepalive: 7,
      clean: true,
      protocolVersion: 4,
    });
    expect(frames[1]).toBe("out 20020000");
    expect(frames[0]).toMatch(/^in 10/);
  });

  it("publishes with each QoS, and resolves when the hub has the message", async () => {
    const { connection, hub } = await connect();
    await connection.publish({ ...MESSAGE, qos: 0 });
    let isSettled = false;
    const once = connection.publish({ ...MESSAGE, qos: 1 }).then(() => (isSettled = true));
    const { messageId } = await hub.nth("publish", 2);
    expect(isSettled).toBe(false);
    hub.send({ cmd: "puback", messageId: messageId as number });
    await once;
    const exactly = connection.publish({ ...MESSAGE, qos: 2 });
    const second = (await hub.nth("publish", 3)).messageId as number;
    hub.send({ cmd: "pubrec", messageId: second });
    expect((await hub.nth("pubrel")).messageId).toBe(second);
    hub.send({ cmd: "pubcomp", messageId: second });
    await exactly;
  });

  it("delivers a message of QoS 2 once, and acknowledges each copy [MQTT-4.3.3-2]", async () => {
    const { hub, messages } = await connect();
    const publish = { cmd: "publish", ...FROM_HUB, qos: 2, messageId: 9 } as const;
    hub.send({ ...publish, dup: false });
    hub.send({ ...publish, dup: true });
    await hub.nth("pubrec", 2);
    expect(messages).toHaveLength(1);
    hub.send({ cmd: "pubrel", messageId: 9 });
    await hub.nth("pubcomp");
    hub.send({ ...publish, dup: false });
    await hub.nth("pubrec", 3);
    expect(messages).toHaveLength(2);
  });

  it("resolves with the granted QoS or with the refusal", async () => {
    const { connection, hub } = await connect();
    const granted = connection.subscribe("a", 2);
    hub.send({ cmd: "suback", messageId: (await hub.nth("subscribe")).messageId as number, granted: [1] });
    expect(await granted).toBe(1);
    const refused = connection.subscribe("b", 0);
    hub.send({
      cmd: "suback",
      messageId: (await hub.nth("subscribe", 2)).messageId as number,
      granted: [128],
    });
    expect(await refused).toBe("refused");
    const ended = connection.unsubscribe("a");
    hub.send({ cmd: "unsuback", messageId: (await hub.nth("unsubscribe")).messageId as number, granted: [] });
    await ended;
  });

  it("refuses to publish while it is not connected, and rejects messages that a lost connection interrupts", async () => {
    const { connection, hub, links } = await connect();
    const lost = connection.publish({ ...MESSAGE, qos: 1 });
    await hub.nth("publish");
    hub.break();
    await expect(lost).rejects.toThrow("before the hub answered");
    await expect(connection.publish({ ...MESSAGE, qos: 0 })).rejects.toThrow("not connected");
    expect(links.at(-1)).toMatchObject({ state: "waiting", retryAtMs: expect.any(Number) });
  });

  it("reconnects by itself, and sends unacknowledged packets of a persistent session again [MQTT-4.4.0-1]", async () => {
    const { connection, hub, links } = await connect({ cleanSession: false });
    const published = connection.publish({ ...MESSAGE, qos: 1 });
    const received = connection.publish({ ...MESSAGE, qos: 2 });
    const [first, second] = [await hub.nth("publish"), await hub.nth("publish", 2)];
    hub.send({ cmd: "pubrec", messageId: second.messageId as number });
    await hub.nth("pubrel");
    hub.break();
    const again = await peer(2);
    await again.nth("connect");
    again.send({ cmd: "connack", returnCode: 0, sessionPresent: true });
    expect(await again.nth("publish")).toMatchObject({ dup: true, messageId: first.messageId });
    expect(await again.nth("pubrel")).toMatchObject({ messageId: second.messageId });
    again.send({ cmd: "puback", messageId: first.messageId as number });
    again.send({ cmd: "pubcomp", messageId: second.messageId as number });
    await Promise.all([published, received]);
    expect(links.map(({ state }) => state)).toEqual([
      "connecting",
      "connected",
      "waiting",
      "connecting",
      "connected",
    ]);
  });

  it.each([
    [1, "unacceptable protocol version"],
    [2, "identifier rejected"],
    [4, "bad user name or password"],
    [5, "not authorized"],
  ])("does not reconnect after the return code %i, and reports the reason", async (returnCode, reason) => {
    const { links } = open();
    const hub = await peer();
    await hub.nth("connect");
    hub.send({ cmd: "connack", returnCode, sessionPresent: false });
    await expect.poll(() => links.at(-1)).toEqual({ state: "refused", reason });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(peers).toHaveLength(1);
  });

  it("reconnects if the hub is unavailable (return code 3)", async () => {
    const { links } = open();
    const hub = await peer();
    await hub.nth("connect");
    hub.send({ cmd: "connack", returnCode: 3, sessionPresent: false });
    await expect.poll(() => links.at(-1)).toMatchObject({ state: "waiting" });
    await peer(2);
  });

  it("pings in time, and leaves a hub that stops answering", { timeout: 60_000 }, async () => {
    const { hub, links } = await connect({ keepAliveSeconds: 1 });
    await hub.nth("pingreq");
    hub.send({ cmd: "pingresp" });
    await hub.nth("pingreq", 2);
    await expect
      .poll(() => links.at(-1), { timeout: 45_000 })
      .toMatchObject({ state: "waiting", reason: "The hub stopped answering." });
  });

  it("sends DISCONNECT when it is closed, and does not reconnect", async () => {
    const { connection, hub, links } = await connect();
    connection.close();
    await hub.nth("disconnect");
    expect(links.at(-1)).toEqual({ state: "closed" });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(peers).toHaveLength(1);
  });

  it.each<[string, Buffer | string, RegExp]>([
    ["a text frame", "hello", /MQTT-6.0.0-1/],
    ["a packet that only clients send", Buffer.from("c000", "hex"), /only a client may send/],
    ["a second CONNACK", Buffer.from("20020000", "hex"), /second CONNACK/],
    ["an unexpected SUBACK", Buffer.from("9003000700", "hex"), /nothing with identifier 7/],
    ["a length of five bytes", Buffer.from("30ffffffff01", "hex"), /more than four bytes/],
    ["QoS 3", Buffer.from("360600016100017a", "hex"), /MQTT-3.3.1-4/],
  ])("ends the connection after %s, and reports the violated rule", async (_title, data, reason) => {
    const { hub, links } = await connect();
    hub.sendRaw(data);
    await expect
      .poll(() => links.at(-1))
      .toMatchObject({ state: "waiting", reason: expect.stringMatching(reason) });
    await expect.poll(() => hub.isClosed).toBe(true);
  });

  it("ends the connection if CONNACK reports a session for a clean session [MQTT-3.2.2-1]", async () => {
    const { links } = open();
    const hub = await peer();
    await hub.nth("connect");
    hub.send({ cmd: "connack", returnCode: 0, sessionPresent: true });
    await expect.poll(() => links.at(-1)).toMatchObject({ reason: expect.stringContaining("MQTT-3.2.2-1") });
  });

  it("reads packets from WebSocket frames of any size", async () => {
    const { hub, messages } = await connect();
    const bytes = Buffer.concat([
      generate({ cmd: "publish", ...FROM_HUB, qos: 0, dup: false }),
      generate({
        cmd: "publish",
        topic: "c",
        payload: Buffer.alloc(300, 65),
        qos: 0,
        dup: false,
        retain: true,
      }),
    ]);
    for (const byte of bytes) hub.sendRaw(Buffer.from([byte]));
    await expect.poll(() => messages.length).toBe(2);
    expect(messages[1]).toMatchObject({ topicName: "c", retain: true });
    expect(Buffer.from((messages[1] as PublishPacket).payload)).toEqual(Buffer.alloc(300, 65));
  });
});
