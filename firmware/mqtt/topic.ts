/**
 * Topic names and topic filters [MQTT 3.1.1, 4.7] as byte strings: well-formed UTF-8 [MQTT-1.5.3-1] without U+0000
 * [MQTT-1.5.3-2], and without what 1.5.3 lets a receiver refuse: control characters and noncharacters. The device sends
 * topics of up to 200 levels, because hubs end the connection at more; it takes any number from a hub.
 */
import { encodeString } from "./bytes.ts";
import { TOPIC_LEVELS_MAX, TOPIC_SIZE_BYTES_MAX } from "./limits.ts";

/** The last valid topic name, and its encoding in a packet, because the next message often has the same topic. */
export let knownTopic: string | undefined;
export let knownHead = "";

/** The position of the next character. */
let cursor = 0;

/** Returns the character at the cursor, and moves the cursor past it; -1 if the bytes there are not UTF-8. */
function nextCharacter(bytes: string): number {
  let code = bytes.charCodeAt(cursor++);
  if (code < 128) return code;
  // The lead byte tells how many follow; it carries fewer bits the more there are.
  if (code < 192 || code > 244) return -1;
  let more = code > 239 ? 3 : code > 223 ? 2 : 1;
  const least = more > 2 ? 0x10000 : more > 1 ? 0x800 : 128;
  code &= 63 >> more;
  while (more--) {
    const byte = bytes.charCodeAt(cursor++);
    if (byte >> 6 !== 2) return -1;
    code = (code << 6) | (byte & 63);
  }
  return code < least || code > 0x10ffff || code >> 11 === 27 ? -1 : code;
}

/** Whether the bytes are UTF-8. */
export function isUtf8(bytes: string): boolean {
  if (/[^ -~]/.test(bytes)) {
    for (cursor = 0; cursor < bytes.length; ) {
      if (nextCharacter(bytes) < 0) return false;
    }
  }
  return true;
}

/**
 * Whether the bytes are a topic name, or with `allowsWildcards` a topic filter. In a filter, `+` and `#` must occupy a whole
 * level, and `#` the last [MQTT-4.7.1-2, MQTT-4.7.1-3].
 */
export function isTopic(bytes: string, allowsWildcards: boolean, allowsAnyLevels?: boolean): boolean {
  const length = bytes.length;
  let levels = 1;
  // At least one character [MQTT-4.7.3-1].
  if (!length || length > TOPIC_SIZE_BYTES_MAX) return false;
  if (length >= TOPIC_LEVELS_MAX) {
    let at = bytes.indexOf("/");
    while (at >= 0 && ++levels <= TOPIC_LEVELS_MAX) at = bytes.indexOf("/", at + 1);
    if (levels > TOPIC_LEVELS_MAX && !allowsAnyLevels) return false;
  }
  // Most topics are plain ASCII, for which a regular expression is faster than the loop below.
  if (/[^ -"$-*,-~]/.test(bytes)) {
    if (
      /[+#]/.test(bytes) &&
      (!allowsWildcards || /[^/][+#]/.test(bytes) || /[+#][^/]/.test(bytes) || /#./s.test(bytes))
    )
      return false;
    for (cursor = 0; cursor < length; ) {
      const code = nextCharacter(bytes);
      if (code < 32 || (code > 126 && code < 160)) return false;
      if ((code & 0xfffe) === 0xfffe || (code - 0xfdd0) >> 5 === 0) return false;
    }
  }
  if (!allowsWildcards && levels <= TOPIC_LEVELS_MAX) {
    knownTopic = bytes;
    knownHead = encodeString(bytes);
  }
  return true;
}
