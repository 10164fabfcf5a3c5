import { Command } from "commander";
import pc from "picocolors";
import {
  type BoardSession,
  type Configured,
  configureBoard,
  givenSettings,
  openSession,
  readFileOf,
} from "../attached-board/board-configure.ts";
import { type LineOptions, withBoard, withLineOptions } from "../attached-board/board-line.ts";
import { collectSettings, numberedKey, type Settings } from "../configure/settings.ts";
import { MotekitError } from "../errors.ts";
import type { HubDevice } from "../local-hub/hub-device.ts";
import type { BoardConsole } from "../serial/console.ts";
import { type CommandContext, integerAbove } from "../terminal/command-context.ts";

interface ConfigureCommandOptions extends LineOptions {
  readonly wifi?: string[];
  readonly hub?: string[];
  readonly hubCa?: string;
  readonly hubCert?: string;
  readonly hubKey?: string;
  readonly hubDevice?: string;
  readonly data?: string;
  readonly deviceId?: string;
  readonly name?: string;
  readonly topicPrefix?: string;
  readonly keepAlive?: string;
  readonly secrets?: string;
  readonly from?: string;
  readonly show?: true;
  readonly wait?: true;
  readonly timeout: number;
  readonly json?: true;
}

const WAIT_SECONDS = 90;

const appendValue = (value: string, previous: string[] = []): string[] => [...previous, value];

export function configureCommand(context: CommandContext): Command {
  const command = new Command("configure")
    .option(
      "--wifi <ssid>",
      "a Wi-Fi network; repeat it for several, which the board tries in order",
      appendValue,
    )
    .option(
      "--hub <url>",
      "the hub, as mqtt://user@host:port or mqtts://…; repeat it for several, which the board tries in order",
      appendValue,
    )
    .option(
      "--hub-cert <file>",
      "a PEM file with the device's certificate for the first hub, if that is mqtts://",
    )
    .option("--hub-key <file>", "a PEM file with the private key of that certificate")
    .option(
      "--hub-ca <file>",
      "a PEM file with the CA certificate of the hub; Espruino stores it and does not verify the hub with it",
    )
    .option(
      "--hub-device <name>",
      "a device of the local hub, by name or ID: the board gets its ID and new secrets, which replace its old ones at the hub",
    )
    .option("--data <folder>", "the local hub's folder, with --hub-device (default: .motekit/hub)")
    .option(
      "--device-id <id>",
      "the device ID (default: made from the board's ID and the chip's serial number)",
    )
    .option("--name <name>", "a readable name for the device")
    .option("--topic-prefix <prefix>", "the first level of the device's topics (default: devices)")
    .option("--keep-alive <seconds>", "the MQTT keep alive in seconds (default: 60)")
    .option(
      "--secrets <file>",
      "a file of KEY=value lines with passwords, or - for standard input (default: motekit.secrets.env if it exists)",
    )
    .option("--from <table>", "configure several boards from a CSV file with the columns port and device_id")
    .option("--show", "show the board's configuration without its secrets, and change nothing")
    .option("--wait", "wait until the device is connected to its hub, or report why it is not")
    .option("--timeout <seconds>", "the time that --wait waits, in seconds", integerAbove(0), WAIT_SECONDS)
    .option("--json", "print the result as JSON");
  return withLineOptions(command).action((options: ConfigureCommandOptions) => configure(context, options));
}

async function configure(context: CommandContext, options: ConfigureCommandOptions): Promise<void> {
  if (options.from !== undefined) return configureTable(context, options, options.from);
  await withBoard(context, options, async (console) => {
    const outcome: object = options.show
      ? await show(context, options, await openSession(console))
      : await write(context, options, console, []);
    if (options.json) context.print(JSON.stringify({ ok: true, ...outcome }));
  });
}

/** Configures each board of the table and prints one line for each. A board that fails does not stop the others. */
async function configureTable(
  context: CommandContext,
  options: ConfigureCommandOptions,
  table: string,
): Promise<void> {
  const { parseDeviceTable } = await import("../configure/setting-sources.ts");
  const rows = parseDeviceTable(readFileOf(context, table), table);
  for (const { port, settings } of rows) {
    const deviceId = settings.get("DEVICE_ID")?.text;
    try {
      await withBoard(context, { ...options, port }, async (console) => {
        const outcome = await write(context, { ...options, json: true }, console, [settings]);
        if (options.json) context.print(JSON.stringify({ ok: true, port, ...outcome }));
        else context.print(`${pc.green("✓")} ${port} ${deviceId}`);
      });
    } catch (error) {
      if (!(error instanceof MotekitError)) throw error;
      context.setFailed();
      if (options.json)
        context.print(JSON.stringify({ ok: false, port, deviceId, problems: error.problems }));
      else context.print(`${pc.red("✗")} ${port} ${deviceId}: ${error.code} ${error.message}`);
    }
  }
}

async function show(context: CommandContext, options: ConfigureCommandOptions, { board }: BoardSession) {
  const { formatConfiguration, showConfiguration } = await import("../configure/board-record.ts");
  const shown = await showConfiguration(board);
  if (!options.json) for (const line of formatConfiguration(shown)) context.print(line);
  return { configuration: shown };
}

async function write(
  context: CommandContext,
  options: ConfigureCommandOptions,
  console: BoardConsole,
  first: readonly Settings[],
): Promise<Configured & { readonly connection?: object }> {
  const { restartFirmware } = await import("../configure/board-session.ts");
  const session = await openSession(console);
  const device =
    options.hubDevice === undefined ? undefined : await deviceOf(context, options.hubDevice, options);
  const sources = [...first, ...(device ? [device.settings] : []), optionSettings(options)];
  const given = await givenSettings(context, sources, options.secrets);
  const configured = await configureBoard(context, session, given, options);
  await device?.commit();
  if (options.wait) return { ...configured, connection: await waitForHub(context, options, console) };
  await restartFirmware(console, () => undefined);
  return configured;
}

async function deviceOf(
  context: CommandContext,
  name: string,
  { data }: ConfigureCommandOptions,
): Promise<HubDevice> {
  const { hubDevice } = await import("../local-hub/hub-device.ts");
  return hubDevice(context, name, data);
}

async function waitForHub(
  context: CommandContext,
  options: ConfigureCommandOptions,
  console: BoardConsole,
): Promise<object> {
  const { restartFirmware } = await import("../configure/board-session.ts");
  const { measureRoundTrip } = await import("../configure/measure-round-trip.ts");
  const { ConnectionWatch } = await import("../configure/watch-connection.ts");
  const watch = new ConnectionWatch(
    () => performance.now(),
    (line) => (options.json ? undefined : context.print(pc.dim(`  ${line}`))),
  );
  await restartFirmware(console, (line) => watch.push(line));
  const connected = await watch.connected(console.line.name, options.timeout * 1000);
  if (!options.json) {
    context.print(
      `${pc.green("✓")} connected to the hub ${connected.hub}, ${(connected.tookMs / 1000).toFixed(1)} s after the start`,
    );
  }
  const roundTrip = await measureRoundTrip(console, connected.hub);
  if (!options.json) {
    context.print(
      "milliseconds" in roundTrip
        ? `  round trip to the hub: ${roundTrip.milliseconds} ms (PINGREQ to PINGRESP, on a separate connection)`
        : `  round trip to the hub: not measured, because ${roundTrip.unknown}`,
    );
  }
  return { ...connected, roundTrip };
}

function optionSettings(options: ConfigureCommandOptions): Settings {
  return collectSettings([
    ["DEVICE_ID", options.deviceId, "--device-id"],
    ["DEVICE_NAME", options.name, "--name"],
    ["TOPIC_PREFIX", options.topicPrefix, "--topic-prefix"],
    ["KEEP_ALIVE_SECONDS", options.keepAlive, "--keep-alive"],
    ["HUB_CA", options.hubCa, "--hub-ca"],
    ["HUB_CERT", options.hubCert, "--hub-cert"],
    ["HUB_KEY", options.hubKey, "--hub-key"],
    ...(options.wifi ?? []).map(
      (ssid, index) => [numberedKey("WIFI", index + 1, "SSID"), ssid, "--wifi"] as const,
    ),
    ...(options.hub ?? []).map((url, index) => [numberedKey("HUB", index + 1, "URL"), url, "--hub"] as const),
  ]);
}
