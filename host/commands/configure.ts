import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text as readText } from "node:stream/consumers";
import { Command } from "commander";
import pc from "picocolors";
import type { Configuration } from "../../firmware/contract/configuration.ts";
import { type LineOptions, withBoard, withLineOptions } from "../board-line.ts";
import { boardByEspruinoName } from "../boards.ts";
import { type CommandContext, integerAbove } from "../command-context.ts";
import type { RecordBoard } from "../configure/board-record.ts";
import type { RoundTrip } from "../configure/measure-round-trip.ts";
import { projectSettings } from "../configure/project-settings.ts";
import {
  type BoardTraits,
  collectSettings,
  mergeSettings,
  numberedKey,
  PEM_KEYS,
  type Settings,
} from "../configure/settings.ts";
import { MotekitError } from "../errors.ts";
import { loadProject, type ProjectConfig } from "../project-file.ts";

interface ConfigureCommandOptions extends LineOptions {
  readonly wifi?: string[];
  readonly hub?: string[];
  readonly hubCa?: string;
  readonly hubCert?: string;
  readonly hubKey?: string;
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
  const { config } = await loadProject(context.workingFolder);
  if (options.from !== undefined) return configureTable(context, options, config, options.from);
  await withSession(context, options, async (session) => {
    const outcome: object = options.show
      ? await show(context, options, session)
      : await write(context, options, session, config, []);
    if (options.json) context.print(JSON.stringify({ ok: true, ...outcome }));
  });
}

/** A line of result for each board; one that fails does not keep the others from theirs. */
async function configureTable(
  context: CommandContext,
  options: ConfigureCommandOptions,
  config: ProjectConfig,
  table: string,
): Promise<void> {
  const { parseDeviceTable } = await import("../configure/setting-sources.ts");
  const rows = parseDeviceTable(readFileOf(context, table), table);
  for (const { port, settings } of rows) {
    const deviceId = settings.get("DEVICE_ID")?.text;
    try {
      await withSession(context, { ...options, port }, async (session) => {
        const outcome = await write(context, { ...options, json: true }, session, config, [settings]);
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

/** A board whose console answers. */
interface Session extends BoardTraits {
  /** For people: which it is, and where. */
  readonly title: string;
  readonly board: RecordBoard;
  /** Starts the firmware anew, and calls back with each line that the console prints from then on. */
  restart(onLine: (line: string) => void): Promise<unknown>;
  /** To that hub and back. */
  measureRoundTrip(hub: string): Promise<RoundTrip>;
  /** The names of the Wi-Fi networks that it sees, strongest first. */
  scan(): Promise<string[]>;
}

async function withSession(
  context: CommandContext,
  options: LineOptions,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const { readTraits, recordBoard, restartFirmware } = await import("../configure/board-session.ts");
  const { scanWifi } = await import("../configure/scan-wifi.ts");
  const { measureRoundTrip } = await import("../configure/measure-round-trip.ts");
  await withBoard(context, options, async (console) => {
    const interpreter = await console.identify();
    const kind = boardByEspruinoName(interpreter.board);
    await work({
      ...(await readTraits(console, kind)),
      board: recordBoard(console, kind),
      title: `${kind?.name ?? interpreter.board} at ${console.line.name}`,
      scan: () => scanWifi(console),
      measureRoundTrip: (hub) => measureRoundTrip(console, hub),
      restart: (onLine) => restartFirmware(console, onLine),
    });
  });
}

async function show(context: CommandContext, options: ConfigureCommandOptions, { board }: Session) {
  const { formatConfiguration, showConfiguration } = await import("../configure/board-record.ts");
  const shown = await showConfiguration(board);
  if (!options.json) for (const line of formatConfiguration(shown)) context.print(line);
  return { configuration: shown };
}

async function write(
  context: CommandContext,
  options: ConfigureCommandOptions,
  session: Session,
  config: ProjectConfig,
  first: readonly Settings[],
) {
  const { configurationOf } = await import("../configure/settings.ts");
  const { tlsCredentials } = await import("../configure/certificates.ts");
  const { writeConfiguration } = await import("../configure/board-record.ts");
  const given = mergeSettings([...first, ...(await givenSettings(context, options, config))]);
  // Never without a person at both ends: standard input may be the secrets.
  const canAsk = context.isTerminal && process.stdin.isTTY === true && !options.json;
  const asked = canAsk ? await askMissing(given, session) : given;
  const configuration = configurationOf(withPems(context, asked), session, tlsCredentials);
  const sequence = await writeConfiguration(session.board, configuration);
  if (!options.json) context.print(`${configuration.deviceId} is configured: ${summaryOf(configuration)}`);
  const connection = options.wait ? await waitForHub(context, options, session) : undefined;
  if (!connection) await session.restart(() => undefined);
  return { deviceId: configuration.deviceId, sequence, ...(connection && { connection }) };
}

/** The files' texts in place of their paths. @throws MK1801. */
function withPems(context: CommandContext, settings: Settings): Settings {
  return new Map(
    [...settings].map(([key, setting]) => [
      key,
      PEM_KEYS.includes(key) ? { ...setting, text: readFileOf(context, setting.text) } : setting,
    ]),
  );
}

function summaryOf({ wifi, hub }: Omit<Configuration, "sequence">): string {
  const networks = wifi.map(({ ssid }) => ssid).join(", ");
  return `${networks ? `Wi-Fi ${networks}; ` : ""}hub ${hub.host}:${hub.port}`;
}

async function askMissing(given: Settings, session: Session): Promise<Settings> {
  const { askSettings } = await import("../configure/ask-settings.ts");
  return mergeSettings([given, await askSettings(given, session)]);
}

async function waitForHub(context: CommandContext, options: ConfigureCommandOptions, session: Session) {
  const { ConnectionWatch } = await import("../configure/watch-connection.ts");
  const watch = new ConnectionWatch(
    () => performance.now(),
    (line) => (options.json ? undefined : context.print(pc.dim(`  ${line}`))),
  );
  await session.restart((line) => watch.push(line));
  const connected = await watch.connected(session.board.name, options.timeout * 1000);
  if (!options.json) {
    context.print(
      `${pc.green("✓")} on its hub ${connected.hub}, ${(connected.tookMs / 1000).toFixed(1)} s after its start`,
    );
  }
  const roundTrip = await session.measureRoundTrip(connected.hub);
  if (!options.json) {
    context.print(
      "milliseconds" in roundTrip
        ? `  to the hub and back in ${roundTrip.milliseconds} ms (PINGREQ to PINGRESP, on a connection of its own)`
        : `  the time to the hub and back is not known: ${roundTrip.unknown}`,
    );
  }
  return { ...connected, roundTrip };
}

/** Strongest first: command line, secrets, environment, project file. */
async function givenSettings(
  context: CommandContext,
  options: ConfigureCommandOptions,
  config: ProjectConfig,
): Promise<Settings[]> {
  const { environmentSettings } = await import("../configure/setting-sources.ts");
  return [
    optionSettings(options),
    await secretSettings(context, options.secrets),
    environmentSettings(context.environment),
    projectSettings(config),
  ];
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

async function secretSettings(context: CommandContext, file: string | undefined): Promise<Settings> {
  const { parseSecrets, SECRETS_FILE } = await import("../configure/setting-sources.ts");
  if (file === "-") return parseSecrets(await readText(process.stdin), "standard input");
  if (file !== undefined) return parseSecrets(readFileOf(context, file), file);
  const own = readIfThere(join(context.workingFolder, SECRETS_FILE));
  return own === undefined ? new Map() : parseSecrets(own, SECRETS_FILE);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readFileOf(context: CommandContext, file: string): string {
  try {
    return readFileSync(resolve(context.workingFolder, file), "utf8");
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1801",
        message: `The file cannot be read: ${(cause as Error).message}.`,
        where: { file },
        remedy: "Give the path of a file that you may read.",
      },
      { cause },
    );
  }
}
