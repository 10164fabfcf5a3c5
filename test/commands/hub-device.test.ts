/** `motekit hub device`, with the hub running and stopped. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hubDeviceCommand } from "../../host/commands/hub-device.ts";
import { MotekitError } from "../../host/errors.ts";
import type { Hub } from "../../host/hub/hub.ts";
import type { CommandContext } from "../../host/terminal/command-context.ts";
import { formatError } from "../../host/terminal/problem-report.ts";
import { type Outcome, runCommand } from "../fixtures/command.ts";
import { openHub } from "../fixtures/hubs.ts";
import { requireProgram } from "../fixtures/programs.ts";
import { until } from "../fixtures/waiting.ts";

/** A running hub checks the file of devices twice a second. */
const WAIT = { timeout: 45_000, interval: 50 };

let folder: string;
let hubFolder: string;
const clients: MqttClient[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-hub-device-"));
  hubFolder = join(folder, ".motekit", "hub");
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
  rmSync(folder, { recursive: true });
});

/** Runs `motekit hub device` with these arguments, without a separate process. */
async function device(...args: readonly string[]): Promise<Outcome> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const context: CommandContext = {
    print: (line) => void stdout.push(line),
    write: (text) => void stdout.push(text),
    warn: (line) => void stderr.push(line),
    isTerminal: false,
    setFailed: () => undefined,
    setInterrupted: () => undefined,
    status: () => undefined,
    signal: new AbortController().signal,
    workingFolder: folder,
    environment: {},
  };
  const command = hubDeviceCommand(context).exitOverride();
  let exitCode = 0;
  try {
    await command.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof MotekitError)) throw error;
    // Colours are on in CI.
    stderr.push(stripVTControlCharacters(formatError(error)));
    exitCode = 1;
  }
  return { exitCode, stdout: stdout.join("\n"), stderr: stderr.join("\n") };
}

interface Answer {
  readonly device: { readonly id: string; readonly certificate?: string };
  readonly password?: string;
  readonly certificatePem?: string;
  readonly keyPem?: string;
}

async function answer(...args: readonly string[]): Promise<Answer> {
  const { stdout, exitCode } = await device(...args, "--json");
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Answer;
}

/** A client that does not reconnect. */
async function connect(port: number, options: mqtt.IClientOptions): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
  clients.push(client);
  return client;
}

async function metricOf(hub: Hub, name: string): Promise<number> {
  const text = await (await fetch(`${hub.pageUrl}metrics`)).text();
  return Number(new RegExp(`^motekit_hub_${name} (.*)$`, "m").exec(text)?.[1]);
}

describe("motekit hub device", () => {
  it("prints a secret once, stores only its hash, and makes the file readable for its owner only", async () => {
    const added = await answer("add", "pump", "--password", "--certificate");
    const file = join(hubFolder, "devices.json");
    const kept = readFileSync(file, "utf8");
    expect(added.password).toMatch(/^[\w-]{32}$/);
    expect(added.keyPem).toContain("PRIVATE KEY");
    expect(kept).not.toContain(added.password);
    expect(kept).not.toContain("PRIVATE KEY");
    expect(statSync(file).mode & 0o077).toBe(0);
    for (const args of [["show", "pump"], ["list"], ["disable", "pump"], ["show", "pump", "--json"]]) {
      const { stdout } = await device(...args);
      expect(stdout).toContain("pump");
      expect(stdout).not.toContain(added.password);
      expect(stdout).not.toContain(JSON.parse(kept).devices[0].password.sha256);
    }
  });

  it("add --certificate FILE registers an existing certificate", async () => {
    const [cert, key] = ["own.crt", "own.key"];
    const request = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=own", "-keyout", key, "-out", cert];
    execFileSync(requireProgram("openssl"), ["req", "-x509", ...request], { cwd: folder, stdio: "ignore" });
    const { device: added, keyPem } = await answer("add", "pump", "--certificate", cert);
    const printed = ["x509", "-in", cert, "-noout", "-fingerprint", "-sha256"];
    const fingerprint = execFileSync(requireProgram("openssl"), printed, { cwd: folder, encoding: "utf8" });
    expect(fingerprint.trim().endsWith(`=${added.certificate}`)).toBe(true);
    expect(keyPem).toBeUndefined();
  });

  it("add loses no device when ten commands run at the same time", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `device-${index}`);
    const outcomes = await Promise.all(
      names.map((name) => runCommand(["hub", "device", "add", name], folder)),
    );
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual(names.map(() => 0));
    const { stdout } = await device("list", "--json");
    const listed = (JSON.parse(stdout) as { devices: { name: string }[] }).devices.map(({ name }) => name);
    expect(listed.sort()).toEqual(names);
  });

  it.each([
    [["show", "nobody"], "MK1412", "pump"],
    [["add", "pump"], "MK1414", "pump"],
    [["add", "gate", "--id", "7"], "MK1413", '"7"'],
    [["add", "a/b"], "MK1413", '"a/b"'],
    [["add", "gate", "--publish-accept", "a/#/b"], "MK1413", '"a/#/b"'],
    [["set", "pump", "--subscribe-reject", "{{device.id}}/{{device.Name}}"], "MK1413", "{{device.Name}}"],
    [["set", "pump", "--publish-accept", "a", "--publish-reject", "b"], "MK1413", "publish"],
    [["renew", "pump"], "MK1415", "--password"],
    [["add", "gate", "--certificate", "none.pem"], "MK1416", "none.pem"],
  ])("%j fails with %s and changes nothing", async (args, code, detail) => {
    await device("add", "pump");
    const previous = readFileSync(join(hubFolder, "devices.json"), "utf8");
    const { exitCode, stdout, stderr } = await device(...args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`error ${code} `);
    expect(stderr).toContain(detail);
    expect(stderr).toContain("how to fix:");
    expect(readFileSync(join(hubFolder, "devices.json"), "utf8")).toBe(previous);
  });

  it("reports a hub folder that is a file, and asks for another folder", async () => {
    writeFileSync(join(folder, "file"), "kept");
    for (const args of [["add", "pump"], ["list"]]) {
      const { exitCode, stderr } = await device(...args, "--data", "file");
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/MK1410 [\s\S]*--data/)]);
    }
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept");
  });

  it("add accepts 10,000 devices and refuses one more", async () => {
    await device("add", "pump");
    const file = join(hubFolder, "devices.json");
    const { devices } = JSON.parse(readFileSync(file, "utf8")) as { devices: object[] };
    const copies = Array.from({ length: 9_999 }, (_, index) => ({
      ...devices[0],
      name: `copy-${index}`,
      id: `11111111-2222-4333-8444-${String(index).padStart(12, "0")}`,
    }));
    writeFileSync(file, JSON.stringify({ version: 1, devices: [...devices, ...copies] }));
    const { exitCode, stderr } = await device("add", "one-more");
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/MK1417 .*10000/)]);
    expect((await device("show", "copy-9998")).exitCode).toBe(0);
  });

  it.each([
    ["{", /is not valid JSON/],
    ['{"version":1,"devices":[{"id":"7"}]}', /is not valid at devices\.0\.id/],
    ['{"version":2,"devices":[]}', /is not valid at version/],
  ])("add does not change an invalid file of devices: %s", async (text, message) => {
    await device("add", "pump");
    const file = join(hubFolder, "devices.json");
    writeFileSync(file, text);
    const { exitCode, stderr } = await device("add", "gate");
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr).toContain(file);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});

describe("motekit hub device with a running hub", () => {
  it("a device connects as soon as it is added, and is disconnected when it is disabled, renewed or removed", async () => {
    const hub = await openHub({ hubFolder, profile: "dedicated" });
    const other = await device("add", "other");
    expect(other.exitCode).toBe(0);
    const { device: pump, password = "" } = await answer("add", "pump", "--password");
    const credentials = { clientId: pump.id, username: pump.id, password };
    const first = await vi.waitFor(() => connect(hub.port, credentials), WAIT);
    await expect(connect(hub.port, { ...credentials, password: "wrong" })).rejects.toThrow(/Bad username/);
    await device("disable", "pump");
    await until("the end", () => !first.connected);
    await expect(connect(hub.port, credentials)).rejects.toThrow(/Not authorized/);
    await device("enable", "pump");
    const second = await vi.waitFor(() => connect(hub.port, credentials), WAIT);
    const renewed = await answer("renew", "pump", "--password");
    await until("the end", () => !second.connected);
    await expect(connect(hub.port, credentials)).rejects.toThrow(/Bad username/);
    const third = await connect(hub.port, { ...credentials, password: renewed.password ?? "" });
    await device("remove", "pump");
    await until("the end", () => !third.connected);
    expect(hub.events).toContainEqual(
      expect.objectContaining({ event: "disconnected", clientId: pump.id, reason: "the device was removed" }),
    );
    expect(JSON.stringify(hub.events)).not.toContain(password);
  });

  it("a hub applies at its start the changes made while it was stopped: filters and removed devices", async () => {
    const { device: pump } = await answer("add", "pump");
    const { device: gate } = await answer("add", "gate");
    const kept = { hubFolder, journalFolder: hubFolder, profile: "dedicated" } as const;
    const first = await openHub(kept);
    for (const { id } of [pump, gate]) {
      const client = await connect(first.port, { clientId: id, clean: false });
      await client.subscribeAsync("news", { qos: 1 });
      await client.endAsync();
    }
    await first.close();
    await device("set", "pump", "--subscribe-reject", "news");
    await device("remove", "gate");
    const second = await openHub(kept);
    const speaker = await answer("add", "speaker");
    const publisher = await vi.waitFor(() => connect(second.port, { clientId: speaker.device.id }), WAIT);
    await publisher.publishAsync("news", "x", { qos: 1 });
    // The sessions of the speaker and the pump.
    expect(await metricOf(second, "sessions")).toBe(2);
    expect(await metricOf(second, "queued_messages")).toBe(0);
  });

  it("a running hub keeps its devices when the file becomes invalid, and reports it", async () => {
    const { device: pump } = await answer("add", "pump");
    const problems: MotekitError[] = [];
    const hub = await openHub({
      hubFolder,
      profile: "dedicated",
      onProblem: (error) => problems.push(error),
    });
    writeFileSync(join(hubFolder, "devices.json"), "{");
    await until("the hub's report", () => problems.length > 0);
    expect(problems[0]).toMatchObject({ code: "MK1410", where: { file: join(hubFolder, "devices.json") } });
    await connect(hub.port, { clientId: pump.id });
  });

  it("a running hub keeps its devices when the file cannot be read, and reports it", async () => {
    const { device: pump } = await answer("add", "pump");
    const problems: MotekitError[] = [];
    const hub = await openHub({
      hubFolder,
      profile: "dedicated",
      onProblem: (error) => problems.push(error),
    });
    rmSync(hubFolder, { recursive: true });
    writeFileSync(hubFolder, "a file where a folder was");
    await connect(hub.port, { clientId: pump.id });
    await until("the hub's report", () => problems.length > 0);
    expect(problems.map(({ code }) => code)).toEqual(["MK1410"]);
  });

  it("a hub does not start with an invalid file of devices", async () => {
    await device("add", "pump");
    writeFileSync(join(hubFolder, "devices.json"), "[]");
    await expect(openHub({ hubFolder })).rejects.toMatchObject({ code: "MK1410" });
  });
});
