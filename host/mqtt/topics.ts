/**
 * What may stand in a text of MQTT, in a topic name and in a topic filter [MQTT 3.1.1, 1.5.3 and 4.7]. Whoever takes one from
 * a person or a peer asks here, so that all give the same verdict, with the rule that is broken.
 */
import { type Direction, FIELD_BYTES_MAX } from "./packet-types.ts";
import type { Rule } from "./rules.ts";

/** The specification has no such limit. As Mosquitto has it: what walks topics goes level by level. */
export const TOPIC_LEVELS_MAX = 200;

const NULL_CHARACTER: Rule = { words: "a text has no null character (U+0000)", clause: "MQTT-1.5.3-2" };
const LONE_SURROGATE: Rule = {
  words: "a text has no lone surrogate, which is a half of a character",
  clause: "MQTT-1.5.3-1",
};
const CONTROL_CHARACTER: Rule = {
  words:
    "a text has no control characters (U+0001 to U+001F, U+007F to U+009F): who gets one may end the connection",
  clause: "1.5.3",
};
const NONCHARACTER: Rule = {
  words: "a text has no noncharacters (such as U+FFFF): who gets one may end the connection",
  clause: "1.5.3",
};
const TEXT_TOO_LONG: Rule = { words: `a text has up to ${FIELD_BYTES_MAX} bytes of UTF-8`, clause: "1.5.3" };
const TOPIC_TOO_LONG: Rule = {
  words: `a topic has up to ${FIELD_BYTES_MAX} bytes of UTF-8`,
  clause: "MQTT-4.7.3-3",
};
const EMPTY_NAME: Rule = { words: "a topic name has at least one character", clause: "MQTT-4.7.3-1" };
const EMPTY_FILTER: Rule = { words: "a topic filter has at least one character", clause: "MQTT-4.7.3-1" };
const WILDCARD_IN_NAME: Rule = { words: "a topic name has no wildcards (+ and #)", clause: "MQTT-3.3.2-2" };
const MISPLACED_HASH: Rule = {
  words: "# stands alone in a level, which is the last",
  clause: "MQTT-4.7.1-2",
};
const MISPLACED_PLUS: Rule = { words: "+ stands alone in a level", clause: "MQTT-4.7.1-3" };
const TOO_MANY_LEVELS: Rule = {
  words: `a topic has up to ${TOPIC_LEVELS_MAX} levels`,
  clause: "a limit of motekit's hub, as of Mosquitto",
};

/** Nothing but these is forbidden nowhere, and common. */
const UNCOMMON = /[^ -~]/;

const encoder = new TextEncoder();

/** The rule that a text breaks wherever it stands in a packet. Undefined: none. */
export function brokenTextRule(text: string): Rule | undefined {
  return brokenCharacterRule(text) ?? (isTooLong(text) ? TEXT_TOO_LONG : undefined);
}

/**
 * The same without the length, for a text that came in a packet of that direction. A client takes control characters and
 * noncharacters from a hub, because a receiver may refuse them and need not [1.5.3].
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
  // No character has more than three bytes for each of its UTF-16 units.
  return text.length * 3 > FIELD_BYTES_MAX && encoder.encode(text).length > FIELD_BYTES_MAX;
}

/** The rule that a text breaks as a topic name, which a message is published to. Undefined: none. */
export function brokenTopicNameRule(text: string): Rule | undefined {
  if (isTooLong(text)) return TOPIC_TOO_LONG;
  return brokenCharacterRule(text) ?? brokenNameShapeRule(text);
}

/** The rule that a text breaks as a topic filter, which a client subscribes to. Undefined: none. */
export function brokenTopicFilterRule(text: string): Rule | undefined {
  if (isTooLong(text)) return TOPIC_TOO_LONG;
  return brokenCharacterRule(text) ?? brokenFilterShapeRule(text);
}

/**
 * The rule that a topic name breaks whose length and characters are right. `direction`: of the packet that carries it. A
 * client takes any number of levels from a hub, whose limit may be another.
 */
export function brokenNameShapeRule(topicName: string, direction: Direction = "in"): Rule | undefined {
  if (topicName === "") return EMPTY_NAME;
  if (topicName.includes("+") || topicName.includes("#")) return WILDCARD_IN_NAME;
  return direction === "in" && hasTooManyLevels(topicName) ? TOO_MANY_LEVELS : undefined;
}

/** The rule that a topic filter breaks whose length and characters are right. */
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
  // A level has a slash before it, so that most topics are too short to be looked at.
  return topic.length >= TOPIC_LEVELS_MAX && topic.split("/").length > TOPIC_LEVELS_MAX;
}
