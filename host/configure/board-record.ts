/**
 * Reads the configuration record in a board's Storage, without its secrets, and writes a new one. The older of the two files is
 * written, so that the newer one stays valid until the new record is complete.
 */
import {
  CONFIGURATION_FILES,
  CONFIGURATION_VERSION,
  type Configuration,
  formatCrc,
  sealConfiguration,
} from "../../firmware/contract/configuration.ts";
import { MotekitError } from "../errors.ts";
import { bytesOf, crc32Of, utf8Of } from "../serial/bytes.ts";

/** The operations on a board that this file needs. */
export interface RecordBoard {
  /** The port's name, for messages. */
  readonly name: string;
  /** Evaluates an expression that contains no secrets. */
  evaluateJson<Value>(expression: string): Promise<Value>;
  /** Writes a file to Storage without showing it on the console or in its history. */
  writeFile(name: string, bytes: Uint8Array): Promise<void>;
}

/** A fingerprint of a secret, which identifies it but cannot reveal it: 16 bits of its CRC-32 in hexadecimal. */
export type Fingerprint = string;

export interface ShownConfiguration {
  readonly sequence: number;
  readonly version: number;
  readonly deviceId: string;
  readonly name: string | null;
  readonly topicPrefix: string;
  readonly keepAliveSeconds: number;
  readonly wifi: readonly { readonly ssid: string; readonly password: Fingerprint | null }[];
  readonly hubs: readonly {
    readonly host: string;
    readonly port: number;
    readonly username: string | null;
    readonly password: Fingerprint | null;
    /** Null without TLS. Of the key only the fingerprint is shown. */
    readonly tls: { readonly key: Fingerprint | null } | null;
  }[];
}

/** The content of a record file: null if it does not exist, "damaged" if its CRC is wrong. */
type RecordState = ShownConfiguration | "damaged" | null;

/** Code for the board, which computes the fingerprints itself, so that secrets never leave it. */
const SHOW = `(function(){var c=function(s){return("0000000"+E.CRC32(s).toString(16)).substr(-8)},
f=function(s){return s?c(s).substr(-4):null};
return ${JSON.stringify(CONFIGURATION_FILES)}.map(function(n){var t=require("Storage").read(n),r;if(!t)return null;
if(c(t.substr(8))!=t.substr(0,8))return"damaged";r=JSON.parse(t.substr(8));
return{sequence:r.sequence,version:r.version,deviceId:r.deviceId,name:r.name||null,topicPrefix:r.topicPrefix,keepAliveSeconds:r.keepAliveSeconds,
wifi:r.wifi.map(function(w){return{ssid:w.ssid,password:f(w.password)}}),
hubs:[r.hub].concat(r.furtherHubs||[]).map(function(h){return{host:h.host,port:h.port,username:h.username||null,password:f(h.password),tls:h.tls?{key:f(h.tls.key)}:null}})}})})()`.replaceAll(
  "\n",
  "",
);

function isWhole(state: RecordState | undefined): state is ShownConfiguration {
  return state !== null && state !== undefined && state !== "damaged";
}

async function readStates(board: RecordBoard): Promise<RecordState[]> {
  return board.evaluateJson<RecordState[]>(SHOW);
}

/** The newest valid record. @throws MotekitError MK1806 there is none. */
export async function showConfiguration(board: RecordBoard): Promise<ShownConfiguration> {
  const states = await readStates(board);
  const [newest] = states.filter(isWhole).sort((one, other) => other.sequence - one.sequence);
  if (newest) return newest;
  const isDamaged = states.includes("damaged");
  throw new MotekitError({
    code: "MK1806",
    message: `The board on ${board.name} has ${isDamaged ? "only a damaged configuration" : "no configuration"}.`,
    remedy: "Write one with `motekit configure`.",
  });
}

/** A record to be written to a file of Storage. */
export interface NextRecord {
  readonly name: (typeof CONFIGURATION_FILES)[number];
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** Makes the next record from the sequence numbers of the two files; 0 stands for a file without a valid record. */
export function nextRecord(
  [first, second]: readonly [number, number],
  configuration: Omit<Configuration, "sequence">,
): NextRecord {
  const sequence = Math.max(first, second) + 1;
  const json = utf8Of(JSON.stringify({ ...configuration, sequence }));
  return {
    name: first <= second ? CONFIGURATION_FILES[0] : CONFIGURATION_FILES[1],
    sequence,
    bytes: bytesOf(sealConfiguration(json, (byteString) => crc32Of(bytesOf(byteString)))),
  };
}

/**
 * Writes and verifies a record. A board that loses power or its line meanwhile keeps its present record.
 * @returns the new record's sequence number. @throws MotekitError MK1807 the record could not be verified.
 */
export async function writeConfiguration(
  board: RecordBoard,
  configuration: Omit<Configuration, "sequence">,
): Promise<number> {
  const states = await readStates(board);
  const sequences = states.map((state) =>
    isWhole(state) && state.version === CONFIGURATION_VERSION ? state.sequence : 0,
  );
  const [first = 0, second = 0] = sequences;
  const { name, sequence, bytes } = nextRecord([first, second], configuration);
  await board.writeFile(name, bytes);
  const found = await board.evaluateJson<[number, string]>(
    `(function(t){return[t.length,("0000000"+E.CRC32(t).toString(16)).substr(-8)]})(require("Storage").read(${JSON.stringify(name)})||"")`,
  );
  if (found[0] === bytes.length && found[1] === formatCrc(crc32Of(bytes))) return sequence;
  throw new MotekitError({
    code: "MK1807",
    message: `The configuration on ${board.name} could not be verified after writing. The board keeps the previous one.`,
    remedy:
      "Repeat the command. If it fails again, the board's Storage may be full: `motekit files ls` shows its files.",
  });
}

const HIDDEN = "••••";

function secret(fingerprint: Fingerprint | null, absent: string): string {
  return fingerprint === null ? absent : `${HIDDEN} (${fingerprint})`;
}

/** Formats a configuration as lines for people. */
export function formatConfiguration(shown: ShownConfiguration): string[] {
  return [
    `device      ${shown.deviceId}${shown.name === null ? "" : `, ${shown.name}`}`,
    ...shown.wifi.map(({ ssid, password }) => `wi-fi       ${ssid}, ${secret(password, "open")}`),
    ...shown.hubs.map(
      ({ host, port, username, password, tls }) =>
        `hub         ${host}:${port}${tls ? " by TLS" : ""}${username === null ? "" : `, ${username}`}` +
        `${password === null ? "" : `, ${secret(password, "")}`}${tls?.key ? `, key ${secret(tls.key, "")}` : ""}`,
    ),
    `topics      ${shown.topicPrefix}/${shown.deviceId}/…`,
    `keep alive  ${shown.keepAliveSeconds} s`,
    `version     ${shown.version}, written ${shown.sequence === 1 ? "once" : `${shown.sequence} times`}`,
  ];
}
