/**
 * What a person does with the devices of a hub's folder, by the command line or the page, whether the hub runs or not. A hub
 * that runs follows the file by itself.
 */
import type { DeviceChange, DeviceRecord, DeviceSecrets, DeviceSettings } from "../../control/hub-devices.ts";
import { MotekitError } from "../../errors.ts";
import type { Device } from "./device.ts";
import { DeviceRegistry, findDevice } from "./device-registry.ts";
import { newDevice, withSettings } from "./device-settings.ts";
import {
  type FreshCredentials,
  freshCertificate,
  freshPassword,
  ownCertificate,
} from "./fresh-credentials.ts";

export interface WantedCredentials {
  /** True: the hub makes one; false: none from now on. */
  readonly password?: boolean | undefined;
  /** True: the hub's CA makes one; else the path of the device's own. */
  readonly certificate?: boolean | string | undefined;
}

/** A device, and the secrets that it got: they are kept nowhere. */
export interface Issued {
  readonly device: Device;
  readonly secrets: DeviceSecrets;
}

/**
 * Each method may throw or reject with MK1410, and what changes something with MK1411. Where a device is named, its name or ID
 * will do, and MK1412 says that there is none.
 */
export class DeviceManager {
  readonly #registry: DeviceRegistry;
  readonly #hubFolder: string;

  constructor(hubFolder: string) {
    this.#hubFolder = hubFolder;
    this.#registry = new DeviceRegistry(hubFolder);
  }

  list(): Device[] {
    return this.#registry.read();
  }

  find(nameOrId: string): Device {
    return findDevice(this.#registry.read(), nameOrId);
  }

  /** Rejects with MK1413, MK1414 or MK1417 as `newDevice`, and as `renew` where credentials cannot be had. */
  async add(
    name: string,
    {
      id,
      password,
      certificate,
      ...settings
    }: DeviceSettings & WantedCredentials & { readonly id?: string | undefined },
  ): Promise<Issued> {
    // Before a certificate is made for it.
    newDevice(this.#registry.read(), name, { id, ...settings });
    const { kept, secrets } = await this.#makeCredentials(name, { password, certificate });
    const device = await this.#registry.change((devices) => {
      const added = { ...newDevice(devices, name, { id, ...settings }), ...kept };
      return { devices: [...devices, added], result: added };
    });
    return { device, secrets };
  }

  /** Rejects with MK1413. */
  change(nameOrId: string, { isEnabled, ...settings }: Omit<DeviceChange, "device">): Promise<Device> {
    return this.#replace(nameOrId, (found) => {
      const changed = withSettings(found, settings);
      return isEnabled === undefined ? changed : { ...changed, isEnabled };
    });
  }

  /** Rejects with MK1415 nothing is to be renewed, MK1416 the certificate cannot be read, MK1420 to MK1422 the CA makes none. */
  async renew(nameOrId: string, wanted: WantedCredentials): Promise<Issued> {
    if (wanted.password === undefined && !wanted.certificate) throw nothingToRenew();
    const { kept, secrets } = await this.#makeCredentials(this.find(nameOrId).name, wanted);
    const device = await this.#replace(nameOrId, (found) => {
      if (wanted.password !== false) return { ...found, ...kept };
      const { password: _, ...withoutPassword } = found;
      return { ...withoutPassword, ...kept };
    });
    return { device, secrets };
  }

  remove(nameOrId: string): Promise<Device> {
    return this.#registry.change((devices) => {
      const result = findDevice(devices, nameOrId);
      return { devices: devices.filter((each) => each !== result), result };
    });
  }

  #replace(nameOrId: string, change: (device: Device) => Device): Promise<Device> {
    return this.#registry.change((devices) => {
      const found = findDevice(devices, nameOrId);
      const result = change(found);
      return { devices: devices.map((each) => (each === found ? result : each)), result };
    });
  }

  async #makeCredentials(
    commonName: string,
    { password, certificate }: WantedCredentials,
  ): Promise<FreshCredentials> {
    const parts = [
      password ? freshPassword() : NOTHING,
      certificate === true ? await freshCertificate(this.#hubFolder, commonName) : NOTHING,
      typeof certificate === "string" ? ownCertificate(certificate) : NOTHING,
    ];
    return {
      kept: Object.assign({}, ...parts.map(({ kept }) => kept)) as FreshCredentials["kept"],
      secrets: Object.assign({}, ...parts.map(({ secrets }) => secrets)) as DeviceSecrets,
    };
  }
}

const NOTHING: FreshCredentials = { kept: {}, secrets: {} };

function nothingToRenew(): MotekitError {
  return new MotekitError({
    code: "MK1415",
    message: "It is not said what is to be renewed.",
    remedy: "Give --password, --no-password, --certificate, or two of them.",
  });
}

/** For whoever reads it: all of it but the password's hash. */
export function recordOf({ password, ...device }: Device): DeviceRecord {
  return { ...device, hasPassword: password !== undefined };
}
