/** The hub's four networks, with clients of others: MQTT.js, Mosquitto's, OpenSSL's. */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { BrokerEvent } from "../../host/broker/broker-event.ts";
import {
  type Authority,
  issueDeviceCertificate,
  openAuthority,
  serverCertificate,
} from "../../host/hub/certificates/authority.ts";
import type { HubTls } from "../../host/hub/networks/networks.ts";
import { makeCertificates } from "../fixtures/certificates.ts";
import { openHub } from "../fixtures/hubs.ts";
import { hasProgram, requireProgram } from "../fixtures/programs.ts";
import { until } from "../fixtures/waiting.ts";

let folder: string;
let authority: Authority;
let tls: HubTls;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "motekit-networks-"));
  authority = await openAuthority(folder);
  const { certificatePem, keyPem } = await serverCertificate(folder);
  tls = { certificatePem, keyPem, authorityPem: authority.certificatePem };
});
afterAll(() => rmSync(folder, { recursive: true }));

const clients: MqttClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

async function openSecureHub() {
  const events: BrokerEvent[] = [];
  const hub = await openHub({ tls, tlsPort: 0, wssPort: 0, onEvent: (event) => void events.push(event) });
  return { ...hub, events };
}

async function connect(url: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, {
    reconnectPeriod: 0,
    ca: authority.certificatePem,
    ...options,
  });
  clients.push(client);
  return client;
}

test("a message goes from each network to each other", async () => {
  const hub = await openSecureHub();
  const urls = [
    `mqtt://localhost:${hub.port}`,
    `mqtts://localhost:${hub.tlsPort}`,
    `ws://localhost:${hub.wsPort}/mqtt`,
    `wss://localhost:${hub.wssPort}/mqtt`,
  ];
  const all = await Promise.all(urls.map((url) => connect(url)));
  const received = all.map((): string[] => []);
  for (const [index, client] of all.entries()) {
    client.on("message", (_topic, payload) => received[index]?.push(String(payload)));
    await client.subscribeAsync("t", { qos: 1 });
  }
  for (const [index, client] of all.entries()) await client.publishAsync("t", `from ${index}`, { qos: 1 });
  const expected = urls.map((_, index) => `from ${index}`);
  await until("all messages", () => received.every((each) => each.length === urls.length));
  expect(received).toEqual(urls.map(() => expected));
  const kinds = hub.events.flatMap((event) => (event.kind === "connected" ? [event.link.kind] : []));
  expect(kinds.sort()).toEqual(["secure websocket", "tcp", "tls", "websocket"]);
});

test("a client that does not trust the hub's CA does not connect, and the log reports it", async () => {
  const hub = await openSecureHub();
  await expect(connect(`mqtts://localhost:${hub.tlsPort}`, { ca: [] })).rejects.toThrow(/certificate/);
  await until("the refusal", () => hub.events.length > 0);
  expect(hub.events).toEqual([
    expect.objectContaining({
      kind: "turned away",
      refusal: expect.objectContaining({ remedy: expect.stringContaining("trust the hub's CA") }),
    }),
  ]);
});

test("the hub sees a device's certificate: who signed it, its name and its fingerprint", async () => {
  const hub = await openSecureHub();
  const own = await issueDeviceCertificate(folder, "pump-1");
  const foreign = makeCertificates();
  try {
    const linkOf = async (options: mqtt.IClientOptions) => {
      await connect(`mqtts://localhost:${hub.tlsPort}`, options);
      const connected = hub.events.flatMap((event) => (event.kind === "connected" ? [event.link] : []));
      return connected.at(-1)?.certificate;
    };
    expect(await linkOf({ cert: own.certificatePem, key: own.keyPem })).toEqual({
      commonName: "pump-1",
      fingerprint: own.fingerprint,
      isTrusted: true,
    });
    const { cert, key } = foreign.deviceFiles;
    expect(await linkOf({ cert: readFileSync(cert), key: readFileSync(key) })).toMatchObject({
      commonName: "dev",
      isTrusted: false,
    });
    expect(await linkOf({})).toBeUndefined();
  } finally {
    foreign.close();
  }
});

test("a certificate counts for nothing over secure WebSocket, which has no mutual TLS", async () => {
  const hub = await openSecureHub();
  const own = await issueDeviceCertificate(folder, "pump-1");
  await connect(`wss://localhost:${hub.wssPort}/mqtt`, { cert: own.certificatePem, key: own.keyPem });
  const links = hub.events.flatMap((event) => (event.kind === "connected" ? [event.link] : []));
  expect(links).toEqual([expect.not.objectContaining({ certificate: expect.anything() })]);
  expect(links[0]?.kind).toBe("secure websocket");
});

test.each([
  ["-tls1_1", false],
  ["-tls1_2", true],
  ["-tls1_3", true],
])("OpenSSL with %s can connect: %s", async (version, isTaken) => {
  const hub = await openSecureHub();
  const connectArgs = ["-connect", `localhost:${hub.tlsPort}`, "-CAfile", authority.certificateFile];
  const client = spawn(
    requireProgram("openssl"),
    ["s_client", ...connectArgs, "-verify_return_error", "-brief", version, "-cipher", "ALL:@SECLEVEL=0"],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [client.stdout, client.stderr])
    stream.on("data", (bytes) => (output += String(bytes)));
  await new Promise((resolve) => client.once("close", resolve));
  expect(output.includes("Verification: OK")).toBe(isTaken);
});

describe.skipIf(!hasProgram("mosquitto_sub"))("Mosquitto's clients", () => {
  test("communicate over TLS with their own certificate", async () => {
    const hub = await openSecureHub();
    const own = await issueDeviceCertificate(folder, "pump-1");
    const [cert, key] = [join(folder, "own.crt"), join(folder, "own.key")];
    writeFileSync(cert, own.certificatePem);
    writeFileSync(key, own.keyPem);
    const subscriber = await connect(`mqtts://localhost:${hub.tlsPort}`);
    const received: string[] = [];
    subscriber.on("message", (_topic, payload) => received.push(String(payload)));
    await subscriber.subscribeAsync("t", { qos: 2 });
    const address = ["-h", "localhost", "-p", String(hub.tlsPort)];
    const credentials = ["--cafile", authority.certificateFile, "--cert", cert, "--key", key];
    const message = ["-t", "t", "-q", "2", "-m", "hello"];
    await promisify(execFile)(requireProgram("mosquitto_pub"), [...address, ...credentials, ...message]);
    await until("the message", () => received.length > 0);
    expect(received).toEqual(["hello"]);
  });
});
