/**
 * A line of a board's firmware, read by its code words alone: no text for people, and none of the app's, is looked into.
 * The lines that older firmware prints have none; they are known by their exact words.
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
  /** Of `disconnected` and `error`; undefined where it is none of the vocabulary. */
  readonly word: DisconnectWord | ErrorWord | undefined;
  /** What stands behind the word as a code: CONNACK's return code, why there is no Wi-Fi. */
  readonly code: string | undefined;
  /** Of `disconnected`. */
  readonly nextTrySeconds: number | undefined;
}

interface OldForm {
  readonly kind: "disconnected" | "error";
  /** The whole detail. */
  readonly detail: RegExp;
  readonly word: DisconnectWord | ErrorWord;
  /** Or the first group of `detail`. */
  readonly code?: string;
}

/**
 * What older firmware prints, whole. Of other text it has only what comes from the interpreter, a topic, or a network's name at
 * the end of the line. What is not here was said in the words of today, as `error uncaught …` with the app's text.
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
/** The first word and the one behind it, without punctuation. */
const WORDS = /^([a-z-]+)(?:[:;]|$| ([\w-]*))/;

function ended(reason: string): RegExp {
  return new RegExp(`^${reason}(?:; next try in \\d+ s)?$`);
}

/** Undefined where the line is not the firmware's. */
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
