/** The settings of a board that becomes a device of the local hub: its identity and new secrets. */
import { resolve } from "node:path";
import { collectSettings, type Settings } from "../configure/settings.ts";
import type { Device } from "../hub/devices/device.ts";
import { DeviceRegistry, findDevice } from "../hub/devices/device-registry.ts";
import { type FreshCredentials, freshCertificate, freshPassword } from "../hub/devices/fresh-credentials.ts";
import type { CommandContext } from "../terminal/command-context.ts";
import { DEFAULT_HUB_FOLDER } from "./local-hub.ts";

export interface HubDevice {
  readonly settings: Settings;
  /** Stores the new secrets in the hub. To be called after the board has them; until then the old ones are valid. */
  commit(): Promise<void>;
}

/**
 * Makes new secrets of the kind that the device has: a certificate, a password, or none if its ID is enough.
 * @throws MotekitError MK1410, MK1412 there is no such device, MK1420 to MK1422.
 */
export async function hubDevice(
  context: CommandContext,
  nameOrId: string,
  data = DEFAULT_HUB_FOLDER,
): Promise<HubDevice> {
  const hubFolder = resolve(context.workingFolder, data);
  const registry = new DeviceRegistry(hubFolder);
  const device = findDevice(registry.read(), nameOrId);
  const { kept, secrets } = await credentialsFor(device, hubFolder);
  const source = `--hub-device ${device.name}`;
  const settings = collectSettings([
    ["DEVICE_ID", device.id, source],
    ["DEVICE_NAME", device.name, source],
    ["HUB_USERNAME", device.id, source],
    ["HUB_PASSWORD", secrets.password, source],
    ["HUB_CERT", secrets.certificatePem, source],
    ["HUB_KEY", secrets.keyPem, source],
  ]);
  const commit = () =>
    registry.change((devices) => {
      const found = findDevice(devices, device.id);
      const renewed = { ...found, ...kept };
      return { devices: devices.map((each) => (each === found ? renewed : each)), result: undefined };
    });
  return { settings, commit };
}

async function credentialsFor(device: Device, hubFolder: string): Promise<FreshCredentials> {
  if (device.certificate !== undefined) return freshCertificate(hubFolder, device.name);
  return device.password ? freshPassword() : { kept: {}, secrets: {} };
}
