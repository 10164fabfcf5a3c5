/**
 * Lines that a device prints on its console for machines to read, among the free text of the app:
 *
 *     ~mk <kind> <detail>
 *
 * The detail of `disconnected` and `error` begins with code words, which are all that a machine reads of them. Text for
 * people may follow, and punctuation may stand between:
 *
 *     ~mk disconnected connack 4: bad user name or password; next try in 304 s
 *     ~mk error wifi 201
 *     ~mk error uncaught Error: sensor 2 is gone
 *
 * Only `log`, and what stands behind `uncaught`, is the app's text. It stays in its line (`oneLine`).
 */
export type ConsoleKind =
  /** The firmware started: the device ID. */
  | "boot"
  /** The network stands. */
  | "network"
  /** CONNACK accepted: host:port. */
  | "connected"
  /** The connection ended, or never stood: a `DisconnectWord`; at the end `; next try in <n> s`. */
  | "disconnected"
  /** The app's own word. */
  | "log"
  /** Something went wrong: an `ErrorWord`. */
  | "error"
  /** A pin was written (printed by the simulator): name and level. */
  | "pin";

/** Why a connection to the hub ended, or never stood. */
export const DISCONNECT_WORDS = [
  /** CONNACK refused the device; its return code follows as a word. */
  "connack",
  /** Nobody knows the hub's name. */
  "dns",
  /** TCP reached nobody at the hub's address: refused, or no answer in time. */
  "connect",
  /** The socket could not be opened for another reason, such as TLS. */
  "socket",
  /** The hub, or the network, closed the connection. */
  "closed",
  /** The hub took the connection, and did not answer CONNECT in time. */
  "no-connack",
  "no-pingresp",
  /** The hub answers pings, and does not acknowledge. */
  "no-acknowledgement",
  /** The hub did not release its messages of QoS 2. */
  "no-pubrel",
  /** The hub sent what MQTT forbids. */
  "malformed",
  /** The hub sent a topic name that is longer than the longest message. */
  "topic-too-long",
  /** The hub does not read what the device sends. */
  "unread",
  /** The app's stream gave nothing more before its end. */
  "stream-broken",
  "network-lost",
] as const;

export type DisconnectWord = (typeof DISCONNECT_WORDS)[number];

/** The code words of errors. */
export const ERROR_WORDS = [
  /** No slot holds a whole app. Boot code prints it as `no app`, for it stays on a board as it is. */
  "no-app",
  "no-configuration",
  "damaged-configuration",
  /** There is no Wi-Fi: ESP-IDF's reason code follows as a word, or `no-answer` where a network did not answer in time. */
  "wifi",
  /** The app threw where nothing caught: the exception follows, which is the app's text. */
  "uncaught",
  /** The interpreter took something away, so that the device restarts: Espruino's error flags follow. */
  "restart",
  /** A message from the hub was skipped: its topic follows. */
  "message-too-long",
  /** The topic filter follows. */
  "subscription-refused",
  /** Persistence could not keep a packet: why follows. */
  "not-kept",
] as const;

export type ErrorWord = (typeof ERROR_WORDS)[number];

/** Behind `wifi`: NO_AP_FOUND. */
export const WIFI_NO_ACCESS_POINT = "201";
/** Behind `wifi`: AUTH_EXPIRE, 4WAY_HANDSHAKE_TIMEOUT, AUTH_FAIL, HANDSHAKE_TIMEOUT. */
export const WIFI_PASSWORD_REFUSED: readonly string[] = ["2", "15", "202", "204"];
/** Behind `wifi`: a network could not be joined in time, or gave no address. Its name follows. */
export const WIFI_NO_ANSWER = "no-answer";

export interface ConsoleLine {
  readonly kind: ConsoleKind;
  readonly detail: string;
}

const MARK = "~mk ";
const KINDS: readonly string[] = ["boot", "network", "connected", "disconnected", "log", "error", "pin"];

export function formatConsoleLine(kind: ConsoleKind, detail: string): string {
  return MARK + kind + " " + detail;
}

/** An app's text, so that nothing in it begins another line, as ESC does too: by it the interpreter takes its prompt away. */
export function oneLine(text: unknown): string {
  return String(text).split("\n").join(" ").split("\x1b").join(" ");
}

/** Undefined where the line is free text. */
export function parseConsoleLine(line: string): ConsoleLine | undefined {
  if (!line.startsWith(MARK)) return undefined;
  const rest = line.substring(MARK.length);
  const space = rest.indexOf(" ");
  const kind = space < 0 ? rest : rest.substring(0, space);
  if (!KINDS.includes(kind)) return undefined;
  return { kind: kind as ConsoleKind, detail: space < 0 ? "" : rest.substring(space + 1) };
}
