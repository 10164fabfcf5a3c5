import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hubCommand } from "../../host/commands/hub.ts";
import type { CommandContext } from "../../host/terminal/command-context.ts";
import { until } from "../fixtures/waiting.ts";

function startCommand(args: readonly string[], workingFolder = process.cwd()) {
  const printed: string[] = [];
  const warned: string[] = [];
  const controller = new AbortController();
  const context: CommandContext = {
    print: (line) => void printed.push(line),
    write: (text) => void printed.push(text),
    warn: (line) => void warned.push(line),
    isTerminal: false,
    setFailed: () => undefined,
    setInterrupted: () => undefined,
    status: () => undefined,
    signal: controller.signal,
    workingFolder,
    environment: {},
  };
  const ended = hubCommand(context)
    .exitOverride()
    .parseAsync([...args], { from: "user" });
  return { printed, warned, ended, stop: () => controller.abort() };
}

const FREE_PORTS = ["--port", "0", "--ws-port", "0"];

test("motekit hub --json prints its addresses and each event, and stops with a client connected", async () => {
  const command = startCommand([...FREE_PORTS, "--json"]);
  const first = JSON.parse(await until("the first line", () => command.printed[0])) as Record<
    string,
    unknown
  >;
  expect(first).toMatchObject({
    event: "listening",
    host: "127.0.0.1",
    pageUrl: `http://127.0.0.1:${first.wsPort}/`,
  });
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${first.port}`, {
    clientId: "c",
    reconnectPeriod: 0,
  });
  await client.publishAsync("a", Buffer.from([0xff, 0]), { qos: 1 });
  const start = performance.now();
  command.stop();
  await command.ended;
  // The client would stay for longer.
  expect(performance.now() - start).toBeLessThan(15_000);
  client.end(true);
  const events = command.printed.slice(1).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events[0]).toMatchObject({ event: "connected", clientId: "c", connection: "tcp" });
  expect(events[1]).toMatchObject({
    event: "message",
    topic: "a",
    qos: 1,
    payload: null,
    payloadBase64: "/wA=",
  });
  expect(command.warned).toEqual([]);
});

test("motekit hub --host 0.0.0.0 warns of who can connect", async () => {
  const command = startCommand([...FREE_PORTS, "--host", "0.0.0.0"]);
  await until("the first line", () => command.printed[0]);
  command.stop();
  await command.ended;
  expect(command.warned.join("\n")).toMatch(/open to the network[\s\S]*Anyone who reaches this machine/);
});

test.each([
  { host: "0.0.0.0", code: "MK1472" },
  { host: "127.0.0.1", code: "MK1470" },
])(
  "motekit hub --host $host answers a line for a board that is not there by $code",
  async ({ host, code }) => {
    const command = startCommand([...FREE_PORTS, "--host", host]);
    const line = await until("the link", () => command.printed.find((text) => text.startsWith("page")));
    const [, pageUrl, token] = /(http:\/\/127\.0\.0\.1:\d+\/)#.*token=([\w-]+)/.exec(line) ?? [];
    const response = await fetch(`${pageUrl}control/actSimulated`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ id: "pump", action: "type", line: "1" }),
    });
    expect(response.ok).toBe(false);
    expect(await response.json()).toMatchObject({ problems: [{ code }] });
    command.stop();
    await command.ended;
  },
);

test("motekit hub does not send a device's control characters to the terminal", async () => {
  const command = startCommand(FREE_PORTS);
  const line = await until("the ports", () => command.printed.find((text) => text.startsWith("MQTT")));
  const port = /port (\d+)/.exec(line)?.[1];
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  await client.publishAsync("a", "\u001b[2Jgone", { qos: 1 });
  const shown = await until("the message", () => command.printed.find((text) => text.includes("gone")));
  expect(shown).toBe("a  QoS 1  \\u001b[2Jgone");
  client.end(true);
  command.stop();
  await command.ended;
});

test("motekit hub names the taken port and its option", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const taken = (server.address() as { port: number }).port;
  const command = startCommand(["--port", String(taken), "--ws-port", "0"]);
  await expect(command.ended).rejects.toThrow(new RegExp(`Port ${taken} .*--port`));
  server.close();
});

test("motekit hub accepts 100 routes of the project and refuses more", async () => {
  const folder = mkdtempSync(join(tmpdir(), "motekit-hub-command-"));
  const open = (count: number) => {
    const routes = Array.from({ length: count }, () => ({ topic: "a", url: "http://127.0.0.1:9/" }));
    const config = `export default { localHub: ${JSON.stringify({ routes })} };`;
    writeFileSync(join(folder, "motekit.config.mjs"), config);
    return startCommand(FREE_PORTS, folder);
  };
  await expect(open(101).ended).rejects.toThrow(/localHub\.routes.*100/);
  const command = open(100);
  await until("the first line", () => command.printed[0]);
  command.stop();
  await command.ended;
  rmSync(folder, { recursive: true });
});

describe("motekit hub --tls", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "motekit-hub-command-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("opens the secure networks and names the CA; options of the command override the project's", async () => {
    const config = `export default { localHub: { tls: true, port: 1, tlsPort: 0, wssPort: 0 } };`;
    writeFileSync(join(folder, "motekit.config.mjs"), config);
    const command = startCommand([...FREE_PORTS, "--json"], folder);
    const first = JSON.parse(await until("the first line", () => command.printed[0])) as {
      readonly tlsPort: number;
      readonly ca: string;
    };
    expect(first.ca).toBe(join(folder, ".motekit", "hub", "certificates", "ca.crt"));
    const ca = readFileSync(first.ca);
    const client = await mqtt.connectAsync(`mqtts://localhost:${first.tlsPort}`, { ca, reconnectPeriod: 0 });
    await client.endAsync();
    command.stop();
    await command.ended;
    expect(command.printed.join("")).not.toContain("PRIVATE KEY");
  });

  test.each([
    [["--tls-port", "0"], {}, ["tlsPort"]],
    [["--wss-port", "0"], {}, ["wssPort"]],
    [[], { tlsPort: 0 }, ["tlsPort"]],
    [[], { wssPort: 0 }, ["wssPort"]],
    [["--tls", "--tls-port", "0"], { wssPort: 0 }, ["tlsPort", "wssPort"]],
  ])("%j with the project's %j opens %j, and no other network with TLS", async (args, settings, opened) => {
    const localHub = JSON.stringify({ port: 0, wsPort: 0, ...settings });
    writeFileSync(join(folder, "motekit.config.mjs"), `export default { localHub: ${localHub} };`);
    const command = startCommand([...args, "--json"], folder);
    const first = JSON.parse(await until("the first line", () => command.printed[0])) as Record<
      string,
      number
    >;
    command.stop();
    await command.ended;
    const all = ["port", "wsPort", "tlsPort", "wssPort"];
    expect(all.filter((port) => (first[port] ?? 0) > 0)).toEqual(["port", "wsPort", ...opened]);
  });

  test.each([
    [["--tls-cert", "mine.crt"], "MK1423"],
    [["--page-hub", "mqtt://127.0.0.1"], "MK1424"],
    [["--tls-cert", "mine.crt", "--tls-key", "mine.key"], "MK1421"],
  ])("with %s is an error and opens nothing", async (args, code) => {
    const command = startCommand([...FREE_PORTS, "--tls", ...args], folder);
    await expect(command.ended).rejects.toMatchObject({ code });
    expect(command.printed).toEqual([]);
  });
});
