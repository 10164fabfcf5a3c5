/**
 * Manages the devices of a hub's folder for the command line and the page. The hub need not run. A running hub follows the
 * file by itself.
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
  /** True makes a new password; false removes the password. */
  readonly password?: boolean | undefined;
  /** True issues a certificate by the hub's CA; a text is the path of the device's own certificate. */
  readonly certificate?: boolean | string | undefined;
}

/** A device and its new secrets, which the hub does not store. */
export interface Issued {
  readonly device: Device;
  readonly secrets: DeviceSecrets;
}

/**
 * Each method may throw or reject with MK1410, and methods that change something with MK1411. A device is given by its name or
 * ID; MK1412 if there is none.
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

  /** Rejects with MK1413, MK1414 or MK1417 like `newDevice`, and like `renew` if credentials cannot be made. */
  async add(
    name: string,
    {
      id,
      password,
      certificate,
      ...settings
    }: DeviceSettings & WantedCredentials & { readonly id?: string | undefined },
  ): Promise<Issued> {
    // Checked before a certificate is made for it.
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

  /** Rejects with MK1415 no credential was chosen, MK1416 the certificate cannot be read, MK1420 to MK1422 the CA failed. */
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
    message: "`motekit hub device renew` was given no credentials to renew.",
    remedy:
      "Add --password for a new password, --no-password for none, or --certificate for a new certificate.",
  });
}

/** The device without the password's hash, for output. */
export function recordOf({ password, ...device }: Device): DeviceRecord {
  return { ...device, hasPassword: password !== undefined };
}
