/** The content of a board's Storage before its first boot. */
import { crc32 } from "node:zlib";
import {
  CONFIGURATION_FILES,
  type Configuration,
  sealConfiguration,
} from "../../../firmware/contract/configuration.ts";
import { toByteString, toBytes } from "../interpreter/byte-strings.ts";

export const APP_FILE = "app.js";

/** The configuration's file as a byte string. */
export function sealedConfiguration(configuration: Configuration): string {
  const json = toByteString(Buffer.from(JSON.stringify(configuration), "utf8"));
  return sealConfiguration(json, (bytes) => crc32(toBytes(bytes)));
}

/** File contents as byte strings, by name. */
export function boardFiles(app: Uint8Array, configuration: Configuration): ReadonlyMap<string, string> {
  return new Map([
    [CONFIGURATION_FILES[0], sealedConfiguration(configuration)],
    [APP_FILE, toByteString(app)],
  ]);
}
