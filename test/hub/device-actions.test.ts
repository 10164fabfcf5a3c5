/** The page's actions on a hub's devices, asked by HTTP as any program with the token could. */
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeviceRecord, HubDevices, IssuedDevice } from "../../host/control/hub-devices.ts";
import type { ClientMetrics, HubMetrics } from "../../host/control/hub-metrics.ts";
import { DeviceManager } from "../../host/hub/devices/device-manager.ts";
import type { HubOptions } from "../../host/hub/hub.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";
import { until } from "../fixtures/waiting.ts";

/** A hub that runs looks at the file twice a second. */
const WAIT = { timeout: 45_000, interval: 50 };

const ID = "0f0e0d0c-0b0a-4908-8706-050403020100";

let hubFolder: string;
const clients: MqttClient[] = [];
beforeEach(() => {
  hubFolder = mkdtempSync(join(tmpdir(), "motekit-device-actions-"));
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
  rmSync(hubFolder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function post(hub: TestHub, action: string, argument?: unknown): Promise<Answer> {
  const response = await fetch(`${hub.pageUrl}control/${action}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${hub.pageLink.split("#token=")[1]}` },
    body: argument === undefined ? "" : JSON.stringify(argument),
  });
  return { status: response.status, text: await response.text() };
}

/** Returns the answer of an action that succeeds. */
async function ask<Value>(hub: TestHub, action: string, argument?: unknown): Promise<Value> {
  const { status, text } = await post(hub, action, argument);
  expect([status, text]).toEqual([200, text]);
  return JSON.parse(text) as Value;
}

async function codeOf(hub: TestHub, action: string, argument?: unknown): Promise<string> {
  const { status, text } = await post(hub, action, argument);
  const [problem] = (JSON.parse(text) as { problems: { code: string; message: string; remedy: string }[] })
    .problems;
  expect(status).toBe(422);
  expect(problem?.remedy).not.toBe("");
  return `${problem?.code} ${problem?.message}`;
}

const open = (options: Partial<HubOptions> = {}) =>
  openHub({ hubFolder, profile: "dedicated", control: {}, ...options });

async function connect(hub: TestHub, options: mqtt.IClientOptions): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0, ...options });
  clients.push(client);
  return client;
}

function keptText(): string {
  return readFileSync(join(hubFolder, "devices.json"), "utf8");
}

describe("the devices of a running hub", () => {
  it("are added with secrets that are shown once, accepted at once, and listed without a hash", async () => {
    const hub = await open();
    expect(await ask(hub, "devices")).toEqual({ profile: "dedicated", devices: [] });
    const wanted = { name: "pump", id: ID, password: true, certificate: true, publishAccept: ["pumps/#"] };
    const { device, secrets } = await ask<IssuedDevice>(hub, "addDevice", wanted);
    expect(device).toEqual({
      id: ID,
      name: "pump",
      isEnabled: true,
      allowsInsecure: true,
      allowsMultiple: false,
      hasPassword: true,
      certificate: new X509Certificate(secrets.certificatePem ?? "").fingerprint256,
      publish: { policy: "accept", topics: ["pumps/#"] },
    });
    await connect(hub, { clientId: ID, username: ID, password: secrets.password ?? "" });
    const listed = await post(hub, "devices");
    expect(JSON.parse(listed.text)).toEqual({ profile: "dedicated", devices: [device] });
    const { salt, sha256 } = JSON.parse(keptText()).devices[0].password;
    const answers = [listed, await post(hub, "changeDevice", { device: ID }), await post(hub, "metrics")];
    for (const { text } of answers) {
      for (const secret of [salt, sha256, secrets.password, "PRIVATE KEY"])
        expect(text).not.toContain(secret);
    }
    expect(keptText()).not.toContain(secrets.password);
  });

  it("are disconnected with the reason when they are disabled, and accepted again when they are enabled", async () => {
    const hub = await open();
    await ask(hub, "addDevice", { name: "pump", id: ID });
    const client = await connect(hub, { clientId: ID });
    const disabled = await ask<DeviceRecord>(hub, "changeDevice", { device: "pump", isEnabled: false });
    expect(disabled.isEnabled).toBe(false);
    expect((await ask<HubMetrics>(hub, "metrics")).clients).toMatchObject([
      { clientId: ID, isConnected: false },
    ]);
    await until("the end", () => !client.connected);
    await expect(connect(hub, { clientId: ID })).rejects.toThrow(/Not authorized/);
    const { clients: counted } = await ask<HubMetrics>(hub, "metrics");
    expect(counted).toMatchObject([
      {
        clientId: ID,
        isConnected: false,
        linkKind: "tcp",
        lastRefusal: { rule: 'the device "pump" is disabled' },
      },
    ]);
    await ask(hub, "changeDevice", { device: ID, isEnabled: true });
    await connect(hub, { clientId: ID });
  });

  it("get new permissions, and keep the settings that a request leaves out", async () => {
    const hub = await open();
    await ask(hub, "addDevice", {
      name: "pump",
      password: true,
      publishAccept: ["a"],
      subscribeReject: ["b/#"],
    });
    const kept = JSON.parse(keptText()).devices[0].password;
    const changed = await ask<DeviceRecord>(hub, "changeDevice", {
      device: "pump",
      insecure: "deny",
      multiple: "allow",
      clearFilters: true,
      subscribeAccept: ["c/+"],
    });
    expect(changed).toMatchObject({
      isEnabled: true,
      allowsInsecure: false,
      allowsMultiple: true,
      hasPassword: true,
      subscribe: { policy: "accept", topics: ["c/+"] },
    });
    expect(changed.publish).toBeUndefined();
    expect(JSON.parse(keptText()).devices[0].password).toEqual(kept);
  });

  it("get new secrets, and the old ones are not valid any more", async () => {
    const hub = await open();
    const first = await ask<IssuedDevice>(hub, "addDevice", { name: "pump", id: ID, password: true });
    const second = await ask<IssuedDevice>(hub, "renewDevice", { device: "pump", password: true });
    expect(Object.keys(second.secrets)).toEqual(["password"]);
    const by = (password = "") => connect(hub, { clientId: ID, username: ID, password });
    await expect(by(first.secrets.password)).rejects.toThrow(/Bad username/);
    const client = await by(second.secrets.password);
    const third = await ask<IssuedDevice>(hub, "renewDevice", { device: "pump", certificate: true });
    await until("the end", () => !client.connected);
    expect(third.device).toMatchObject({ hasPassword: true, certificate: expect.any(String) });
    expect(new X509Certificate(third.secrets.certificatePem ?? "").subject).toContain("CN=pump");
    const without = await ask<IssuedDevice>(hub, "renewDevice", { device: "pump", password: false });
    expect([without.device.hasPassword, without.secrets]).toEqual([false, {}]);
    expect(without.device.certificate).toBe(third.device.certificate);
  });

  it("lose all their connections when several are no longer allowed", async () => {
    const hub = await open();
    await ask(hub, "addDevice", { name: "pump", id: ID, multiple: "allow" });
    const both = [await connect(hub, { clientId: ID }), await connect(hub, { clientId: ID })];
    expect(both.map(({ connected }) => connected)).toEqual([true, true]);
    await ask(hub, "changeDevice", { device: "pump", multiple: "deny" });
    await until("both ends", () => both.every(({ connected }) => !connected));
    const first = await connect(hub, { clientId: ID });
    await connect(hub, { clientId: ID });
    await until("the takeover", () => !first.connected);
  });

  it("are gone when they are removed", async () => {
    const hub = await open();
    await ask(hub, "addDevice", { name: "pump", id: ID });
    const client = await connect(hub, { clientId: ID });
    expect(await ask(hub, "removeDevice", { device: ID })).toMatchObject({ id: ID, name: "pump" });
    await until("the end", () => !client.connected);
    expect((await ask<HubDevices>(hub, "devices")).devices).toEqual([]);
    expect(await codeOf(hub, "removeDevice", { device: ID })).toContain("MK1412");
  });

  it("are counted in revisions, so that the page asks for them only when they changed", async () => {
    const hub = await open();
    const revision = async () => (await ask<HubMetrics>(hub, "metrics")).deviceRevision;
    const before = await revision();
    expect(await revision()).toBe(before);
    await new DeviceManager(hubFolder).add("beside", {});
    await expect.poll(revision, WAIT).toBeGreaterThan(before);
    expect((await ask<HubDevices>(hub, "devices")).devices).toMatchObject([{ name: "beside" }]);
  });

  it("are named in the event when their user name is refused", async () => {
    const hub = await open();
    await ask(hub, "addDevice", { name: "pump", id: ID, password: true });
    const mistaken = { clientId: "any", username: ID.toUpperCase(), password: "wrong" };
    await expect(connect(hub, mistaken)).rejects.toThrow(/Bad username/);
    const { clients: counted } = await ask<HubMetrics>(hub, "metrics");
    expect(counted).toMatchObject([{ clientId: ID, refusals: 1, lastRefusal: { packet: "connect" } }]);
  });

  it.each<[string, unknown, string]>([
    ["addDevice", { name: "pump", id: "7" }, 'MK1413 The device\'s id "7" is not valid'],
    ["addDevice", { name: "a/b" }, 'MK1413 The device\'s name "a/b" is not valid'],
    ["addDevice", { name: "taken" }, 'MK1414 The hub already has a device "taken"'],
    [
      "addDevice",
      { name: "x", publishAccept: ["a"], publishReject: ["b"] },
      "MK1413 The publish filter has both",
    ],
    ["addDevice", { name: "x", certificate: "/etc/passwd" }, "MK1404"],
    ["addDevice", { name: "x", admin: true }, "MK1404"],
    ["addDevice", { name: 7 }, "MK1404 The argument of the action addDevice is not valid at name"],
    ["addDevice", undefined, "MK1404"],
    ["addDevice", [], "MK1404"],
    ["changeDevice", { device: "nobody", isEnabled: true }, 'MK1412 The hub has no device "nobody"'],
    ["changeDevice", { device: "taken", isEnabled: "no" }, "MK1404"],
    ["changeDevice", { device: "taken", insecure: "maybe" }, "MK1404"],
    ["changeDevice", { device: "taken", publishAccept: ["a/#/b"] }, "MK1413"],
    ["changeDevice", { device: "taken", password: { salt: "", sha256: "" } }, "MK1404"],
    ["renewDevice", { device: "taken" }, "MK1415"],
    ["renewDevice", { device: "taken", certificate: false }, "MK1415"],
    ["renewDevice", { device: "taken", certificate: "own.pem" }, "MK1404"],
    ["removeDevice", { device: null }, "MK1404"],
    ["removeDevice", "taken", "MK1404"],
  ])("refuse %s of %j, and nothing changes", async (action, argument, message) => {
    const hub = await open();
    await ask(hub, "addDevice", { name: "taken" });
    const before = keptText();
    expect(await codeOf(hub, action, argument)).toContain(message);
    expect(keptText()).toBe(before);
  });

  it("can only be changed with the token", async () => {
    const hub = await open();
    const response = await fetch(`${hub.pageUrl}control/addDevice`, { method: "POST", body: '{"name":"x"}' });
    expect(response.status).toBe(401);
    expect(existsSync(join(hubFolder, "devices.json"))).toBe(false);
  });

  it("stay as they are when their file is broken, and the hub still lists the ones that it uses", async () => {
    const hub = await open();
    await ask(hub, "addDevice", { name: "pump" });
    writeFileSync(join(hubFolder, "devices.json"), "{");
    expect(await codeOf(hub, "addDevice", { name: "gate" })).toContain("MK1410");
    expect((await ask<HubDevices>(hub, "devices")).devices).toMatchObject([{ name: "pump" }]);
    expect(keptText()).toBe("{");
  });
});

describe("clients that are not devices", () => {
  it("are listed with their network and their end, and the page's own are marked", async () => {
    const hub = await open({ profile: "open" });
    const stranger = await connect(hub, { clientId: "stranger" });
    await stranger.endAsync();
    const password = hub.pageLink.split("#token=")[1] ?? "";
    const page = await mqtt.connectAsync(`ws://127.0.0.1:${hub.wsPort}/mqtt`, {
      clientId: "page-x",
      username: "page",
      password,
      reconnectPeriod: 0,
    });
    clients.push(page);
    const counted = async () => (await ask<HubMetrics>(hub, "metrics")).clients;
    await expect.poll(async () => (await counted())[0], WAIT).toMatchObject({ isConnected: false });
    const byId = new Map(
      (await counted()).map((client): [string, ClientMetrics] => [client.clientId, client]),
    );
    expect(byId.get("stranger")).toMatchObject({
      linkKind: "tcp",
      isOwner: false,
      endedMs: expect.any(Number),
    });
    expect(byId.get("page-x")).toMatchObject({ linkKind: "websocket", isOwner: true, isConnected: true });
    expect(byId.get("page-x")?.endedMs).toBeUndefined();
  });

  it("are the only clients of a hub without a folder, which lists no devices and adds none", async () => {
    const hub = await openHub({ control: {} });
    expect(await ask(hub, "devices")).toEqual({ profile: "open" });
    expect((await post(hub, "addDevice", { name: "x" })).status).toBe(404);
  });
});
