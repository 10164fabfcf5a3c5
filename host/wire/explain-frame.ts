/**
 * Explains every byte of an MQTT 3.1.1 control packet for a person: field, value, clause and violation. It has no sessions, so
 * it does not check rules that depend on earlier packets.
 */
import { readFixedHeader } from "../mqtt/fixed-header.ts";
import {
  type Direction,
  type PacketTypeFacts,
  PUBLISH_FLAG,
  packetTypeOf,
  QOS_MAX,
  qosText,
  RETURN_CODE_WORDS,
  SUBACK_FAILURE,
} from "../mqtt/packet-types.ts";
import { flagsRule, RULES, type Rule, ruleText } from "../mqtt/rules.ts";
import { brokenFilterShapeRule, brokenNameShapeRule } from "../mqtt/topics.ts";
import { explainConnect } from "./explain-connect.ts";
import { type BitField, decodeText, FieldCursor, hex, shorten } from "./field-cursor.ts";
import type { ExplainedFrame } from "./frame-field.ts";

const SHOWN_FILTERS_MAX = 4;
/** A longer payload is shown by its first bytes in hexadecimal, even if it is text. */
const SHOWN_PAYLOAD_BYTES_MAX = 4_096;

/** Explains a frame, and never throws. `sizeBytes` is the frame's size if `bytes` has only its beginning. */
export function explainFrame(
  bytes: Uint8Array,
  direction: Direction,
  sizeBytes = bytes.length,
): ExplainedFrame {
  const cursor = new FieldCursor(bytes, sizeBytes > bytes.length);
  const first = bytes[0] ?? 0;
  const type = packetTypeOf(first);
  cursor.takeBits([typeBits(first >> 4, type, direction), ...flagBits(first & 15, type)], {
    name: "Fixed header",
    clause: "2.2",
  });
  takeRemainingLength(cursor, bytes, sizeBytes);
  const explain = type && EXPLAINERS[type.name];
  const details = explain?.(cursor, first & 15, sizeBytes - bytes.length, direction) ?? "";
  cursor.end();
  const packet = type?.name ?? "reserved";
  return {
    packet,
    summary: details === "" ? packet : `${packet} ${details}`,
    fields: cursor.fields,
    violation: cursor.violation,
  };
}

/** Explains a packet and returns the rest of its summary. `hiddenBytes`: the payload bytes that were not given. */
type Explainer = (cursor: FieldCursor, flags: number, hiddenBytes: number, direction: Direction) => string;

const EXPLAINERS: Readonly<Record<string, Explainer>> = {
  CONNECT: explainConnect,
  CONNACK: explainConnack,
  PUBLISH: explainPublish,
  PUBACK: explainIdentifier,
  PUBREC: explainIdentifier,
  PUBREL: explainIdentifier,
  PUBCOMP: explainIdentifier,
  SUBSCRIBE: explainSubscribe,
  SUBACK: explainSuback,
  UNSUBSCRIBE: explainUnsubscribe,
  UNSUBACK: explainIdentifier,
};

function typeBits(number: number, type: PacketTypeFacts | undefined, direction: Direction): BitField {
  const violation = (): string | undefined => {
    if (!type) return ruleText(RULES.noSuchPacket);
    if (type.direction === undefined || type.direction === direction) return undefined;
    return ruleText(type.direction === "in" ? RULES.onlyClientSends : RULES.onlyHubSends);
  };
  const value = type ? `${number} (${type.name})` : String(number);
  return {
    name: "Packet type",
    clause: "2.2.1",
    high: 7,
    low: 4,
    read: () => ({ value, violation: violation() }),
  };
}

function flagBits(flags: number, type: PacketTypeFacts | undefined): readonly BitField[] {
  if (type?.name === "PUBLISH") return publishFlags(flags);
  const wanted = type?.flags;
  const violation = wanted === undefined || wanted === flags ? undefined : ruleText(flagsRule(wanted));
  return [
    {
      name: "Flags",
      clause: "2.2.2",
      high: 3,
      low: 0,
      read: (value) => ({ value: String(value), violation }),
    },
  ];
}

function publishFlags(flags: number): readonly BitField[] {
  const qos = (flags >> 1) & 3;
  return [
    {
      name: "DUP",
      clause: "3.3.1.1",
      high: 3,
      low: 3,
      read: (bit) => ({
        value: bit ? "sent again" : "sent for the first time",
        violation: bit && qos === 0 ? ruleText(RULES.dupAtQos0) : undefined,
      }),
    },
    {
      name: "QoS",
      clause: "3.3.1.2",
      high: 2,
      low: 1,
      read: (value) => ({
        value: qosText(value),
        violation: value > QOS_MAX ? ruleText(RULES.publishQos) : undefined,
      }),
    },
    {
      name: "RETAIN",
      clause: "3.3.1.3",
      high: 0,
      low: 0,
      read: (bit) => ({ value: bit ? "retained" : "not retained" }),
    },
  ];
}

function takeRemainingLength(cursor: FieldCursor, bytes: Uint8Array, sizeBytes: number): void {
  const words = { name: "Remaining length", clause: "2.2.3" };
  const header = readFixedHeader(bytes);
  if (header === "cut off") cursor.takeCutOff(words);
  else if (header === "malformed") cursor.take(4, words, "too long", ruleText(RULES.remainingLength));
  else {
    const { sizeBytes: headerBytes, remainingLength } = header;
    const come = sizeBytes - headerBytes;
    const violation =
      come === remainingLength
        ? undefined
        : `the remaining length is ${remainingLength}, but ${come} ${come === 1 ? "byte follows" : "bytes follow"} [2.2.3]`;
    cursor.take(headerBytes - 1, words, `${remainingLength} bytes`, violation);
  }
}

function takeIdentifier(cursor: FieldCursor): number | undefined {
  return cursor.takeNumber({ name: "Packet identifier", clause: "2.3.1" }, (value) => ({
    value: String(value),
    violation: value === 0 ? ruleText(RULES.packetIdentifier) : undefined,
  }));
}

function explainIdentifier(cursor: FieldCursor): string {
  return String(takeIdentifier(cursor) ?? "");
}

function explainConnack(cursor: FieldCursor): string {
  const acknowledge = cursor.takeBits(
    [
      {
        name: "Reserved",
        clause: "3.2.2.1",
        high: 7,
        low: 1,
        read: (value) => ({
          value: String(value),
          violation: value ? ruleText(RULES.connackReserved) : undefined,
        }),
      },
      {
        name: "Session present",
        clause: "3.2.2.2",
        high: 0,
        low: 0,
        read: (bit) => ({ value: bit ? "yes" : "no" }),
      },
    ],
    { name: "Connect acknowledge flags", clause: "3.2.2.1" },
  );
  const code = cursor.takeByte({ name: "Return code", clause: "3.2.2.3" }, (value) => {
    const words = RETURN_CODE_WORDS[value];
    if (words === undefined) return { value: String(value), violation: ruleText(RULES.connackReturnCode) };
    const contradicts = value !== 0 && ((acknowledge ?? 0) & 1) === 1;
    return {
      value: `${value}: ${words}`,
      violation: contradicts ? ruleText(RULES.sessionWhereRefused) : undefined,
    };
  });
  if (code === undefined) return "";
  const session = (acknowledge ?? 0) & 1 ? "session present" : "no session";
  return code === 0 ? `accepted · ${session}` : `refused: ${RETURN_CODE_WORDS[code] ?? code}`;
}

function explainPublish(
  cursor: FieldCursor,
  flags: number,
  hiddenBytes: number,
  direction: Direction,
): string {
  const qos = (flags >> 1) & 3;
  const topic = cursor.takeText({ name: "Topic name", clause: "3.3.2.1" }, (text) =>
    brokenNameShapeRule(text, direction),
  );
  const identifier = qos > 0 ? takeIdentifier(cursor) : undefined;
  if (cursor.isLost) return topic === undefined ? "" : shorten(topic);
  const lengthBytes = cursor.left + hiddenBytes;
  cursor.takeRest({ name: "Payload", clause: "3.3.3" }, (bytes) => showPayload(bytes, lengthBytes));
  const words = [`QoS ${qos}`];
  if (flags & PUBLISH_FLAG.dup) words.push("DUP");
  if (flags & PUBLISH_FLAG.retain) words.push("retain");
  words.push(shorten(topic ?? ""), `${lengthBytes} ${lengthBytes === 1 ? "byte" : "bytes"}`);
  return `${identifier === undefined ? "" : `${identifier} · `}${words.join(" · ")}`;
}

function showPayload(bytes: Uint8Array, lengthBytes: number): string {
  const isShort = bytes.length === lengthBytes && lengthBytes <= SHOWN_PAYLOAD_BYTES_MAX;
  const text = isShort ? decodeText(bytes) : undefined;
  return `${lengthBytes} ${lengthBytes === 1 ? "byte" : "bytes"}: ${text === undefined ? hex(bytes) : shorten(text)}`;
}

function explainSubscribe(cursor: FieldCursor): string {
  return explainFilters(cursor, RULES.noFilterToSubscribe, (filter) => {
    const qos = cursor.takeBits(REQUESTED_QOS, { name: "Requested QoS", clause: "3.8.3" });
    return qos === undefined ? filter : `${filter} QoS ${qos & 3}`;
  });
}

const REQUESTED_QOS: readonly BitField[] = [
  {
    name: "Reserved",
    clause: "3.8.3",
    high: 7,
    low: 2,
    read: (value) => ({ value: String(value), violation: value ? ruleText(RULES.requestedQos) : undefined }),
  },
  {
    name: "Requested QoS",
    clause: "3.8.3",
    high: 1,
    low: 0,
    read: (value) => ({
      value: qosText(value),
      violation: value > QOS_MAX ? ruleText(RULES.requestedQos) : undefined,
    }),
  },
];

function explainUnsubscribe(cursor: FieldCursor): string {
  return explainFilters(cursor, RULES.noFilterToUnsubscribe, (filter) => filter);
}

/** Explains a list of topic filters. `takeMore` reads the fields after each filter and returns the text for the summary. */
function explainFilters(cursor: FieldCursor, atLeastOne: Rule, takeMore: (filter: string) => string): string {
  const identifier = takeIdentifier(cursor);
  if (identifier !== undefined && cursor.left === 0) cursor.blame(ruleText(atLeastOne));
  const filters: string[] = [];
  while (cursor.left > 0) {
    const filter = cursor.takeText({ name: "Topic filter", clause: "3.8.3 and 4.7" }, brokenFilterShapeRule);
    filters.push(takeMore(shorten(filter ?? "?")));
  }
  const shown = filters.slice(0, SHOWN_FILTERS_MAX).join(", ");
  const more = filters.length > SHOWN_FILTERS_MAX ? ` and ${filters.length - SHOWN_FILTERS_MAX} more` : "";
  return `${identifier ?? ""} · ${shown}${more}`;
}

function explainSuback(cursor: FieldCursor): string {
  const identifier = takeIdentifier(cursor);
  if (identifier !== undefined && cursor.left === 0) cursor.blame(ruleText(RULES.subackCount));
  const granted: string[] = [];
  while (cursor.left > 0) {
    cursor.takeByte({ name: "Return code", clause: "3.9.3" }, (code) => {
      if (code === SUBACK_FAILURE) {
        granted.push("refused");
        return { value: "0x80: refused" };
      }
      granted.push(`QoS ${code}`);
      const isQos = code <= QOS_MAX;
      return {
        value: isQos ? `granted at QoS ${qosText(code)}` : String(code),
        violation: isQos ? undefined : ruleText(RULES.subackReturnCode),
      };
    });
  }
  return `${identifier ?? ""} · ${granted.join(", ")}`;
}
