/**
 * The configuration record in a board's Storage: what is there, without its secrets, and how a new one is written. The
 * older of the two files is written, so that the newer one counts until the new record stands whole.
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

/** What this needs of a board on a line. */
export interface RecordBoard {
  /** The port's name, for messages. */
  readonly name: string;
  /** The value of an expression without secrets. */
  evaluateJson<Value>(expression: string): Promise<Value>;
  /** Writes a file of Storage, unseen by the console and its history. */
  writeFile(name: string, bytes: Uint8Array): Promise<void>;
}

/** A secret by what it can be told by, and not guessed from: 16 bits of its CRC-32, in hexadecimal digits. */
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
    /** Null: without TLS. Of the key the fingerprint. */
    readonly tls: { readonly key: Fingerprint | null } | null;
  }[];
}

/** For a file of Storage: null where there is none, "damaged" where its CRC is wrong. */
type RecordState = ShownConfiguration | "damaged" | null;

/** Secrets never leave the board: it makes the fingerprints itself. */
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

/** The record that counts. @throws MotekitError MK1806 there is none, or of another version. */
export async function showConfiguration(board: RecordBoard): Promise<ShownConfiguration> {
  const states = await readStates(board);
  const [newest] = states.filter(isWhole).sort((one, other) => other.sequence - one.sequence);
  if (newest) return newest;
  const isDamaged = states.includes("damaged");
  throw new MotekitError({
    code: "MK1806",
    message: `The board on ${board.name} has ${isDamaged ? "a damaged configuration only" : "no configuration"}.`,
    remedy: "Write one by `motekit configure`.",
  });
}

/** A record as it goes into a file of Storage. */
export interface NextRecord {
  readonly name: (typeof CONFIGURATION_FILES)[number];
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** The record that is to be written. `sequences` are those of the two files; 0: nothing there that counts. */
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
 * Writes and verifies. A board that loses power or its line meanwhile keeps the record that it had.
 * @returns the new record's sequence number. @throws MotekitError MK1807 what was read back is not what was written.
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
    message: `The configuration did not arrive whole on ${board.name}: the board keeps the one that it had.`,
    remedy:
      "Repeat the command. If it stays so, the board's Storage may be full: `motekit files ls` shows what is there.",
  });
}

const HIDDEN = "••••";

function secret(fingerprint: Fingerprint | null, absent: string): string {
  return fingerprint === null ? absent : `${HIDDEN} (${fingerprint})`;
}

/** For people: lines. */
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
