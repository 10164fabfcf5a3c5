/** `motekit hub device`: the devices of the local hub, whether it runs or not. */
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
      changeDevice(context, name, options, "changed", options),
    );
  credentialOptions(
    subcommand("renew <device>", "give a device new secrets, which are shown this once"),
  ).action((name: string, options: CredentialOptions) => renewDevice(context, name, options));
  for (const isEnabled of [true, false]) {
    const [verb, done] = isEnabled ? ["enable", "enabled"] : ["disable", "disabled"];
    subcommand(`${verb} <device>`, isEnabled ? "let a device in again" : "let a device in no more").action(
      (name: string, options: SharedOptions) =>
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

function managerOf(context: CommandContext, { data = DEFAULT_HUB_FOLDER }: SharedOptions): DeviceManager {
  return new DeviceManager(resolve(context.workingFolder, data));
}

/** A certificate's file is named from the working folder. */
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
  const desk = managerOf(context, options);
  const { device, secrets } = await desk.renew(name, wantedCredentials(context, options));
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
