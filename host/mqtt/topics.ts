/**
 * Checks texts, topic names and topic filters of MQTT [MQTT 3.1.1, 1.5.3 and 4.7]. All code that gets one from a person or a
 * peer checks it here, so that all give the same verdict and name the same rule.
 */
import { type Direction, FIELD_BYTES_MAX } from "./packet-types.ts";
import type { Rule } from "./rules.ts";

/** The limit on levels, which bounds the work of matching. Mosquitto has the same limit; the specification has none. */
export const TOPIC_LEVELS_MAX = 200;

const NULL_CHARACTER: Rule = { words: "a text contains the null character (U+0000)", clause: "MQTT-1.5.3-2" };
const LONE_SURROGATE: Rule = {
  words: "a text contains a lone surrogate, which is half of a character",
  clause: "MQTT-1.5.3-1",
};
const CONTROL_CHARACTER: Rule = {
  words:
    "a text contains a control character (U+0001 to U+001F, U+007F to U+009F), for which the receiver may close the connection",
  clause: "1.5.3",
};
const NONCHARACTER: Rule = {
  words: "a text contains a noncharacter (such as U+FFFF), for which the receiver may close the connection",
  clause: "1.5.3",
};
const TEXT_TOO_LONG: Rule = {
  words: `a text is longer than ${FIELD_BYTES_MAX} bytes of UTF-8`,
  clause: "1.5.3",
};
const TOPIC_TOO_LONG: Rule = {
  words: `a topic is longer than ${FIELD_BYTES_MAX} bytes of UTF-8`,
  clause: "MQTT-4.7.3-3",
};
const EMPTY_NAME: Rule = { words: "a topic name is empty", clause: "MQTT-4.7.3-1" };
const EMPTY_FILTER: Rule = { words: "a topic filter is empty", clause: "MQTT-4.7.3-1" };
const WILDCARD_IN_NAME: Rule = { words: "a topic name contains a wildcard (+ or #)", clause: "MQTT-3.3.2-2" };
const MISPLACED_HASH: Rule = {
  words: "# is not a whole level, or not the last level",
  clause: "MQTT-4.7.1-2",
};
const MISPLACED_PLUS: Rule = { words: "+ is not a whole level", clause: "MQTT-4.7.1-3" };
const TOO_MANY_LEVELS: Rule = {
  words: `a topic has more than ${TOPIC_LEVELS_MAX} levels`,
  clause: "a limit of motekit's hub, the same as Mosquitto's",
};

/** A character outside printable ASCII. Printable ASCII is always allowed. */
const UNCOMMON = /[^ -~]/;

const encoder = new TextEncoder();

/** The rule that a text breaks in any field of a packet, or undefined. */
export function brokenTextRule(text: string): Rule | undefined {
  return brokenCharacterRule(text) ?? (isTooLong(text) ? TEXT_TOO_LONG : undefined);
}

/**
 * The same without the length, for a text in a packet of a direction. A client accepts control characters and noncharacters
 * from a hub, because a receiver need not refuse them [1.5.3].
 */
export function brokenCharacterRule(text: string, direction: Direction = "in"): Rule | undefined {
  if (!UNCOMMON.test(text)) return undefined;
  if (text.includes("\0")) return NULL_CHARACTER;
  if (direction === "out") return undefined;
  if (/\p{Surrogate}/u.test(text)) return LONE_SURROGATE;
  if (/\p{Control}/u.test(text)) return CONTROL_CHARACTER;
  return /\p{Noncharacter_Code_Point}/u.test(text) ? NONCHARACTER : undefined;
}

function isTooLong(text: string): boolean {
  // A character has at most three bytes of UTF-8 for each of its UTF-16 units.
  return text.length * 3 > FIELD_BYTES_MAX && encoder.encode(text).length > FIELD_BYTES_MAX;
}

/** The rule that a text breaks as a topic name, which a message is published to, or undefined. */
export function brokenTopicNameRule(text: string): Rule | undefined {
  if (isTooLong(text)) return TOPIC_TOO_LONG;
  return brokenCharacterRule(text) ?? brokenNameShapeRule(text);
}

/** The rule that a text breaks as a topic filter, which a client subscribes to, or undefined. */
export function brokenTopicFilterRule(text: string): Rule | undefined {
  if (isTooLong(text)) return TOPIC_TOO_LONG;
  return brokenCharacterRule(text) ?? brokenFilterShapeRule(text);
}

/**
 * The rule that a topic name with valid length and characters breaks. `direction` is that of its packet: a client accepts any
 * number of levels from a hub, because a hub may have a higher limit.
 */
export function brokenNameShapeRule(topicName: string, direction: Direction = "in"): Rule | undefined {
  if (topicName === "") return EMPTY_NAME;
  if (topicName.includes("+") || topicName.includes("#")) return WILDCARD_IN_NAME;
  return direction === "in" && hasTooManyLevels(topicName) ? TOO_MANY_LEVELS : undefined;
}

/** The rule that a topic filter with valid length and characters breaks. */
export function brokenFilterShapeRule(topicFilter: string): Rule | undefined {
  if (topicFilter === "") return EMPTY_FILTER;
  if (topicFilter.includes("#") || topicFilter.includes("+")) {
    const levels = topicFilter.split("/");
    const hash = levels.findIndex((level) => level.includes("#"));
    if (hash >= 0 && (hash < levels.length - 1 || levels[hash] !== "#")) return MISPLACED_HASH;
    if (levels.some((level) => level.includes("+") && level !== "+")) return MISPLACED_PLUS;
  }
  return hasTooManyLevels(topicFilter) ? TOO_MANY_LEVELS : undefined;
}

function hasTooManyLevels(topic: string): boolean {
  // Each level but the first has a slash, so most topics are too short to need the check.
  return topic.length >= TOPIC_LEVELS_MAX && topic.split("/").length > TOPIC_LEVELS_MAX;
}
