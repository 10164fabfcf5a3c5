import {
  DEFAULT_TOPIC_PREFIX,
  parseDeviceTopic,
  STATUS_OFFLINE,
  STATUS_ONLINE,
} from "../../../firmware/contract/topics.ts";
import type { Payload } from "./text/payload.ts";

export type DeviceStatus = "online" | "offline" | "unknown";

/** The last answer of a device to a command, from this page or any other client. */
export interface Acknowledgement {
  readonly ok: boolean;
  readonly value: unknown;
  readonly error: string | undefined;
  readonly timeMs: number;
}

export interface Device {
  readonly id: string;
  status: DeviceStatus;
  /** True if the status was received on the current connection, so that it is up to date. */
  isStatusSure: boolean;
  lastSeenMs: number;
  /** The newest payload by telemetry name. */
  readonly telemetry: Map<string, Payload>;
  /** The last acknowledgement by command name. */
  readonly acknowledgements: Map<string, Acknowledgement>;
  /** Names of commands whose acknowledgement was received on the current connection. */
  readonly sureAcknowledgements: Set<string>;
}

/** Sorts pump2 before pump10. */
const ids = new Intl.Collator("en", { numeric: true });

export const DEVICES_MAX = 500;
const TELEMETRY_NAMES_MAX = 50;

export interface DeviceMessage {
  readonly topic: string;
  readonly payload: Payload;
  readonly retain: boolean;
  readonly timeMs: number;
}

/** The devices that appear in topics. */
export class KnownDevices {
  readonly #devices = new Map<string, Device>();

  sorted(): Device[] {
    return [...this.#devices.values()].sort((a, b) => ids.compare(a.id, b.id));
  }

  /** Marks all states as possibly outdated, because the connection has ended. */
  markUncertain(): void {
    for (const device of this.#devices.values()) {
      device.isStatusSure = false;
      device.sureAcknowledgements.clear();
    }
  }

  receive(message: DeviceMessage): void {
    const topic = parseDeviceTopic(DEFAULT_TOPIC_PREFIX, message.topic);
    // A command comes from another client, not from the device.
    if (!topic || topic.kind === "command") return;
    const device = this.#open(topic.deviceId);
    if (!device) return;
    // The device sent a retained message at an unknown earlier time.
    if (!message.retain) device.lastSeenMs = message.timeMs;
    if (topic.kind === "status") {
      device.status = readStatus(message.payload);
      device.isStatusSure = true;
    }
    if (topic.kind === "telemetry") keepTelemetry(device, topic.name, message.payload);
    if (topic.kind === "event") keepEvent(device, topic.name, message);
  }

  #open(id: string): Device | undefined {
    const known = this.#devices.get(id);
    if (known || this.#devices.size >= DEVICES_MAX) return known;
    const device: Device = {
      id,
      status: "unknown",
      isStatusSure: false,
      lastSeenMs: 0,
      telemetry: new Map(),
      acknowledgements: new Map(),
      sureAcknowledgements: new Set(),
    };
    this.#devices.set(id, device);
    return device;
  }
}

function readStatus(payload: Payload): DeviceStatus {
  // An app may send its status as a JSON string.
  const word = typeof payload.value === "string" ? payload.value : payload.text;
  return word === STATUS_ONLINE || word === STATUS_OFFLINE ? word : "unknown";
}

function keepTelemetry(device: Device, name: string, payload: Payload): void {
  if (device.telemetry.has(name) || device.telemetry.size < TELEMETRY_NAMES_MAX) {
    device.telemetry.set(name, payload);
  }
}

function keepEvent(device: Device, name: string, message: DeviceMessage): void {
  const value = message.payload.value;
  if (typeof value !== "object" || value === null || !("ok" in value)) return;
  if (!device.acknowledgements.has(name) && device.acknowledgements.size >= TELEMETRY_NAMES_MAX) return;
  const { ok, value: confirmed, error } = value as { ok: unknown; value?: unknown; error?: unknown };
  device.sureAcknowledgements.add(name);
  device.acknowledgements.set(name, {
    ok: ok === true,
    value: confirmed,
    error: error === undefined ? undefined : String(error),
    timeMs: message.timeMs,
  });
}
