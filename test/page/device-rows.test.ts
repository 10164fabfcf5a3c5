/** The rows of the Devices view, the text of permissions, and the requests of the forms. */
import { describe, expect, it } from "vitest";
import type { DeviceRecord } from "../../host/control/hub-devices.ts";
import type { ClientMetrics } from "../../host/control/hub-metrics.ts";
import { blankDraft, changeOf, draftOf, newDeviceOf } from "../../host/page/devices/device-draft.ts";
import { type DeviceRow, findRows, rowsOf, sortRows } from "../../host/page/devices/device-rows.ts";
import { policyText } from "../../host/page/devices/policy-text.ts";

function device(part: Partial<DeviceRecord> = {}): DeviceRecord {
  return {
    id: "0f0e0d0c-0b0a-4908-8706-050403020100",
    name: "pump",
    isEnabled: true,
    allowsInsecure: true,
    allowsMultiple: false,
    hasPassword: false,
    ...part,
  };
}

function client(part: Partial<ClientMetrics> = {}): ClientMetrics {
  return {
    clientId: device().id,
    isConnected: false,
    connectedMs: undefined,
    endedMs: undefined,
    linkKind: "tcp",
    isOwner: false,
    connects: 0,
    refusals: 0,
    denials: 0,
    bytesIn: 0,
    bytesOut: 0,
    messagesIn: 0,
    messagesOut: 0,
    lastRefusal: undefined,
    ...part,
  };
}

const refusedAt = (atMs: number, packet = "connect") => ({
  rule: "a rule",
  remedy: "a remedy",
  atMs,
  packet,
});

describe("rows of the Devices view", () => {
  it.each<[DeviceRow["status"], Partial<DeviceRecord>, Partial<ClientMetrics> | undefined]>([
    ["never", {}, undefined],
    ["connected", {}, { isConnected: true, connects: 1, connectedMs: 5 }],
    ["connected", {}, { isConnected: true, connects: 1, lastRefusal: refusedAt(9) }],
    ["disconnected", {}, { connects: 1, endedMs: 7 }],
    ["disconnected", {}, { connects: 2, endedMs: 9, lastRefusal: refusedAt(7) }],
    ["disconnected", {}, { connects: 1, endedMs: 7, lastRefusal: refusedAt(8, "publish") }],
    ["refused", {}, { connects: 1, endedMs: 7, lastRefusal: refusedAt(8) }],
    ["refused", {}, { refusals: 1, lastRefusal: refusedAt(8) }],
    ["disabled", { isEnabled: false }, { refusals: 1, lastRefusal: refusedAt(8) }],
  ])("a device is %s: %j with %j", (status, record, counted) => {
    const { devices } = rowsOf([device(record)], counted ? [client(counted)] : []);
    expect(devices.map((row) => row.status)).toEqual([status]);
  });

  it("clients belong to devices by ID, other clients are unregistered, and the page's connections are counted", () => {
    const { devices, unregistered, pageConnections } = rowsOf(
      [device()],
      [
        client({ clientId: device().id.toUpperCase(), refusals: 1 }),
        client({ messagesIn: 3 }),
        client({ clientId: "esp32-sim" }),
        client({ clientId: "page-1", isOwner: true, isConnected: true }),
        client({ clientId: "page-2", isOwner: true }),
      ],
    );
    expect(devices.map((row) => row.client?.messagesIn)).toEqual([3]);
    expect(unregistered.map(({ id, device: known }) => [id, known])).toEqual([["esp32-sim", undefined]]);
    expect(pageConnections).toBe(1);
  });

  const rows = rowsOf(
    [
      device({ id: "a0000000-0000-4000-8000-000000000000", name: "Pump 10" }),
      device({ id: "b0000000-0000-4000-8000-000000000000", name: "pump 2" }),
      device({ id: "c0000000-0000-4000-8000-000000000000", name: "gate", isEnabled: false }),
    ],
    [
      client({ clientId: "a0000000-0000-4000-8000-000000000000", connects: 1, endedMs: 5, messagesIn: 1 }),
      client({ clientId: "b0000000-0000-4000-8000-000000000000", lastRefusal: refusedAt(9) }),
    ],
  ).devices;
  const namesOf = (found: readonly DeviceRow[]) => found.map(({ name }) => name);

  it.each([
    [{ text: " PUMP", status: "all" }, ["Pump 10", "pump 2"]],
    [{ text: "c00", status: "all" }, ["gate"]],
    [{ text: "pump", status: "disconnected" }, ["Pump 10"]],
    [{ text: "", status: "disabled" }, ["gate"]],
    [{ text: "nothing", status: "all" }, []],
  ] as const)("the search %j finds the right rows", (query, names) => {
    expect(namesOf(findRows(rows, query))).toEqual(names);
  });

  it.each([
    ["name", ["gate", "pump 2", "Pump 10"]],
    ["status", ["pump 2", "Pump 10", "gate"]],
    ["lastSeen", ["pump 2", "Pump 10", "gate"]],
    ["messages", ["Pump 10", "gate", "pump 2"]],
  ] as const)("rows are sorted by %s", (order, names) => {
    expect(namesOf(sortRows(rows, order))).toEqual(names);
  });
});

describe("text of a device's permissions", () => {
  const certificate = "AB:CD";
  it.each<[Partial<DeviceRecord>, readonly string[]]>([
    [{}, ["ID only (no password)", "One connection at a time", "Publishes and subscribes to all topics"]],
    [{ hasPassword: true }, ["Password"]],
    [{ hasPassword: true, certificate }, ["Certificate, or password without mutual TLS"]],
    [{ certificate }, ["Certificate, or ID only without mutual TLS"]],
    [{ certificate, allowsInsecure: false }, ["Certificate (mutual TLS only)"]],
    [{ allowsInsecure: false }, ["Mutual TLS only, but the device has no certificate and cannot connect"]],
    [{ allowsMultiple: true }, ["Several connections at the same time"]],
    [
      { publish: { policy: "accept", topics: ["a", "b/#"] } },
      ["Publishes to a, b/# only", "Subscribes to all topics"],
    ],
    [{ publish: { policy: "accept", topics: [] } }, ["Publishes nothing"]],
    [
      { subscribe: { policy: "reject", topics: ["a"] } },
      ["Publishes to all topics", "Subscribes to all topics except a"],
    ],
    [{ subscribe: { policy: "reject", topics: [] } }, ["Publishes and subscribes to all topics"]],
  ])("the text of %j is correct", (part, lines) => {
    expect(policyText(device(part))).toEqual(expect.arrayContaining([...lines]));
  });
});

describe("form of a device", () => {
  it("requests a new device, without an ID if the field is empty", () => {
    expect(newDeviceOf({ ...blankDraft(""), name: " pump " })).toEqual({
      name: "pump",
      password: true,
      certificate: false,
      insecure: "allow",
      multiple: "deny",
    });
    expect(newDeviceOf({ ...blankDraft(" 7 "), name: "x" }).id).toBe("7");
  });

  it("starts with the device's permissions, and sends all of them", () => {
    const current = device({
      allowsInsecure: false,
      publish: { policy: "accept", topics: ["a b", "c"] },
      subscribe: { policy: "reject", topics: [] },
    });
    expect(changeOf(current, draftOf(current))).toEqual({
      device: current.id,
      clearFilters: true,
      insecure: "deny",
      multiple: "deny",
      publishAccept: ["a b", "c"],
      subscribeReject: [],
    });
  });

  it("reads one topic filter from each line that is not empty", () => {
    const draft = { ...draftOf(device()), publish: { policy: "accept", topics: "a\r\n\n b\n " } } as const;
    expect(changeOf(device(), draft).publishAccept).toEqual(["a", " b"]);
  });
});
