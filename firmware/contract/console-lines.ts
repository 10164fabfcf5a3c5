/**
 * Lines that a device prints on its console for machines to read, among the free text of the app:
 *
 *     ~mk <kind> <detail>
 *
 * The detail of `disconnected` and `error` begins with code words, which are all that a machine reads of them. Text for
 * people may follow, after punctuation:
 *
 *     ~mk disconnected connack 4: bad user name or password; next try in 304 s
 *     ~mk error wifi 201
 *     ~mk error uncaught Error: sensor 2 is gone
 *
 * Only the text of `log` and the text after `uncaught` come from the app. They cannot contain a line break (`oneLine`).
 */
export type ConsoleKind =
  /** The firmware started: the device ID. */
  | "boot"
  /** The network is connected. */
  | "network"
  /** CONNACK accepted: host:port. */
  | "connected"
  /** The connection ended or could not be established: a `DisconnectWord`; at the end `; next try in <n> s`. */
  | "disconnected"
  /** A text that the app logs. */
  | "log"
  /** Something went wrong: an `ErrorWord`. */
  | "error"
  /** A pin was written (printed by the simulator): name and level. */
  | "pin";

/** The reasons why a connection to the hub ended or could not be established. */
export const DISCONNECT_WORDS = [
  /** CONNACK refused the device; its return code follows as a word. */
  "connack",
  /** The hub's name could not be resolved. */
  "dns",
  /** The TCP connection was refused, or nobody answered in time. */
  "connect",
  /** The socket could not be opened for another reason, such as TLS. */
  "socket",
  /** The hub, or the network, closed the connection. */
  "closed",
  /** The hub accepted the connection, but did not answer CONNECT in time. */
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
  /** The app's stream returned no data before its end. */
  "stream-broken",
  "network-lost",
] as const;

export type DisconnectWord = (typeof DISCONNECT_WORDS)[number];

/** The code words of errors. */
export const ERROR_WORDS = [
  /** No slot has a complete app. The boot code prints `no app`, and is not updated, so this form must remain. */
  "no-app",
  "no-configuration",
  "damaged-configuration",
  /** There is no Wi-Fi: ESP-IDF's reason code follows as a word, or `no-answer` where a network did not answer in time. */
  "wifi",
  /** The app did not catch an exception, which follows as text of the app. */
  "uncaught",
  /** The interpreter removed a handler, so the device restarts: Espruino's error flags follow. */
  "restart",
  /** A message from the hub was skipped: its topic follows. */
  "message-too-long",
  /** The topic filter follows. */
  "subscription-refused",
  /** The hub ended each connection at a message or subscription, which was removed: its topic follows. */
  "set-aside",
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

/**
 * Returns an app's text without characters that begin another line. ESC is one of them, because the interpreter uses it to
 * remove its prompt.
 */
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
