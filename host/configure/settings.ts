/**
 * The settings of `motekit configure`, before they become the device's record: texts by key, each with its source for error
 * messages. Command line, environment, secrets file and project file use the same keys.
 */
import {
  CONFIGURATION_VERSION,
  type Configuration,
  type HubAddress,
} from "../../firmware/contract/configuration.ts";
import { DEFAULT_TOPIC_PREFIX } from "../../firmware/contract/topics.ts";
import { MotekitError, type SourcePlace } from "../errors.ts";
import { KEEP_ALIVE_SECONDS_MAX } from "../mqtt/packet-types.ts";
import { ruleText } from "../mqtt/rules.ts";
import { brokenTopicNameRule } from "../mqtt/topics.ts";
import { parseHubAddress } from "./hub-address.ts";
import { CertificateError, type ReadPems } from "./pem-texts.ts";

export interface Setting {
  readonly text: string;
  /** The source for people, such as `--device-id`, `MOTEKIT_DEVICE_ID` or `motekit.secrets.env`. */
  readonly source: string;
  readonly where?: SourcePlace;
}

/** Settings by key, such as `DEVICE_ID` or `WIFI_2_SSID`. */
export type Settings = ReadonlyMap<string, Setting>;

const NUMBERED_MAX = 8;
const KEEP_ALIVE_SECONDS = 60;
/** IEEE 802.11: an SSID has 1 to 32 bytes, a passphrase of WPA 8 to 63. */
const SSID_SIZE_BYTES_MAX = 32;
const NAME_SIZE_BYTES_MAX = 64;
const PASSPHRASE_SIZE_BYTES = { min: 8, max: 63 };

const PLAIN_KEYS = ["DEVICE_ID", "DEVICE_NAME", "TOPIC_PREFIX", "KEEP_ALIVE_SECONDS"] as const;
const NUMBERED_KEYS = {
  WIFI: ["SSID", "PASSWORD"],
  HUB: ["URL", "USERNAME", "PASSWORD", "CA", "CERT", "KEY"],
} as const;

/** Makes a key such as `WIFI_SSID` for the first, or `WIFI_2_SSID` for the second of a kind. */
export function numberedKey(kind: keyof typeof NUMBERED_KEYS, number: number, field: string): string {
  return number === 1 ? `${kind}_${field}` : `${kind}_${number}_${field}`;
}

export const SETTING_KEYS: readonly string[] = [
  ...PLAIN_KEYS,
  ...Object.entries(NUMBERED_KEYS).flatMap(([kind, fields]) =>
    Array.from({ length: NUMBERED_MAX }, (_, index) =>
      fields.map((field) => numberedKey(kind as keyof typeof NUMBERED_KEYS, index + 1, field)),
    ).flat(),
  ),
];

/** Collects the settings whose text is defined. */
export function collectSettings(
  values: readonly (readonly [key: string, text: string | undefined, source: string])[],
): Settings {
  return new Map(
    values.flatMap(([key, text, source]) => (text === undefined ? [] : [[key, { text, source }] as const])),
  );
}

/** Merges settings; earlier sources take precedence. */
export function mergeSettings(sources: readonly Settings[]): Settings {
  return new Map([...sources].reverse().flatMap((settings) => [...settings]));
}

function invalid(key: string, setting: Setting, what: string, remedy: string): MotekitError {
  return new MotekitError({
    code: "MK1802",
    message: `${key} (from ${setting.source}) ${what}`,
    ...(setting.where && { where: setting.where }),
    remedy,
  });
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function wifiOf(settings: Settings): Configuration["wifi"] {
  const networks: { ssid: string; password?: string }[] = [];
  for (let number = 1; number <= NUMBERED_MAX; number++) {
    const key = numberedKey("WIFI", number, "SSID");
    const ssid = settings.get(key);
    const passwordKey = numberedKey("WIFI", number, "PASSWORD");
    const password = settings.get(passwordKey);
    if (!ssid) {
      if (password) throw invalid(passwordKey, password, `was given without ${key}.`, `Set ${key}, too.`);
      continue;
    }
    const size = byteLength(ssid.text);
    if (size === 0 || size > SSID_SIZE_BYTES_MAX) {
      throw invalid(
        key,
        ssid,
        `has ${size} bytes.`,
        `The name of a Wi-Fi network has 1 to ${SSID_SIZE_BYTES_MAX} bytes.`,
      );
    }
    const passwordSize = byteLength(password?.text ?? "");
    const { min, max } = PASSPHRASE_SIZE_BYTES;
    if (password && passwordSize > 0 && (passwordSize < min || passwordSize > max)) {
      throw invalid(
        passwordKey,
        password,
        `has ${passwordSize} bytes.`,
        `A Wi-Fi password has ${min} to ${max} bytes. Omit it for an open network.`,
      );
    }
    networks.push({ ssid: ssid.text, ...(passwordSize > 0 && password && { password: password.text }) });
  }
  return networks;
}

function hubsOf(settings: Settings, board: BoardTraits, readPems: ReadPems): HubAddress[] {
  const hubs: HubAddress[] = [];
  for (let number = 1; number <= NUMBERED_MAX; number++) {
    const key = numberedKey("HUB", number, "URL");
    const url = settings.get(key);
    const username = settings.get(numberedKey("HUB", number, "USERNAME"));
    const password = settings.get(numberedKey("HUB", number, "PASSWORD"));
    if (!url) continue;
    const address = parseHubAddress(url.text);
    if (!address) {
      throw invalid(
        key,
        url,
        "is not a valid URL of a hub.",
        "Use mqtt://host:port, or mqtts://host:port for an app with TLS. Devices do not support WebSocket.",
      );
    }
    const hub = {
      ...address,
      ...tlsOf(settings, number, address, board, readPems),
      ...(username && { username: username.text }),
      ...(password && { password: password.text }),
    };
    if (hub.password !== undefined && hub.username === undefined) {
      const passwordKey = numberedKey("HUB", number, "PASSWORD");
      throw invalid(
        passwordKey,
        password ?? url,
        "is a password without a user name, which MQTT does not allow.",
        `Set ${numberedKey("HUB", number, "USERNAME")}, too. On Scaleway IoT Hub it is the device's ID.`,
      );
    }
    hubs.push(hub);
  }
  return hubs;
}

/** The settings of a hub with PEM texts. */
const PEM_FIELDS = { ca: "CA", cert: "CERT", key: "KEY" } as const;

function tlsOf(
  settings: Settings,
  number: number,
  address: HubAddress,
  board: BoardTraits,
  readPems: ReadPems,
): Pick<HubAddress, "tls"> {
  const settingOf = (part: keyof typeof PEM_FIELDS) => {
    const key = numberedKey("HUB", number, PEM_FIELDS[part]);
    return { key, setting: settings.get(key) };
  };
  const parts = (["ca", "cert", "key"] as const).map(settingOf);
  const given = parts.find(({ setting }) => setting);
  const urlKey = numberedKey("HUB", number, "URL");
  if (!address.tls) {
    if (!given?.setting) return {};
    throw invalid(
      given.key,
      given.setting,
      "is only for TLS, but the hub's address does not begin with mqtts://.",
      `Use mqtts:// in ${urlKey}.`,
    );
  }
  const url = settings.get(urlKey) as Setting;
  if (!board.hasTls) {
    throw invalid(
      urlKey,
      url,
      "requires TLS, which this board does not support.",
      "Use mqtt://, or use another board.",
    );
  }
  const [ca, cert, key] = parts.map(({ setting }) => setting?.text);
  try {
    return { tls: readPems({ ca, cert, key }) };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    const at = settingOf(error.part);
    throw invalid(
      at.key,
      at.setting ?? url,
      error.message,
      "Give the paths of PEM files. The key must be an RSA key without a passphrase.",
    );
  }
}

/** The keys whose values are the paths of PEM files when a person sets them. */
export const PEM_KEYS: readonly string[] = Array.from({ length: NUMBERED_MAX }, (_, index) =>
  Object.values(PEM_FIELDS).map((field) => numberedKey("HUB", index + 1, field)),
).flat();

function topicLevelOf(settings: Settings, key: string, fallback: string): string {
  const setting = settings.get(key) ?? { text: fallback, source: "the board" };
  const broken = brokenTopicNameRule(setting.text);
  if (!broken && !/[\s/]/.test(setting.text)) return setting.text;
  const why = broken ? `: ${ruleText(broken)}.` : ".";
  throw invalid(
    key,
    setting,
    `cannot be a part of a topic${why}`,
    "Remove blanks, control characters, and + # /.",
  );
}

function nameOf(settings: Settings): Pick<Configuration, "name"> {
  const setting = settings.get("DEVICE_NAME");
  if (!setting) return {};
  const sizeBytes = new TextEncoder().encode(setting.text).length;
  if (sizeBytes >= 1 && sizeBytes <= NAME_SIZE_BYTES_MAX && !/\p{Cc}/u.test(setting.text))
    return { name: setting.text };
  throw invalid(
    "DEVICE_NAME",
    setting,
    "is not a valid device name.",
    `Use 1 to ${NAME_SIZE_BYTES_MAX} bytes without line breaks.`,
  );
}

function keepAliveOf(settings: Settings): number {
  const setting = settings.get("KEEP_ALIVE_SECONDS");
  if (!setting) return KEEP_ALIVE_SECONDS;
  const seconds = Number(setting.text);
  if (/^\d+$/.test(setting.text) && seconds >= 5 && seconds <= KEEP_ALIVE_SECONDS_MAX) return seconds;
  throw invalid(
    "KEEP_ALIVE_SECONDS",
    setting,
    "is not a valid keep-alive time.",
    `Use 5 to ${KEEP_ALIVE_SECONDS_MAX} seconds.`,
  );
}

export interface BoardTraits {
  /** The default of the device ID. */
  readonly deviceId: string;
  /** Whether the board needs a Wi-Fi network. */
  readonly hasWifi: boolean;
  readonly hasTls: boolean;
}

/** @throws MotekitError MK1802 a value is not valid, MK1803 a value is missing. */
export function configurationOf(
  settings: Settings,
  board: BoardTraits,
  readPems: ReadPems,
): Omit<Configuration, "sequence"> {
  const wifi = wifiOf(settings);
  const [hub, ...furtherHubs] = hubsOf(settings, board, readPems);
  const missing = [...(board.hasWifi && wifi.length === 0 ? ["WIFI_SSID"] : []), ...(hub ? [] : ["HUB_URL"])];
  if (!hub || missing.length > 0) {
    throw new MotekitError({
      code: "MK1803",
      message: `The configuration has no ${missing.join(" and no ")}.`,
      remedy:
        "Use --wifi and --hub, or set them in motekit.secrets.env, in MOTEKIT_… variables, or in motekit.config.ts. " +
        "On a terminal, motekit prompts for them.",
    });
  }
  return {
    version: CONFIGURATION_VERSION,
    deviceId: topicLevelOf(settings, "DEVICE_ID", board.deviceId),
    ...nameOf(settings),
    wifi,
    hub,
    ...(furtherHubs.length > 0 && { furtherHubs }),
    topicPrefix: topicLevelOf(settings, "TOPIC_PREFIX", DEFAULT_TOPIC_PREFIX),
    keepAliveSeconds: keepAliveOf(settings),
  };
}
