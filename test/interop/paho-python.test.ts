/** Eclipse Paho's client for Python at the local hub, over each network: it is not ours. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, openAuthority, serverCertificate } from "../../host/hub/certificates/authority.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";
import { findPythonWith, hasPythonWith } from "../fixtures/programs.ts";

const MODULE = "paho.mqtt.client";
const MESSAGES_MAX_MS = 30_000;

/** Publishes at each QoS to itself, and prints what came: a line of JSON, or how CONNECT was answered. */
const PROGRAM = `
import json, sys, threading
import paho.mqtt.client as mqtt

transport, port, ca_file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
# Paho 2 wants to be told which callbacks it calls.
versions = getattr(mqtt, "CallbackAPIVersion", None)
first = [versions.VERSION1] if versions else []
client = mqtt.Client(*first, client_id="paho", clean_session=True, transport=transport)
if transport == "websockets":
    client.ws_set_options(path="/mqtt")
if ca_file:
    client.tls_set(ca_certs=ca_file)

sizes = [0, 1, 200, 70000]
received, is_whole = [], threading.Event()

def on_connect(client, userdata, flags, code):
    if code != 0:
        sys.exit("refused: %d" % code)
    client.subscribe("t/#", 2)

def on_subscribe(client, userdata, identifier, granted):
    for size in sizes:
        for qos in (0, 1, 2):
            client.publish("t/%d" % size, bytes([7]) * size, qos)

def on_message(client, userdata, message):
    received.append("%s %d %d" % (message.topic, message.qos, len(message.payload)))
    if len(received) == 3 * len(sizes):
        is_whole.set()

client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.connect("localhost", port, 60)
client.loop_start()
is_whole.wait(20)
client.disconnect()
client.loop_stop()
print(json.dumps(sorted(received)))
`;

describe.skipIf(!hasPythonWith(MODULE))("Eclipse Paho for Python", () => {
  let folder: string;
  let authority: Authority;
  let hub: TestHub;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "motekit-paho-"));
    authority = await openAuthority(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[string, "tcp" | "websockets", () => number | undefined, boolean]>([
    ["TCP", "tcp", () => hub.port, false],
    ["TCP with TLS", "tcp", () => hub.tlsPort, true],
    // Its Origin is https://<host:port> here too.
    ["WebSocket", "websockets", () => hub.wsPort, false],
    ["WebSocket with TLS", "websockets", () => hub.wssPort, true],
  ])(
    "publishes and receives at each QoS over %s",
    { timeout: MESSAGES_MAX_MS },
    async (_title, transport, port, isSecure) => {
      const { certificatePem, keyPem } = await serverCertificate(folder);
      const tls = { certificatePem, keyPem, authorityPem: authority.certificatePem };
      hub = await openHub({ tls, tlsPort: 0, wssPort: 0 });
      const caFile = isSecure ? authority.certificateFile : "";
      const { stdout } = await promisify(execFile)(findPythonWith(MODULE) ?? "python3", [
        "-c",
        PROGRAM,
        transport,
        String(port()),
        caFile,
      ]);
      const expected = [0, 1, 200, 70_000].flatMap((size) =>
        [0, 1, 2].map((qos) => `t/${size} ${qos} ${size}`),
      );
      expect(JSON.parse(stdout)).toEqual([...expected].sort());
    },
  );
});
