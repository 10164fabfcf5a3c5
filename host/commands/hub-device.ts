/** `motekit hub device`: the devices of the local hub, whether it runs or not. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import type { CommandContext } from "../command-context.ts";
import { MotekitError } from "../errors.ts";
import type { Device } from "../hub/devices/device.ts";
import { DeviceRegistry, findDevice } from "../hub/devices/device-registry.ts";
import { type DeviceSettings, newDevice, withSettings } from "../hub/devices/device-settings.ts";
import {
  type FreshCredentials,
  freshCertificate,
  freshPassword,
  type Secrets,
} from "../hub/devices/fresh-credentials.ts";
import { DEFAULT_HUB_FOLDER } from "../local-hub.ts";

interface SharedOptions {
  readonly data?: string;
  readonly json?: true;
}

interface CredentialOptions extends SharedOptions {
  /** False: none from now on. */
  readonly password?: boolean;
  /** True: the hub's CA makes one; else the path of the device's own. */
  readonly certificate?: boolean | string;
}

export function hubDeviceCommand(context: CommandContext): Command {
  const device = new Command("device").description("the devices of the local hub, also while it runs");
  const subcommand = (name: string, description: string) =>
    device
      .command(name)
      .description(description)
      .option("--data <folder>", `the hub's folder (default: ${DEFAULT_HUB_FOLDER})`)
      .option("--json", "print a line of JSON");

  credentialOptions(settingOptions(subcommand("add <name>", "add a device; its secrets are shown this once")))
    .option("--id <uuid>", "its ID (default: a new one)")
    .action((name: string, options: CredentialOptions & DeviceSettings & { readonly id?: string }) =>
      addDevice(context, name, options),
    );
  subcommand("list", "list the devices").action((options: SharedOptions) => listDevices(context, options));
  subcommand("show <device>", "show a device, by its name or ID").action(
    (name: string, options: SharedOptions) => showDevice(context, name, options),
  );
  settingOptions(subcommand("set <device>", "change what a device may"))
    .option("--clear-filters", "take its message filters away")
    .action((name: string, options: SharedOptions & DeviceSettings) =>
      changeDevice(context, name, options, "changed", (found) => withSettings(found, options)),
    );
  credentialOptions(
    subcommand("renew <device>", "give a device new secrets, which are shown this once"),
  ).action((name: string, options: CredentialOptions) => renewDevice(context, name, options));
  for (const isEnabled of [true, false]) {
    const [verb, done] = isEnabled ? ["enable", "enabled"] : ["disable", "disabled"];
    subcommand(`${verb} <device>`, isEnabled ? "let a device in again" : "let a device in no more").action(
      (name: string, options: SharedOptions) =>
        changeDevice(context, name, options, done as string, (found) => ({ ...found, isEnabled })),
    );
  }
  subcommand("remove <device>", "remove a device").action((name: string, options: SharedOptions) =>
    removeDevice(context, name, options),
  );
  return device;
}

function settingOptions(command: Command): Command {
  const allowOrDeny = (flags: string, description: string) =>
    new Option(flags, description).choices(["allow", "deny"]);
  return command
    .addOption(allowOrDeny("--insecure <rule>", "connections without its certificate"))
    .addOption(allowOrDeny("--multiple <rule>", "several connections of it at once"))
    .option(
      "--publish-accept <filter...>",
      "topics that it may publish to, and no others; {{device.id}} stands for its ID",
    )
    .option("--publish-reject <filter...>", "topics that it may not publish to")
    .option("--subscribe-accept <filter...>", "topics that it may subscribe to, and no others")
    .option("--subscribe-reject <filter...>", "topics that it may not subscribe to");
}

function credentialOptions(command: Command): Command {
  return command
    .option("--password", "make it a password")
    .option("--no-password", "let its ID be enough")
    .option("--certificate [file]", "make it a certificate of the hub's CA, or take the one in a file (PEM)");
}

function registryOf(context: CommandContext, { data = DEFAULT_HUB_FOLDER }: SharedOptions): DeviceRegistry {
  return new DeviceRegistry(resolve(context.workingFolder, data));
}

async function addDevice(
  context: CommandContext,
  name: string,
  options: CredentialOptions & DeviceSettings & { readonly id?: string },
): Promise<void> {
  const registry = registryOf(context, options);
  // Before a certificate is made for it.
  newDevice(registry.read(), name, options);
  const credentials = await makeCredentials(context, name, options);
  const device = await registry.change((devices) => {
    const added = { ...newDevice(devices, name, options), ...credentials.kept };
    return { devices: [...devices, added], result: added };
  });
  report(context, options, "added", device, credentials.secrets);
}

async function renewDevice(context: CommandContext, name: string, options: CredentialOptions): Promise<void> {
  if (options.password === undefined && options.certificate === undefined) {
    throw new MotekitError({
      code: "MK1415",
      message: "It is not said what is to be renewed.",
      remedy: "Give --password, --no-password, --certificate, or two of them.",
    });
  }
  const registry = registryOf(context, options);
  const { name: commonName } = findDevice(registry.read(), name);
  const credentials = await makeCredentials(context, commonName, options);
  const { password: _, ...withoutPassword } = credentials.kept;
  const change = (device: Device): Device => {
    if (options.password !== false) return { ...device, ...credentials.kept };
    const { password: _earlier, ...rest } = device;
    return { ...rest, ...withoutPassword };
  };
  await changeDevice(context, name, options, "renewed", change, credentials.secrets);
}

async function changeDevice(
  context: CommandContext,
  name: string,
  options: SharedOptions,
  done: string,
  change: (device: Device) => Device,
  secrets: Secrets = {},
): Promise<void> {
  const device = await registryOf(context, options).change((devices) => {
    const found = findDevice(devices, name);
    const result = change(found);
    return { devices: devices.map((each) => (each === found ? result : each)), result };
  });
  report(context, options, done, device, secrets);
}

async function removeDevice(context: CommandContext, name: string, options: SharedOptions): Promise<void> {
  const device = await registryOf(context, options).change((devices) => {
    const result = findDevice(devices, name);
    return { devices: devices.filter((each) => each !== result), result };
  });
  report(context, options, "removed", device, {});
}

async function makeCredentials(
  context: CommandContext,
  commonName: string,
  { password, certificate, data = DEFAULT_HUB_FOLDER }: CredentialOptions,
): Promise<FreshCredentials> {
  const parts = [
    password ? freshPassword() : NOTHING,
    certificate === true ? await freshCertificate(resolve(context.workingFolder, data), commonName) : NOTHING,
    typeof certificate === "string"
      ? { kept: { certificate: readFingerprint(resolve(context.workingFolder, certificate)) }, secrets: {} }
      : NOTHING,
  ];
  return {
    kept: Object.assign({}, ...parts.map(({ kept }) => kept)) as FreshCredentials["kept"],
    secrets: Object.assign({}, ...parts.map(({ secrets }) => secrets)) as Secrets,
  };
}

const NOTHING: FreshCredentials = { kept: {}, secrets: {} };

function readFingerprint(file: string): string {
  try {
    return new X509Certificate(readFileSync(file)).fingerprint256;
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1416",
        message: `The device's certificate ${file} cannot be read: ${(cause as Error).message}.`,
        where: { file },
        remedy: "Give a certificate in PEM or DER, or --certificate alone: then the hub's CA makes one.",
      },
      { cause },
    );
  }
}

/** For JSON: all of it but the password's hash. */
function recordOf({ password, ...device }: Device): Record<string, unknown> {
  return { ...device, hasPassword: password !== undefined };
}

function report(
  context: CommandContext,
  { json }: SharedOptions,
  done: string,
  device: Device,
  { password, certificatePem, keyPem }: Secrets,
): void {
  if (json) {
    context.print(JSON.stringify({ ok: true, device: recordOf(device), password, certificatePem, keyPem }));
    return;
  }
  context.print(`${pc.green("✓")} ${device.name} ${done}`);
  if (done !== "removed") printDevice(context, device);
  if (password === undefined && keyPem === undefined) return;
  context.print("");
  context.print(pc.yellow("Shown this once, and kept nowhere:"));
  if (password !== undefined) context.print(`password     ${password}`);
  if (certificatePem !== undefined) context.print(certificatePem.trimEnd());
  if (keyPem !== undefined) context.print(keyPem.trimEnd());
}

function printDevice(context: CommandContext, device: Device): void {
  context.print(`ID           ${device.id}`);
  context.print(`status       ${device.isEnabled ? "enabled" : "disabled"}`);
  context.print(`password     ${device.password ? "set" : "none: its ID is enough"}`);
  context.print(`certificate  ${device.certificate ?? "none"}`);
  context.print(`insecure     ${device.allowsInsecure ? "allowed" : "denied: mutual TLS alone"}`);
  context.print(`multiple     ${device.allowsMultiple ? "several connections at once" : "one connection"}`);
  for (const packet of ["publish", "subscribe"] as const) {
    const filter = device[packet];
    const what = filter ? `${filter.policy}s ${filter.topics.join(", ") || "nothing"}` : "all topics";
    context.print(`${packet.padEnd(12)} ${what}`);
  }
}

function showDevice(context: CommandContext, name: string, options: SharedOptions): void {
  const device = findDevice(registryOf(context, options).read(), name);
  if (options.json) {
    context.print(JSON.stringify({ ok: true, device: recordOf(device) }));
    return;
  }
  context.print(pc.bold(device.name));
  printDevice(context, device);
}

function listDevices(context: CommandContext, options: SharedOptions): void {
  const devices = registryOf(context, options).read();
  if (options.json) {
    context.print(JSON.stringify({ ok: true, devices: devices.map(recordOf) }));
    return;
  }
  if (devices.length === 0) context.print("No device yet. Add one: motekit hub device add NAME");
  const width = Math.max(0, ...devices.map(({ name }) => name.length));
  for (const device of devices) {
    const marks = [
      device.isEnabled ? "" : "disabled",
      device.password ? "password" : "",
      device.certificate === undefined ? "" : "certificate",
      device.allowsInsecure ? "" : "mutual TLS",
      device.publish || device.subscribe ? "filters" : "",
    ];
    context.print(
      `${device.name.padEnd(width)}  ${device.id}  ${marks.filter((mark) => mark !== "").join(", ")}`,
    );
  }
}
