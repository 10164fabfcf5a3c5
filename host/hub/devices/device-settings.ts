/** Applies a person's settings to a new or an existing device. */
import { randomUUID } from "node:crypto";
import type { DeviceSettings } from "../../control/hub-devices.ts";
import { MotekitError } from "../../errors.ts";
import { DEVICES_MAX, type Device, deviceSchema, type MessageFilter } from "./device.ts";

/** @throws MotekitError MK1413 a setting is not valid, MK1414 name or ID are in use, MK1417 there are too many devices. */
export function newDevice(
  devices: readonly Device[],
  name: string,
  { id = randomUUID(), ...settings }: DeviceSettings & { readonly id?: string | undefined },
): Device {
  const blank: Device = { id, name, isEnabled: true, allowsInsecure: true, allowsMultiple: false };
  const device = withSettings(blank, settings);
  if (devices.length >= DEVICES_MAX) {
    throw new MotekitError({
      code: "MK1417",
      message: `The hub already has ${devices.length} devices, the same maximum as on Scaleway IoT Hub.`,
      remedy: "Remove a device with `motekit hub device remove NAME`, or use another hub folder with --data.",
    });
  }
  const taken = devices.find((other) => other.name === device.name || other.id === device.id);
  if (!taken) return device;
  throw new MotekitError({
    code: "MK1414",
    message: `The hub already has a device "${taken.name}" with the ID ${taken.id}.`,
    remedy:
      "Choose another name and ID, or change that device with `motekit hub device set`, `renew` or `remove`.",
  });
}

/** @throws MotekitError MK1413 a setting is not valid. */
export function withSettings(device: Device, settings: DeviceSettings): Device {
  const { publish, subscribe, ...rest } = device;
  const filters = settings.clearFilters ? {} : withoutUndefined({ publish, subscribe });
  return checked({
    ...rest,
    ...filters,
    ...withoutUndefined({
      allowsInsecure: settings.insecure && settings.insecure === "allow",
      allowsMultiple: settings.multiple && settings.multiple === "allow",
      publish: filterOf("publish", settings.publishAccept, settings.publishReject),
      subscribe: filterOf("subscribe", settings.subscribeAccept, settings.subscribeReject),
    }),
  });
}

function filterOf(
  packet: string,
  accepted: readonly string[] | undefined,
  rejected: readonly string[] | undefined,
): MessageFilter | undefined {
  if (accepted && rejected) {
    throw badSetting(
      `The ${packet} filter has both accepted and rejected topics`,
      `Use either --${packet}-accept or --${packet}-reject.`,
    );
  }
  if (accepted) return { policy: "accept", topics: [...accepted] };
  return rejected && { policy: "reject", topics: [...rejected] };
}

function withoutUndefined<Value extends object>(value: Value): Partial<Value> {
  const present = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(present) as Partial<Value>;
}

function checked(device: unknown): Device {
  const parsed = deviceSchema.safeParse(device);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    device,
  );
  const what = `The device's ${path.join(".")} ${JSON.stringify(value)} is not valid: ${issue?.message}`;
  const field = String(path[0]);
  throw badSetting(what, FIELD_REMEDIES[field] ?? FILTER_REMEDY);
}

const FILTER_REMEDY =
  "In a topic filter, + and # must each stand alone between slashes, and # must come last (MQTT 3.1.1, section 4.7).";
const FIELD_REMEDIES: Readonly<Record<string, string>> = {
  id: "Use a UUID, or omit --id.",
  name: "Choose a name without these characters.",
};

function badSetting(what: string, remedy: string): MotekitError {
  return new MotekitError({ code: "MK1413", message: `${what}.`, remedy });
}
