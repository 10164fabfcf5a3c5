/** Reads settings from a secrets file or standard input, the environment, or a table of devices. */
import { parseEnv } from "node:util";
import { parse } from "csv-parse/sync";
import { MotekitError } from "../errors.ts";
import { SETTING_KEYS, type Setting, type Settings } from "./settings.ts";

export const SECRETS_FILE = "motekit.secrets.env";
const ENVIRONMENT_PREFIX = "MOTEKIT_";
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/;
const BLANK_OR_COMMENT = /^\s*(#.*)?$/;

/**
 * Parses `KEY=value` lines, `#` comments, and quotes, as in an .env file. `file` is its name for messages.
 * @throws MotekitError MK1804 an invalid line, or an unknown key. Messages do not repeat values.
 */
export function parseSecrets(text: string, file: string): Settings {
  const settings = new Map<string, Setting>();
  const values = parseEnv(text);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (BLANK_OR_COMMENT.test(line)) continue;
    const where = { file, line: index + 1 };
    const key = ASSIGNMENT.exec(line)?.[1];
    if (key === undefined) {
      throw new MotekitError({
        code: "MK1804",
        message: "The line does not have the form KEY=value.",
        where,
        remedy: "Write one setting per line, and put a value with spaces in quotes.",
      });
    }
    settings.set(checkedKey(key, where), { text: values[key] ?? "", source: file, where });
  }
  return settings;
}

function checkedKey(key: string, where: { file: string; line: number }): string {
  const plain = key.startsWith(ENVIRONMENT_PREFIX) ? key.slice(ENVIRONMENT_PREFIX.length) : key;
  if (SETTING_KEYS.includes(plain)) return plain;
  throw new MotekitError({
    code: "MK1804",
    message: `The setting ${key} is unknown.`,
    where,
    remedy:
      "Use settings such as DEVICE_ID, WIFI_SSID, WIFI_PASSWORD, HUB_URL, HUB_USERNAME and HUB_PASSWORD. See docs/configure.md.",
  });
}

/** Reads variables such as `MOTEKIT_HUB_PASSWORD`. Empty ones are ignored. */
export function environmentSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  return new Map(
    SETTING_KEYS.flatMap((key) => {
      const name = ENVIRONMENT_PREFIX + key;
      const text = environment[name];
      return text ? [[key, { text, source: name }] as const] : [];
    }),
  );
}

export interface DeviceRow {
  readonly port: string;
  readonly settings: Settings;
}

/**
 * Parses a table of devices. Its first line names the columns: `port`, `device_id` and other settings in lower case.
 * @throws MotekitError MK1805 the table is not valid.
 */
export function parseDeviceTable(text: string, file: string): DeviceRow[] {
  const [head, ...rows] = readTable(text, file);
  const columns = head?.cells.map((cell) => cell.toUpperCase()) ?? [];
  for (const column of columns) {
    if (column !== "PORT" && !SETTING_KEYS.includes(column)) {
      throw badTable(file, 1, `The column "${column.toLowerCase()}" is unknown.`);
    }
  }
  for (const needed of ["PORT", "DEVICE_ID"]) {
    if (!columns.includes(needed)) throw badTable(file, 1, `The column ${needed.toLowerCase()} is missing.`);
  }
  return rows.map(({ cells, line }) => {
    if (cells.length !== columns.length) {
      throw badTable(
        file,
        line,
        `The row has ${cells.length} cells, but the table has ${columns.length} columns.`,
      );
    }
    const settings = new Map<string, Setting>();
    for (const [index, key] of columns.entries()) {
      const cell = cells[index] as string;
      if (cell !== "") settings.set(key, { text: cell, source: file, where: { file, line } });
    }
    const port = settings.get("PORT")?.text;
    if (port === undefined || !settings.has("DEVICE_ID"))
      throw badTable(file, line, "The port or the device_id is empty.");
    settings.delete("PORT");
    return { port, settings };
  });
}

interface TableRow {
  readonly cells: string[];
  readonly line: number;
}

function readTable(text: string, file: string): TableRow[] {
  try {
    const options = {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
    } as const;
    const rows = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    throw badTable(
      file,
      (error as { lines?: number }).lines ?? 1,
      "The file is not a valid table of comma-separated values.",
    );
  }
}

function badTable(file: string, line: number, message: string): MotekitError {
  return new MotekitError({
    code: "MK1805",
    message,
    where: { file, line },
    remedy:
      "The first line must name the columns: port, device_id, and any of wifi_ssid, wifi_password, hub_url, hub_username, hub_password.",
  });
}
