/** The devices of a running hub, from the file's present content or, if that is not valid, from its last valid content. */
import { MotekitError } from "../../errors.ts";
import type { Device } from "./device.ts";
import type { DeviceRegistry } from "./device-registry.ts";

const POLL_MS = 500;

export interface DeviceListener {
  /** A device may no longer be connected, for the reason given. */
  readonly onRevoked: (id: string, reason: string) => void;
  /** The message filters of a device have changed. */
  readonly onRefiltered: (id: string) => void;
  /** The file is not valid; the devices stay as they were. */
  readonly onBroken: (error: MotekitError) => void;
}

export class LiveDevices {
  readonly #registry: DeviceRegistry;
  #listener: DeviceListener | undefined;
  #devices: ReadonlyMap<string, Device>;
  #version: string;
  #poll: NodeJS.Timeout | undefined;
  #reportedProblem: string | undefined;
  #revision = 0;

  /** @throws MotekitError MK1410 the file is not valid. */
  constructor(registry: DeviceRegistry) {
    this.#registry = registry;
    this.#version = this.#readVersion();
    this.#devices = byId(registry.read());
  }

  /** Follows the file until `close`. */
  watch(listener: DeviceListener): void {
    this.#listener = listener;
    this.#poll = setInterval(() => this.refresh(), POLL_MS);
  }

  get(id: string): Device | undefined {
    return this.#devices.get(id);
  }

  /** A number that grows with each change. */
  get revision(): number {
    return this.#revision;
  }

  all(): Iterable<Device> {
    return this.#devices.values();
  }

  close(): void {
    clearInterval(this.#poll);
  }

  /** Reads the file again if it has changed. */
  refresh(): void {
    try {
      const version = this.#readVersion();
      if (version === this.#version) return;
      this.#version = version;
      this.#replace(byId(this.#registry.read()));
    } catch (error) {
      if (!(error instanceof MotekitError)) throw error;
      this.#reportBroken(error);
    }
  }

  /** Reports each problem once, until the file changes. */
  #reportBroken(error: MotekitError): void {
    if (error.message === this.#reportedProblem) return;
    this.#reportedProblem = error.message;
    this.#listener?.onBroken(error);
  }

  /** The version of the file, which is always replaced and never written into. */
  #readVersion(): string {
    const stat = this.#registry.stat();
    return stat ? `${stat.ino} ${stat.mtimeMs} ${stat.size}` : "";
  }

  #replace(devices: ReadonlyMap<string, Device>): void {
    const earlier = this.#devices;
    this.#devices = devices;
    this.#revision++;
    this.#reportedProblem = undefined;
    for (const before of earlier.values()) {
      const after = devices.get(before.id);
      const reason = revocation(before, after);
      if (reason !== undefined) this.#listener?.onRevoked(before.id, reason);
      else if (after && filtersOf(before) !== filtersOf(after)) this.#listener?.onRefiltered(before.id);
    }
    // An unknown client may be connected with the ID of a device that is new.
    for (const { id } of devices.values()) {
      if (!earlier.has(id)) this.#listener?.onRevoked(id, "the device was added");
    }
  }
}

function byId(devices: readonly Device[]): ReadonlyMap<string, Device> {
  return new Map(devices.map((device) => [device.id, device]));
}

function revocation(before: Device, after: Device | undefined): string | undefined {
  if (!after) return "the device was removed";
  if (before.isEnabled && !after.isEnabled) return "the device was disabled";
  if (before.certificate !== after.certificate) return "the device's certificate was renewed";
  if (before.password?.sha256 !== after.password?.sha256) return "the device's password was renewed";
  if (before.allowsInsecure && !after.allowsInsecure)
    return "the device may no longer connect without its certificate";
  if (before.allowsMultiple && !after.allowsMultiple)
    return "the device may no longer have several connections at once";
  return undefined;
}

function filtersOf({ id, name, publish, subscribe }: Device): string {
  return JSON.stringify([id, name, publish, subscribe]);
}
