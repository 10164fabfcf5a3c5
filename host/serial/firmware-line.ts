/**
 * Parses a line of a board's firmware by its code words only, and never by text for people or of the app. The lines of older
 * firmware have no code words, and are recognized by their exact text.
 */
import {
  type ConsoleKind,
  DISCONNECT_WORDS,
  type DisconnectWord,
  ERROR_WORDS,
  type ErrorWord,
  parseConsoleLine,
} from "../../firmware/contract/console-lines.ts";

export interface FirmwareLine {
  readonly kind: ConsoleKind;
  readonly detail: string;
  /** The code word of `disconnected` or `error`; undefined if it is unknown. */
  readonly word: DisconnectWord | ErrorWord | undefined;
  /** The code after the word: CONNACK's return code, or the reason of a Wi-Fi failure. */
  readonly code: string | undefined;
  /** The seconds to the next attempt, after `disconnected`. */
  readonly nextTrySeconds: number | undefined;
}

interface OldForm {
  readonly kind: "disconnected" | "error";
  /** Matches the whole detail. */
  readonly detail: RegExp;
  readonly word: DisconnectWord | ErrorWord;
  /** The code. If undefined, it is the first group of `detail`. */
  readonly code?: string;
}

/**
 * The complete lines of older firmware. The only variable texts in them come from the interpreter, or are a topic or a network's
 * name at the end of the line. Lines that are not here already had code words, such as `error uncaught …`.
 */
const OLD_FORMS: readonly OldForm[] = [
  { kind: "error", detail: /^no app$/, word: "no-app" },
  { kind: "error", detail: /^no configuration: configure this device anew$/, word: "no-configuration" },
  {
    kind: "error",
    detail: /^damaged configuration: configure this device anew$/,
    word: "damaged-configuration",
  },
  // A reason code of ESP-IDF, or its name.
  { kind: "error", detail: /^(\d{1,3})$/, word: "wifi" },
  { kind: "error", detail: /^NO_AP_FOUND$/, word: "wifi", code: "201" },
  { kind: "error", detail: /^AUTH_EXPIRE$/, word: "wifi", code: "2" },
  { kind: "error", detail: /^4WAY_HANDSHAKE_TIMEOUT$/, word: "wifi", code: "15" },
  { kind: "error", detail: /^AUTH_FAIL$/, word: "wifi", code: "202" },
  { kind: "error", detail: /^HANDSHAKE_TIMEOUT$/, word: "wifi", code: "204" },
  { kind: "error", detail: /^no answer from .*$/, word: "wifi", code: "no-answer" },
  { kind: "error", detail: /^message too long: .*$/, word: "message-too-long" },
  { kind: "error", detail: /^subscription refused: .*$/, word: "subscription-refused" },
  { kind: "error", detail: /^not kept: .*$/, word: "not-kept" },
  { kind: "disconnected", detail: /^refused (\d+)$/, word: "connack" },
  {
    kind: "disconnected",
    detail: ended(
      "refused: (?:unacceptable protocol version|identifier rejected|server unavailable|bad user name or password|" +
        "not authorized|reserved return code) \\(CONNACK (\\d+)\\)",
    ),
    word: "connack",
  },
  { kind: "disconnected", detail: ended("(?:(?:Internal)?Error: )?Unable to locate host"), word: "dns" },
  {
    kind: "disconnected",
    detail: ended(
      "(?:(?:Internal)?Error: )?(?:Unable to create socket|Connect failed(?: \\(err -?\\d+\\))?)",
    ),
    word: "connect",
  },
  { kind: "disconnected", detail: ended("no CONNACK"), word: "no-connack" },
  { kind: "disconnected", detail: ended("no PINGRESP"), word: "no-pingresp" },
  { kind: "disconnected", detail: ended("no acknowledgement"), word: "no-acknowledgement" },
  { kind: "disconnected", detail: ended("topic too long"), word: "topic-too-long" },
  { kind: "disconnected", detail: ended("too many messages without PUBREL"), word: "no-pubrel" },
  { kind: "disconnected", detail: ended("hub does not read"), word: "unread" },
  { kind: "disconnected", detail: ended("stream broke off"), word: "stream-broken" },
  { kind: "disconnected", detail: ended("network lost"), word: "network-lost" },
];

const NEXT_TRY = /; next try in (\d+) s$/;
/** The first two words, without punctuation. */
const WORDS = /^([a-z-]+)(?:[:;]|$| ([\w-]*))/;

function ended(reason: string): RegExp {
  return new RegExp(`^${reason}(?:; next try in \\d+ s)?$`);
}

/** Returns undefined if the line is not the firmware's. */
export function readFirmwareLine(line: string): FirmwareLine | undefined {
  const said = parseConsoleLine(line);
  if (!said) return undefined;
  const { kind, detail } = said;
  if (kind !== "disconnected" && kind !== "error") {
    return { kind, detail, word: undefined, code: undefined, nextTrySeconds: undefined };
  }
  const seconds = kind === "disconnected" ? NEXT_TRY.exec(detail)?.[1] : undefined;
  return {
    kind,
    detail,
    ...(newForm(kind, detail) ?? oldForm(kind, detail)),
    nextTrySeconds: seconds === undefined ? undefined : Number(seconds),
  };
}

type Read = Pick<FirmwareLine, "word" | "code">;

function newForm(kind: "disconnected" | "error", detail: string): Read | undefined {
  const [, first = "", second] = WORDS.exec(detail) ?? [];
  const vocabulary: readonly string[] = kind === "error" ? ERROR_WORDS : DISCONNECT_WORDS;
  if (!vocabulary.includes(first)) return undefined;
  const hasCode = first === "connack" || first === "wifi";
  return { word: first as Read["word"], code: hasCode ? second : undefined };
}

function oldForm(kind: "disconnected" | "error", detail: string): Read {
  for (const form of OLD_FORMS) {
    const found = form.kind === kind && form.detail.exec(detail);
    if (found) return { word: form.word, code: form.code ?? found[1] };
  }
  return { word: undefined, code: undefined };
}
