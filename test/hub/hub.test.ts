import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startHub } from "../../host/hub/hub.ts";
import { openHub } from "../fixtures/hubs.ts";
import { until } from "../fixtures/waiting.ts";

const clients: MqttClient[] = [];
const sockets: (Socket | WebSocket)[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
  for (const socket of sockets.splice(0)) socket instanceof WebSocket ? socket.terminate() : socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function connectClient(url: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...options });
  clients.push(client);
  return client;
}

interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

async function collect(client: MqttClient, filter: string, qos: 0 | 1 = 0): Promise<Received[]> {
  const received: Received[] = [];
  client.on("message", (topic, payload, packet) => {
    received.push({ topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain });
  });
  await client.subscribeAsync(filter, { qos });
  return received;
}

async function openTcp(port: number): Promise<{ socket: Socket; received: Buffer[] }> {
  const received: Buffer[] = [];
  const socket = connectTcp(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("data", (bytes) => received.push(bytes as Buffer));
  socket.on("error", (error) => received.push(Buffer.from(error.message)));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return { socket, received };
}

function connectPacket(level: number, flags: number, clientId: string): Buffer {
  const head = [0, 4, ...Buffer.from("MQTT"), level, flags, 0, 60];
  const body = [...head, ...(level === 5 ? [0] : []), 0, clientId.length, ...Buffer.from(clientId)];
  return Buffer.from([0x10, body.length, ...body]);
}

describe.each([["TCP"], ["WebSocket"], ["WebSocket at /mqtt"]])("the hub over %s", (kind) => {
  async function open() {
    const hub = await openHub();
    const ws = `ws://127.0.0.1:${hub.wsPort}`;
    const url =
      kind === "TCP" ? `mqtt://127.0.0.1:${hub.port}` : kind === "WebSocket" ? `${ws}/` : `${ws}/mqtt`;
    return { hub, url };
  }

  test("carries QoS 0 and QoS 1 to a subscriber", async () => {
    const { url } = await open();
    const received = await collect(await connectClient(url), "a/#", 1);
    const publisher = await connectClient(url);
    await publisher.publishAsync("a/0", "zero", { qos: 0 });
    await publisher.publishAsync("a/1", "one", { qos: 1 });
    await until("two messages", () => received.length === 2);
    expect(received).toEqual([
      { topic: "a/0", payload: "zero", qos: 0, retain: false },
      { topic: "a/1", payload: "one", qos: 1, retain: false },
    ]);
  });

  test("keeps a retained message for later subscribers, until an empty one clears it", async () => {
    const { url } = await open();
    const publisher = await connectClient(url);
    await publisher.publishAsync("devices/d/status", "online", { qos: 1, retain: true });
    const received = await collect(await connectClient(url), "devices/+/status", 1);
    await until("the retained message", () => received.length === 1);
    expect(received[0]).toEqual({ topic: "devices/d/status", payload: "online", qos: 1, retain: true });

    await publisher.publishAsync("devices/d/status", "", { qos: 1, retain: true });
    const later = await connectClient(url);
    const receivedLater = await collect(later, "devices/#");
    await later.publishAsync("devices/mark", "x");
    await until("the mark", () => receivedLater.length > 0);
    expect(receivedLater.map((message) => message.topic)).toEqual(["devices/mark"]);
  });

  test("publishes the will of a client whose socket is killed, and reports its end", async () => {
    const { hub, url } = await open();
    const received = await collect(await connectClient(url), "devices/+/status");
    const will = {
      topic: "devices/d/status",
      payload: Buffer.from("offline"),
      qos: 1,
      retain: true,
    } as const;
    const device = await connectClient(url, { clientId: "d", will });
    device.stream.destroy();
    await until("the will", () => received.length === 1);
    expect(received[0]?.payload).toBe("offline");
    expect(hub.events).toContainEqual({ event: "disconnected", clientId: "d", cause: "lost" });
    expect(hub.events).toContainEqual(
      expect.objectContaining({ event: "message", clientId: "d", topic: "devices/d/status", retain: true }),
    );
  });

  test("refuses MQTT 5 by return code 1 [MQTT-3.1.2-2]", async () => {
    const { hub, url } = await open();
    const attempt = mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion: 5, connectTimeout: 2_000 });
    await expect(attempt).rejects.toThrow(/nacceptable protocol version|Unsupported Protocol/i);
    expect(hub.events).toEqual([
      expect.objectContaining({
        event: "refused",
        rule: "CONNECT: the client uses MQTT 5, but this hub supports MQTT 3.1.1 [MQTT-3.1.2-2]",
      }),
    ]);
  });

  test("transfers a payload of one megabyte completely", async () => {
    const { url } = await open();
    const received = await collect(await connectClient(url), "big");
    const payload = "0123456789abcdef".repeat(65_536);
    await (await connectClient(url)).publishAsync("big", payload, { qos: 1 });
    await until("the payload", () => received.length === 1);
    expect(received[0]?.payload === payload).toBe(true);
  });
});

describe("the hub's frames", () => {
  test("CONNACK comes as one WebSocket frame", async () => {
    const hub = await openHub();
    const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}/mqtt`, "mqtt");
    sockets.push(socket);
    const frames: Buffer[] = [];
    socket.on("message", (data) => frames.push(data as Buffer));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(connectPacket(4, 2, "one-frame"));
    await until("CONNACK", () => frames.length > 0);
    expect(socket.protocol).toBe("mqtt");
    expect(frames.map((frame) => [...frame])).toEqual([[0x20, 2, 0, 0]]);
  });

  test("the hub accepts the subprotocol mqttv3.1 and a CONNECT with one byte per frame", async () => {
    const hub = await openHub();
    const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}/`, ["other", "mqttv3.1"]);
    sockets.push(socket);
    const frames: Buffer[] = [];
    socket.on("message", (data) => frames.push(data as Buffer));
    await new Promise((resolve) => socket.once("open", resolve));
    for (const byte of connectPacket(4, 2, "bytes")) socket.send(Buffer.from([byte]));
    await until("CONNACK", () => frames.length > 0);
    expect(socket.protocol).toBe("mqttv3.1");
    expect([...(frames[0] as Buffer)]).toEqual([0x20, 2, 0, 0]);
  });

  test("a frame may contain one and a half packets: the complete packet is answered at once", async () => {
    const hub = await openHub();
    const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}/`, "mqtt");
    sockets.push(socket);
    const received: Buffer[] = [];
    socket.on("message", (data) => received.push(data as Buffer));
    await new Promise((resolve) => socket.once("open", resolve));
    const subscribe = Buffer.from([0x82, 6, 0, 7, 0, 1, 0x74, 0]);
    const publish = Buffer.from([0x30, 4, 0, 1, 0x74, 0x78]);
    const stream = Buffer.concat([connectPacket(4, 2, "halves"), subscribe, publish, publish]);
    const cut = stream.length - publish.length - 3;
    socket.send(stream.subarray(0, cut));
    const bytes = () => [...Buffer.concat(received)];
    await until("CONNACK and SUBACK", () => bytes().length === 4 + 5);
    expect(bytes()).toEqual([0x20, 2, 0, 0, 0x90, 3, 0, 7, 0]);
    socket.send(stream.subarray(cut));
    await until("both messages", () => bytes().length === 9 + 2 * publish.length);
    expect(bytes().slice(9)).toEqual([...publish, ...publish]);
  });

  test("a text frame ends the connection [MQTT-6.0.0-1]", async () => {
    const hub = await openHub();
    const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}/`, "mqtt");
    sockets.push(socket);
    socket.once("open", () => socket.send("text"));
    const code = await new Promise((resolve) => socket.once("close", resolve));
    expect(code).toBe(1003);
  });

  test("an MQTT 5 CONNECT gets CONNACK with return code 1 and the end of the connection", async () => {
    const hub = await openHub();
    const { socket, received } = await openTcp(hub.port);
    socket.write(connectPacket(5, 2, "five"));
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    expect([...Buffer.concat(received)]).toEqual([0x20, 2, 0, 1]);
  });

  test("a CONNECT without client identifier and clean session gets return code 2 [MQTT-3.1.3-8]", async () => {
    const hub = await openHub();
    const { socket, received } = await openTcp(hub.port);
    socket.write(connectPacket(4, 0, ""));
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    expect([...Buffer.concat(received)]).toEqual([0x20, 2, 0, 2]);
  });

  test.each([
    [
      "a first packet that is not CONNECT",
      Buffer.from([0xc0, 0]),
      /first packet is not CONNECT.*MQTT-3.1.0-1/,
    ],
    [
      "a packet that would be too large",
      Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]),
      /more than the limit of 67583/,
    ],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n"), /not CONNECT/],
    [
      "a remaining length of five bytes",
      Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 1]),
      /more than four bytes/,
    ],
  ])("the hub closes the connection at %s and reports the reason", async (_title, bytes, reason) => {
    const hub = await openHub();
    const { socket, received } = await openTcp(hub.port);
    socket.write(bytes);
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    expect(received).toEqual([]);
    expect(hub.events).toEqual([
      expect.objectContaining({ event: "refused", rule: expect.stringMatching(reason) }),
    ]);
  });

  test("the hub closes the connection at a PUBLISH of more than 4 MiB before it has arrived", async () => {
    const hub = await openHub();
    const { socket } = await openTcp(hub.port);
    socket.write(connectPacket(4, 2, "large"));
    // 4 MiB behind the topic "t", and one byte more.
    socket.write(Buffer.from([0x30, 0x84, 0x80, 0x80, 0x02, 0, 1, 0x74]));
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    expect(hub.events.at(-1)?.event).not.toBe("message");
  });

  test("the hub takes a payload of 4 MiB, as its REST network does", async () => {
    const hub = await openHub();
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`);
    try {
      await client.publishAsync("large", Buffer.alloc(4 * 1024 * 1024), { qos: 1 });
      expect(hub.events.at(-1)).toMatchObject({ event: "message", topic: "large" });
    } finally {
      client.end(true);
    }
  });
});

describe("the hub's HTTP port", () => {
  test("refuses a WebSocket of a foreign Origin by 403, and accepts the hub's own", async () => {
    const hub = await openHub();
    const open = (headers: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}/mqtt`, "mqtt", { headers });
        sockets.push(socket);
        socket.once("open", () => resolve("open"));
        socket.once("error", (error) => resolve(error.message));
      });
    expect(await open({ origin: "http://elsewhere.example" })).toContain("403");
    expect(await open({ origin: "null" })).toContain("403");
    expect(await open({ host: "rebound.example", origin: "http://rebound.example" })).toContain("403");
    expect(await open({ origin: `https://127.0.0.1:${hub.wsPort + 1}` })).toContain("403");
    expect(await open({ origin: `https://elsewhere.example:${hub.wsPort}` })).toContain("403");
    expect(await open({ origin: `file://127.0.0.1:${hub.wsPort}` })).toContain("403");
    expect(await open({ host: "127.0.0.1", origin: "https://127.0.0.1" })).toContain("403");
    expect(await open({ origin: `http://127.0.0.1:${hub.wsPort}` })).toBe("open");
    // As Eclipse Paho for Python has it, whatever it speaks.
    expect(await open({ origin: `https://127.0.0.1:${hub.wsPort}` })).toBe("open");
    expect(await open({ host: "localhost", origin: "http://localhost:80" })).toBe("open");
    expect(await open({ host: "localhost:443", origin: "https://localhost" })).toBe("open");
    expect(await open({})).toBe("open");
  });

  test("refuses other paths and other subprotocols", async () => {
    const hub = await openHub();
    const open = (path: string, protocol: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${hub.wsPort}${path}`, protocol);
        sockets.push(socket);
        socket.once("open", () => resolve("open"));
        socket.once("error", (error) => resolve(error.message));
      });
    expect(await open("/elsewhere", "mqtt")).toContain("404");
    expect(await open("/mqtt", "chat")).toContain("400");
  });

  test("serves only its own files, with a policy that keeps the page at its origin", async () => {
    const hub = await openHub({ pageFolder: "/nowhere" });
    const missing = await fetch(hub.pageUrl);
    expect(missing.status).toBe(503);
    expect(await missing.text()).toContain("npm run prepare");
    expect(missing.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect((await fetch(`${hub.pageUrl}../package.json`)).status).toBe(404);
    expect((await fetch(hub.pageUrl, { method: "POST" })).status).toBe(405);
  });
});

describe("the hub's ports", () => {
  async function occupy(): Promise<number> {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    return (server.address() as { port: number }).port;
  }

  test("a taken port is an error that names the port and the option", async () => {
    const taken = await occupy();
    await expect(startHub({ host: "127.0.0.1", port: taken, wsPort: 0 })).rejects.toMatchObject({
      code: "MK1401",
      message: expect.stringMatching(new RegExp(`Port ${taken} on 127\\.0\\.0\\.1 .*--port`)),
      remedy: expect.stringContaining(`--port ${taken + 1}`),
    });
    await expect(startHub({ host: "127.0.0.1", port: 0, wsPort: taken })).rejects.toMatchObject({
      code: "MK1401",
      message: expect.stringMatching(new RegExp(`Port ${taken} .*--ws-port`)),
    });
  });

  test("the hub takes the next free port if an option says so", async () => {
    const taken = await occupy();
    const hub = await openHub({ port: taken, onTakenPort: "next" });
    expect(hub.port).toBeGreaterThan(taken);
    await connectClient(`mqtt://127.0.0.1:${hub.port}`);
  });

  test("an address that is not this machine's is an error that names it", async () => {
    await expect(startHub({ host: "192.0.2.1", port: 0, wsPort: 0 })).rejects.toMatchObject({
      code: "MK1402",
      message: expect.stringContaining("192.0.2.1"),
    });
  });

  test("the hub closes without waiting for clients, connected and half connected, and frees its ports", async () => {
    const hub = await openHub();
    await connectClient(`mqtt://127.0.0.1:${hub.port}`);
    await connectClient(`ws://127.0.0.1:${hub.wsPort}/mqtt`);
    await openTcp(hub.port);
    await openTcp(hub.wsPort);
    const start = performance.now();
    await hub.close();
    // The clients would stay for longer.
    expect(performance.now() - start).toBeLessThan(15_000);
    const again = await startHub({ host: "127.0.0.1", port: hub.port, wsPort: hub.wsPort });
    await again.close();
  });
});
