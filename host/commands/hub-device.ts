/** `motekit hub device`: manages the devices of the local hub, whether the hub is running or not. */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import type { DeviceChange, DeviceSecrets, DeviceSettings } from "../control/hub-devices.ts";
import type { Device } from "../hub/devices/device.ts";
import { DeviceManager, recordOf, type WantedCredentials } from "../hub/devices/device-manager.ts";
import { DEFAULT_HUB_FOLDER } from "../local-hub/local-hub.ts";
import type { CommandContext } from "../terminal/command-context.ts";

interface SharedOptions {
  readonly data?: string;
  readonly json?: true;
}

interface CredentialOptions extends SharedOptions {
  /** True makes a new password, false removes it. */
  readonly password?: boolean;
  /** True has the hub's CA issue a certificate. A string is the path of an existing one. */
  readonly certificate?: boolean | string;
}

export function hubDeviceCommand(context: CommandContext): Command {
  const device = new Command("device").description(
    "list, add and change the devices of the local hub, even while it is running",
  );
  const subcommand = (name: string, description: string) =>
    device
      .command(name)
      .description(description)
      .option("--data <folder>", `the hub's folder (default: ${DEFAULT_HUB_FOLDER})`)
      .option("--json", "print the result as JSON");

  credentialOptions(
    settingOptions(subcommand("add <name>", "add a device, and show its secrets, which are not shown again")),
  )
    .option("--id <uuid>", "the device's ID (default: a new random one)")
    .action((name: string, options: CredentialOptions & DeviceSettings & { readonly id?: string }) =>
      addDevice(context, name, options),
    );
  subcommand("list", "list the devices").action((options: SharedOptions) => listDevices(context, options));
  subcommand("show <device>", "show a device, given by name or ID").action(
    (name: string, options: SharedOptions) => showDevice(context, name, options),
  );
  settingOptions(subcommand("set <device>", "change a device's permissions"))
    .option("--clear-filters", "remove its message filters")
    .action((name: string, options: SharedOptions & DeviceSettings) =>
      changeDevice(context, name, options, "changed", options),
    );
  credentialOptions(
    subcommand("renew <device>", "give a device new secrets, and show them, which happens only once"),
  ).action((name: string, options: CredentialOptions) => renewDevice(context, name, options));
  for (const isEnabled of [true, false]) {
    const [verb, done] = isEnabled ? ["enable", "enabled"] : ["disable", "disabled"];
    subcommand(
      `${verb} <device>`,
      isEnabled ? "allow a device to connect again" : "refuse a device's connections",
    ).action((name: string, options: SharedOptions) =>
      changeDevice(context, name, options, done as string, { isEnabled }),
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
    .addOption(allowOrDeny("--insecure <rule>", "allow or deny connections without mutual TLS"))
    .addOption(allowOrDeny("--multiple <rule>", "allow or deny several connections at the same time"))
    .option(
      "--publish-accept <filter...>",
      "allow the device to publish to these topics only; {{device.id}} is replaced by its ID",
    )
    .option("--publish-reject <filter...>", "forbid the device to publish to these topics")
    .option("--subscribe-accept <filter...>", "allow the device to subscribe to these topics only")
    .option("--subscribe-reject <filter...>", "forbid the device to subscribe to these topics");
}

function credentialOptions(command: Command): Command {
  return command
    .option("--password", "generate a password")
    .option("--no-password", "require no password: the device's ID is enough to connect")
    .option(
      "--certificate [file]",
      "issue a certificate by the hub's CA, or with a file use the certificate in it (PEM)",
    );
}

function managerOf(context: CommandContext, { data = DEFAULT_HUB_FOLDER }: SharedOptions): DeviceManager {
  return new DeviceManager(resolve(context.workingFolder, data));
}

/** Resolves the path of a certificate from the working folder. */
function wantedCredentials(
  context: CommandContext,
  { password, certificate }: CredentialOptions,
): WantedCredentials {
  const file = typeof certificate === "string" ? resolve(context.workingFolder, certificate) : certificate;
  return { password, certificate: file };
}

async function addDevice(
  context: CommandContext,
  name: string,
  options: CredentialOptions & DeviceSettings & { readonly id?: string },
): Promise<void> {
  const wanted = { ...options, ...wantedCredentials(context, options) };
  const { device, secrets } = await managerOf(context, options).add(name, wanted);
  report(context, options, "added", device, secrets);
}

async function renewDevice(context: CommandContext, name: string, options: CredentialOptions): Promise<void> {
  const manager = managerOf(context, options);
  const { device, secrets } = await manager.renew(name, wantedCredentials(context, options));
  report(context, options, "renewed", device, secrets);
}

async function changeDevice(
  context: CommandContext,
  name: string,
  options: SharedOptions,
  done: string,
  change: Omit<DeviceChange, "device">,
): Promise<void> {
  report(context, options, done, await managerOf(context, options).change(name, change), {});
}

async function removeDevice(context: CommandContext, name: string, options: SharedOptions): Promise<void> {
  report(context, options, "removed", await managerOf(context, options).remove(name), {});
}

function report(
  context: CommandContext,
  { json }: SharedOptions,
  done: string,
  device: Device,
  { password, certificatePem, keyPem }: DeviceSecrets,
): void {
  if (json) {
    context.print(JSON.stringify({ ok: true, device: recordOf(device), password, certificatePem, keyPem }));
    return;
  }
  context.print(`${pc.green("✓")} ${device.name} ${done}`);
  if (done !== "removed") printDevice(context, device);
  if (password === undefined && keyPem === undefined) return;
  context.print("");
  context.print(pc.yellow("Copy this now. motekit does not store it and cannot show it again:"));
  if (password !== undefined) context.print(`password     ${password}`);
  if (certificatePem !== undefined) context.print(certificatePem.trimEnd());
  if (keyPem !== undefined) context.print(keyPem.trimEnd());
}

function printDevice(context: CommandContext, device: Device): void {
  context.print(`ID           ${device.id}`);
  context.print(`status       ${device.isEnabled ? "enabled" : "disabled"}`);
  context.print(`password     ${device.password ? "set" : "none (its ID is enough to connect)"}`);
  context.print(`certificate  ${device.certificate ?? "none"}`);
  context.print(`insecure     ${device.allowsInsecure ? "allowed" : "denied (mutual TLS only)"}`);
  context.print(`multiple     ${device.allowsMultiple ? "allowed" : "denied (one connection at a time)"}`);
  for (const packet of ["publish", "subscribe"] as const) {
    const filter = device[packet];
    const topics = filter ? `${filter.policy}s ${filter.topics.join(", ") || "no topics"}` : "all topics";
    context.print(`${packet.padEnd(12)} ${topics}`);
  }
}

function showDevice(context: CommandContext, name: string, options: SharedOptions): void {
  const device = managerOf(context, options).find(name);
  if (options.json) {
    context.print(JSON.stringify({ ok: true, device: recordOf(device) }));
    return;
  }
  context.print(pc.bold(device.name));
  printDevice(context, device);
}

function listDevices(context: CommandContext, options: SharedOptions): void {
  const devices = managerOf(context, options).list();
  if (options.json) {
    context.print(JSON.stringify({ ok: true, devices: devices.map(recordOf) }));
    return;
  }
  if (devices.length === 0) {
    context.print("The hub has no devices. Add one with `motekit hub device add NAME`.");
  }
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
