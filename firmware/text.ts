/**
 * Conversions between text and bytes. Text is UTF-8 on the wire. The interpreter of most boards has only strings of bytes, so
 * a text is the bytes of its UTF-8 there. If it also has Unicode strings (`HAS_UNICODE`), they are converted to bytes before
 * they are sent, and back when they are received.
 */
import { HAS_UNICODE } from "motekit/board";
import { parseJson } from "./contract/configuration.ts";
import { toBytes } from "./mqtt/bytes.ts";
import { isUtf8 } from "./mqtt/topic.ts";

/**
 * The content of a message: a text, which is sent as UTF-8, or bytes, which are sent unchanged. A byte string is also
 * accepted as a string.
 */
export type Payload = string | Uint8Array | ArrayBuffer;

/** Returns the byte string of a text. A byte string and undefined are returned unchanged. */
export function textBytes<Text extends string | undefined>(text: Text): Text {
  return HAS_UNICODE ? E.fromUTF8(text) : text;
}

/** The byte string of a text or of bytes. */
export function payloadBytes(payload: Payload): string {
  // The interpreter returns a string unchanged.
  return textBytes(E.toString(payload));
}

/** The text whose UTF-8 these bytes are; other bytes stay a byte string. */
export function textOf(bytes: string): string {
  return HAS_UNICODE && /[^ -~]/.test(bytes) && isUtf8(bytes) ? E.asUTF8(bytes) : bytes;
}

/** The code of the escape `\uXXXX` at this place; 0 if there is none. */
function escapedCode(json: string, at: number): number {
  const found = json.substr(at, 6);
  return /^\\u[\da-fA-F]{4}$/.test(found) ? parseInt(found.substr(2), 16) : 0;
}

/**
 * JSON with bytes instead of the escapes beyond ASCII. Each stands for its low byte, as the interpreter has written it,
 * or with `isCharacters` for the UTF-8 of its character, as others have. Half of a surrogate pair gives what is not UTF-8.
 */
function withoutEscapes(json: string, isCharacters: boolean): string {
  let text = "";
  let at = 0;
  let from = json.indexOf("\\");
  while (from >= 0) {
    let end = from + 2;
    let bytes = json.substring(from, end);
    let code = escapedCode(json, from);
    if (code > 127) {
      let leadMax = isCharacters ? 63 : 255;
      end += 4;
      const low = escapedCode(json, end);
      if (isCharacters && code >> 10 === 54 && low >> 10 === 55) {
        code = (code << 10) - 0x35fdc00 + low;
        end += 6;
      }
      for (bytes = ""; code > leadMax; leadMax >>= 1) {
        bytes = toBytes((code & 63) | 128) + bytes;
        code >>= 6;
      }
      bytes = toBytes(((254 - 2 * leadMax) & 255) | code) + bytes;
    }
    text += json.substring(at, from) + bytes;
    at = end;
    from = json.indexOf("\\", at);
  }
  return text + json.substring(at);
}

/**
 * A value as JSON in UTF-8. Where strings are bytes, the interpreter writes each byte beyond ASCII as a character. If the
 * bytes are not UTF-8, it stays so, because JSON must be UTF-8.
 */
export function jsonText(value: unknown): string {
  // biome-ignore lint/complexity/useLiteralKeys: the interpreter's own, without the correction of the build
  const json = JSON["stringify"](value) as string;
  const text = HAS_UNICODE ? json : withoutEscapes(json, false);
  return HAS_UNICODE || isUtf8(text) ? text : json;
}

/** The parser of an interpreter with Unicode gives texts as values, and byte strings as keys. */
function withTextKeys(value: unknown): unknown {
  if (!value || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(withTextKeys);
  const keyed: { [key: string]: unknown } = {};
  for (const key of Object.keys(value)) keyed[textOf(key)] = withTextKeys((value as typeof keyed)[key]);
  return keyed;
}

/**
 * The value of JSON that came from the hub.
 *
 * @throws Error if it is not UTF-8 [RFC 8259, 8.1], which MQTT lets through, or not JSON.
 */
export function parseText(json: string): unknown {
  const text = HAS_UNICODE ? json : withoutEscapes(json, true);
  if (!isUtf8(text)) throw new Error("not UTF-8");
  const value = parseJson(text);
  return HAS_UNICODE ? withTextKeys(value) : value;
}
