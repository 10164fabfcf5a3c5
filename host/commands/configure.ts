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

const several = (value: string, before: string[] = []): string[] => [...before, value];

export function configureCommand(context: CommandContext): Command {
  const command = new Command("configure")
    .description("tell a board its Wi-Fi networks, its hub and who it is")
    .option("--wifi <ssid>", "a Wi-Fi network; several are tried in order", several)
    .option("--hub <url>", "the hub, as mqtt://user@host:port; several are tried in order", several)
    .option("--hub-cert <file>", "the device's certificate for the first hub, PEM, where it is mqtts://")
    .option("--hub-key <file>", "the certificate's key, PEM")
    .option(
      "--hub-ca <file>",
      "the authority of the hub's certificate, PEM; Espruino does not verify the hub by it",
    )
    .option(
      "--hub-device <name>",
      "a device of the local hub: its ID, and new secrets of it, which the hub knows from then on",
    )
    .option("--data <folder>", "the local hub's folder, for --hub-device (default: .motekit/hub)")
    .option("--device-id <id>", "who the device is (default: its board and serial number)")
    .option("--name <name>", "what people call it")
    .option("--topic-prefix <prefix>", "the first level of its topics (default: devices)")
    .option("--keep-alive <seconds>", "MQTT keep alive (default: 60)")
    .option(
      "--secrets <file>",
      "KEY=value lines, - for standard input (default: motekit.secrets.env, where there is one)",
    )
    .option("--from <table>", "configure several boards, by a CSV file with the columns port and device_id")
    .option("--show", "show what the board has, without its secrets")
    .option("--wait", "prove it: wait until the device is on its hub, or say why it is not")
    .option("--timeout <seconds>", "how long --wait waits", integerAbove(0), WAIT_SECONDS)
    .option("--json", "print the outcome as JSON");
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

/** A line of result for each board; one that fails does not keep the others from theirs. */
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
      `${pc.green("✓")} on its hub ${connected.hub}, ${(connected.tookMs / 1000).toFixed(1)} s after its start`,
    );
  }
  const roundTrip = await measureRoundTrip(console, connected.hub);
  if (!options.json) {
    context.print(
      "milliseconds" in roundTrip
        ? `  to the hub and back in ${roundTrip.milliseconds} ms (PINGREQ to PINGRESP, on a connection of its own)`
        : `  the time to the hub and back is not known: ${roundTrip.unknown}`,
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
