/** Configures a board for a command; shared by `configure` and `run --flash`. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text as readText } from "node:stream/consumers";
import type { Configuration } from "../../firmware/contract/configuration.ts";
import { boardByEspruinoName } from "../boards.ts";
import type { RecordBoard } from "../configure/board-record.ts";
import { projectSettings } from "../configure/project-settings.ts";
import { type BoardTraits, mergeSettings, PEM_KEYS, type Settings } from "../configure/settings.ts";
import { MotekitError } from "../errors.ts";
import { loadProject } from "../project/project-file.ts";
import type { BoardConsole } from "../serial/console.ts";
import type { CommandContext } from "../terminal/command-context.ts";

/** A board whose console responds. */
export interface BoardSession extends BoardTraits {
  /** The board's name and port, for people. */
  readonly title: string;
  readonly board: RecordBoard;
  /** Resolves to the names of the Wi-Fi networks in range, strongest first. */
  scan(): Promise<string[]>;
}

/** Opens a session with the interpreter. Throws like `identify`. */
export async function openSession(console: BoardConsole): Promise<BoardSession> {
  const { readTraits, recordBoard } = await import("../configure/board-session.ts");
  const { scanWifi } = await import("../configure/scan-wifi.ts");
  const interpreter = await console.identify();
  const kind = boardByEspruinoName(interpreter.board);
  return {
    ...(await readTraits(console, kind)),
    board: recordBoard(console, kind),
    title: `${kind?.name ?? interpreter.board} at ${console.line.name}`,
    scan: () => scanWifi(console),
  };
}

/**
 * Merges settings. The order of precedence is: `first`, secrets, environment, project file. `secrets` is the path of a file, or
 * `-` for standard input.
 *
 * @throws MK1801, MK1002, MK1003.
 */
export async function givenSettings(
  context: CommandContext,
  first: readonly Settings[],
  secrets?: string,
): Promise<Settings> {
  const { environmentSettings } = await import("../configure/setting-sources.ts");
  const { config } = await loadProject(context.workingFolder);
  return mergeSettings([
    ...first,
    await secretSettings(context, secrets),
    environmentSettings(context.environment),
    projectSettings(config),
  ]);
}

/** Throws MK1801 if a PEM file cannot be read, and like `configurationOf`. */
export async function plannedConfiguration(
  context: CommandContext,
  settings: Settings,
  traits: BoardTraits,
): Promise<Omit<Configuration, "sequence">> {
  const { configurationOf } = await import("../configure/settings.ts");
  const { tlsCredentials } = await import("../configure/certificates.ts");
  return configurationOf(withPems(context, settings), traits, tlsCredentials);
}

/** Whether missing settings can be prompted for. Input and output must be terminals, because input may be the secrets. */
export function canAsk(context: CommandContext, options: { readonly json?: boolean }): boolean {
  return context.isTerminal && process.stdin.isTTY === true && options.json !== true;
}

export interface Configured {
  readonly deviceId: string;
  readonly sequence: number;
}

/** Prompts for missing settings, writes the configuration, and prints a summary. The firmware reads it at its next start. */
export async function configureBoard(
  context: CommandContext,
  session: BoardSession,
  given: Settings,
  options: { readonly json?: boolean },
): Promise<Configured> {
  const { writeConfiguration } = await import("../configure/board-record.ts");
  const settings = canAsk(context, options) ? await askMissing(given, session) : given;
  const configuration = await plannedConfiguration(context, settings, session);
  const sequence = await writeConfiguration(session.board, configuration);
  if (!options.json) context.print(`${configuration.deviceId} is configured: ${summaryOf(configuration)}`);
  return { deviceId: configuration.deviceId, sequence };
}

async function askMissing(given: Settings, session: BoardSession): Promise<Settings> {
  const { askSettings } = await import("../configure/ask-settings.ts");
  return mergeSettings([given, await askSettings(given, session)]);
}

function summaryOf({ wifi, hub }: Omit<Configuration, "sequence">): string {
  const networks = wifi.map(({ ssid }) => ssid).join(", ");
  return `${networks ? `Wi-Fi ${networks}; ` : ""}hub ${hub.host}:${hub.port}`;
}

const PEM_HEAD = "-----BEGIN ";

/** Replaces the paths of PEM files by their texts; values that are PEM already stay. @throws MK1801. */
function withPems(context: CommandContext, settings: Settings): Settings {
  return new Map(
    [...settings].map(([key, setting]) => [
      key,
      PEM_KEYS.includes(key) && !setting.text.startsWith(PEM_HEAD)
        ? { ...setting, text: readFileOf(context, setting.text) }
        : setting,
    ]),
  );
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

/** @throws MK1801. */
export function readFileOf(context: CommandContext, file: string): string {
  try {
    return readFileSync(resolve(context.workingFolder, file), "utf8");
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1801",
        message: `The file cannot be read: ${(cause as Error).message}.`,
        where: { file },
        remedy: "Check the path and its permissions.",
      },
      { cause },
    );
  }
}
