/**
 * The configuration record: the device's network, hubs and identity, in one Storage file.
 *
 * The file holds 8 hexadecimal digits of the CRC-32 (as `E.CRC32` and zip have it) of what follows, then
 * JSON in UTF-8. Two files are written in turn and the one with the higher sequence and a right CRC counts,
 * because power may fail inside any write and Storage is not atomic.
 */
export const CONFIGURATION_FILES = ["mk.cfg0", "mk.cfg1"] as const;
export const CONFIGURATION_VERSION = 1;

export interface WifiNetwork {
  readonly ssid: string;
  readonly password?: string;
}

/**
 * The credentials of a device for a hub that requests a client certificate: DER in base64. Key and certificate belong together.
 * They do not protect against an attacker who impersonates the hub, because Espruino verifies no server, even with `ca`.
 */
export interface TlsCredentials {
  readonly ca?: string;
  readonly key?: string;
  readonly cert?: string;
}

export interface HubAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** Present, even if empty, if the hub is reached by TLS. An app without "motekit/tls" then does not connect. */
  readonly tls?: TlsCredentials;
}

export interface Configuration {
  readonly version: typeof CONFIGURATION_VERSION;
  /** Counts up with each write. */
  readonly sequence: number;
  readonly deviceId: string;
  /** A readable name of the device, such as "Boiler, east wing". */
  readonly name?: string;
  /** Tried in order. Empty on a board with a wired network. */
  readonly wifi: readonly WifiNetwork[];
  readonly hub: HubAddress;
  /** Tried in order after `hub`, when it cannot be reached. */
  readonly furtherHubs?: readonly HubAddress[];
  readonly topicPrefix: string;
  readonly keepAliveSeconds: number;
}

export function hubsOf(configuration: Configuration): HubAddress[] {
  return [configuration.hub].concat(configuration.furtherHubs || []);
}

/** CRC-32 of a byte string: `E.CRC32` on the device, zlib's on the host. */
export type Crc32 = (bytes: string) => number;

export interface ConfigurationText {
  readonly crc: string;
  readonly json: string;
}

/**
 * The interpreter's own parser, by another name: the build puts a strict one in place of a plain `JSON.parse`, and what
 * comes here was written by motekit, or is a command that its handler checks. That saves 1.3 KB on the board.
 */
// biome-ignore lint/complexity/useLiteralKeys: the interpreter's own, without the correction of the build
export const parseJson: (text: string) => unknown = JSON["parse"];

export function formatCrc(crc: number): string {
  return ("0000000" + crc.toString(16)).substr(-8);
}

/** `json` must be the JSON of a Configuration as a byte string (UTF-8). */
export function sealConfiguration(json: string, crc32: Crc32): string {
  return formatCrc(crc32(json)) + json;
}

/** The newest valid record in the files' contents (undefined for a missing file), or undefined if there is none. */
export function openConfiguration(
  files: readonly (string | undefined)[],
  crc32: Crc32,
): Configuration | undefined {
  let newest: Configuration | undefined;
  for (const file of files) {
    if (file && formatCrc(crc32(file.substr(8))) === file.substr(0, 8)) {
      const record = parseJson(file.substr(8)) as Configuration;
      if (record.version === CONFIGURATION_VERSION && (!newest || record.sequence > newest.sequence)) {
        newest = record;
      }
    }
  }
  return newest;
}
