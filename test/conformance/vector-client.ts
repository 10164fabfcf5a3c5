/**
 * The client as a program for raw-packet test vectors, whose runner plays the hub. It reads lines
 *
 *     PORT VERSION CLEAN [COMMAND]
 *
 * from standard input: VERSION 3 or 4, CLEAN 0 or 1, COMMAND what to do after CONNACK (`publish-0` to `publish-2`,
 * `subscribe-0` to `subscribe-2`, `unsubscribe`). For each line it drops the current connection and opens a new one
 * to 127.0.0.1:PORT, with a new client without the state of the previous one.
 */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { connectTcp } from "../fixtures/node-socket.ts";

type Client = typeof import("../fixtures/whole-client.ts");

const KEEP_ALIVE_SECONDS = 60;

/** The client keeps its state in its modules, as a device does: a fresh one is a fresh evaluation of them. */
async function bundleClient(): Promise<() => Client> {
  const built = await esbuild.build({
    entryPoints: [fileURLToPath(new URL("../fixtures/whole-client.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "client",
    tsconfigRaw: {},
  });
  return new Function(`${built.outputFiles[0]?.text}\nreturn client;`) as () => Client;
}

function run(client: Client, command: string): void {
  const [verb, qos] = command.split("-");
  const level = Number(qos) as 0 | 1 | 2;
  if (verb === "publish") client.publish("test/publish", "message", level, false);
  if (verb === "subscribe") client.subscribe("test/subscribe", level);
  if (verb === "unsubscribe") client.unsubscribe("test/subscribe");
}

const createClient = await bundleClient();
let present: Client | undefined;

createInterface({ input: process.stdin }).on("line", (line) => {
  const [port, version, clean, command] = line.trim().split(/\s+/);
  if (!port) return;
  present?.end("network-lost");
  const client = createClient();
  present = client;
  client.useQos2();
  client.connect(
    () => connectTcp({ host: "127.0.0.1", port: Number(port) }),
    {
      clientId: "fuzzish",
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      cleanSession: clean !== "0",
      protocolVersion: version === "3" ? 3 : 4,
    },
    {
      onUp: () => command && run(client, command),
      onDown: (reason, returnCode) => process.stdout.write(`down ${reason} ${returnCode}\n`),
      onMessage: (topicName) => process.stdout.write(`message ${topicName}\n`),
      onProblem: (problem, topic) => process.stdout.write(`problem ${problem} ${topic}\n`),
      onSetAside: (topic) => process.stdout.write(`set-aside ${topic}\n`),
    },
  );
});
