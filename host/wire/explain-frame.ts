/**
 * What every byte of an MQTT 3.1.1 control packet says, for a person who looks at it: field, value, clause, and what is wrong.
 * It knows no sessions: what depends on packets before is not judged.
 */
import type { FrameDirection } from "../control/wire-events.ts";
import { explainConnect } from "./explain-connect.ts";
import { type BitWords, decodeText, FieldCursor, hex, shorten } from "./field-cursor.ts";
import type { ExplainedFrame } from "./frame-field.ts";
import { readFixedHeader } from "./frame-splitter.ts";
import { PACKET_TYPES, type PacketType, qosWords, RETURN_CODES } from "./packet-types.ts";
import { faultOfTopicFilter, faultOfTopicName } from "./topic-rules.ts";

const SUBACK_FAILURE = 0x80;
const SHOWN_FILTERS_MAX = 4;
/** A longer payload is shown by its first bytes, whatever they are. */
const SHOWN_PAYLOAD_BYTES_MAX = 4_096;

/** `sizeBytes`: of the frame, where only its first bytes are given. `in`: from a client to a hub. It never throws. */
export function explainFrame(
  bytes: Uint8Array,
  direction: FrameDirection,
  sizeBytes = bytes.length,
): ExplainedFrame {
  const cursor = new FieldCursor(bytes, sizeBytes > bytes.length);
  const first = bytes[0] ?? 0;
  const type = PACKET_TYPES.get(first >> 4);
  cursor.takeBits([typeBits(first >> 4, type, direction), ...flagBits(first & 15, type)], {
    name: "Fixed header",
    clause: "2.2",
  });
  takeRemainingLength(cursor, bytes, sizeBytes);
  const explain = type && EXPLAINERS[type.name];
  const details = explain?.(cursor, first & 15, sizeBytes - bytes.length) ?? "";
  cursor.end();
  const packet = type?.name ?? "reserved";
  return {
    packet,
    summary: details === "" ? packet : `${packet} ${details}`,
    fields: cursor.fields,
    fault: cursor.fault,
  };
}

/** Gives the rest of the line for lists. `hiddenBytes`: of the payload, that were not given. */
type Explainer = (cursor: FieldCursor, flags: number, hiddenBytes: number) => string;

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

function typeBits(number: number, type: PacketType | undefined, direction: FrameDirection): BitWords {
  const fault = (): string | undefined => {
    if (!type) return "there is no such packet [2.2.1]";
    if (type.direction === undefined || type.direction === direction) return undefined;
    return type.direction === "in" ? "only a client sends it [2.2.1]" : "only a hub sends it [2.2.1]";
  };
  const value = type ? `${number} (${type.name})` : String(number);
  return { name: "Packet type", clause: "2.2.1", high: 7, low: 4, read: () => ({ value, fault: fault() }) };
}

function flagBits(flags: number, type: PacketType | undefined): readonly BitWords[] {
  if (type?.name === "PUBLISH") return publishFlags(flags);
  const wanted = type?.flags;
  const fault =
    wanted === undefined || wanted === flags ? undefined : `they have to be ${wanted} [MQTT-2.2.2-2]`;
  return [
    { name: "Flags", clause: "2.2.2", high: 3, low: 0, read: (value) => ({ value: String(value), fault }) },
  ];
}

function publishFlags(flags: number): readonly BitWords[] {
  const qos = (flags >> 1) & 3;
  return [
    {
      name: "DUP",
      clause: "3.3.1.1",
      high: 3,
      low: 3,
      read: (bit) => ({
        value: bit ? "sent again" : "sent for the first time",
        fault: bit && qos === 0 ? "at QoS 0 nothing is sent again [MQTT-3.3.1-2]" : undefined,
      }),
    },
    {
      name: "QoS",
      clause: "3.3.1.2",
      high: 2,
      low: 1,
      read: (value) => ({
        value: qosWords(value),
        fault: value === 3 ? "there is no QoS 3 [MQTT-3.3.1-4]" : undefined,
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
  else if (header === "malformed") cursor.take(4, words, "too long", "it has up to four bytes [2.2.3]");
  else {
    const { headerBytes, remainingLength } = header;
    const come = sizeBytes - headerBytes;
    const fault =
      come === remainingLength ? undefined : `${come} ${come === 1 ? "byte follows" : "bytes follow"} it`;
    cursor.take(headerBytes - 1, words, `${remainingLength} bytes`, fault);
  }
}

function takeIdentifier(cursor: FieldCursor): number | undefined {
  return cursor.takeNumber({ name: "Packet identifier", clause: "2.3.1" }, (value) => ({
    value: String(value),
    fault: value === 0 ? "it is never 0 [MQTT-2.3.1-1]" : undefined,
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
        read: (value) => ({ value: String(value), fault: value ? "it is not 0 [3.2.2.1]" : undefined }),
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
    const words = RETURN_CODES[value];
    if (words === undefined) return { value: String(value), fault: "there is no such return code [3.2.2.3]" };
    const contradicts = value !== 0 && ((acknowledge ?? 0) & 1) === 1;
    return {
      value: `${value}: ${words}`,
      fault: contradicts ? "who is refused has no session [MQTT-3.2.2-4]" : undefined,
    };
  });
  if (code === undefined) return "";
  const session = (acknowledge ?? 0) & 1 ? "session present" : "no session";
  return code === 0 ? `accepted · ${session}` : `refused: ${RETURN_CODES[code] ?? code}`;
}

function explainPublish(cursor: FieldCursor, flags: number, hiddenBytes: number): string {
  const qos = (flags >> 1) & 3;
  const topic = cursor.takeText({ name: "Topic name", clause: "3.3.2.1" }, faultOfTopicName);
  const identifier = qos > 0 ? takeIdentifier(cursor) : undefined;
  if (cursor.isLost) return topic === undefined ? "" : shorten(topic);
  const lengthBytes = cursor.left + hiddenBytes;
  cursor.takeRest({ name: "Payload", clause: "3.3.3" }, (bytes) => showPayload(bytes, lengthBytes));
  const words = [`QoS ${qos}`];
  if (flags & 8) words.push("DUP");
  if (flags & 1) words.push("retain");
  words.push(shorten(topic ?? ""), `${lengthBytes} ${lengthBytes === 1 ? "byte" : "bytes"}`);
  return `${identifier === undefined ? "" : `${identifier} · `}${words.join(" · ")}`;
}

function showPayload(bytes: Uint8Array, lengthBytes: number): string {
  const isShort = bytes.length === lengthBytes && lengthBytes <= SHOWN_PAYLOAD_BYTES_MAX;
  const text = isShort ? decodeText(bytes) : undefined;
  return `${lengthBytes} ${lengthBytes === 1 ? "byte" : "bytes"}: ${text === undefined ? hex(bytes) : shorten(text)}`;
}

function explainSubscribe(cursor: FieldCursor): string {
  return explainFilters(cursor, "MQTT-3.8.3-3", (filter) => {
    const qos = cursor.takeBits(REQUESTED_QOS, { name: "Requested QoS", clause: "3.8.3" });
    return qos === undefined ? filter : `${filter} QoS ${qos & 3}`;
  });
}

const REQUESTED_QOS: readonly BitWords[] = [
  {
    name: "Reserved",
    clause: "3.8.3",
    high: 7,
    low: 2,
    read: (value) => ({ value: String(value), fault: value ? "it is not 0 [MQTT-3.8.3-4]" : undefined }),
  },
  {
    name: "Requested QoS",
    clause: "3.8.3",
    high: 1,
    low: 0,
    read: (value) => ({
      value: qosWords(value),
      fault: value === 3 ? "there is no QoS 3 [MQTT-3.8.3-4]" : undefined,
    }),
  },
];

function explainUnsubscribe(cursor: FieldCursor): string {
  return explainFilters(cursor, "MQTT-3.10.3-2", (filter) => filter);
}

/** `takeMore` reads what stands behind each filter, and words both for lists. */
function explainFilters(
  cursor: FieldCursor,
  atLeastOne: string,
  takeMore: (filter: string) => string,
): string {
  const identifier = takeIdentifier(cursor);
  if (identifier !== undefined && cursor.left === 0) cursor.blame(`it has no topic filter [${atLeastOne}]`);
  const filters: string[] = [];
  while (cursor.left > 0) {
    const filter = cursor.takeText({ name: "Topic filter", clause: "3.8.3 and 4.7" }, faultOfTopicFilter);
    filters.push(takeMore(shorten(filter ?? "?")));
  }
  const shown = filters.slice(0, SHOWN_FILTERS_MAX).join(", ");
  const more = filters.length > SHOWN_FILTERS_MAX ? ` and ${filters.length - SHOWN_FILTERS_MAX} more` : "";
  return `${identifier ?? ""} · ${shown}${more}`;
}

function explainSuback(cursor: FieldCursor): string {
  const identifier = takeIdentifier(cursor);
  if (identifier !== undefined && cursor.left === 0) cursor.blame("it has no return code [MQTT-3.8.4-5]");
  const granted: string[] = [];
  while (cursor.left > 0) {
    cursor.takeByte({ name: "Return code", clause: "3.9.3" }, (code) => {
      if (code === SUBACK_FAILURE) {
        granted.push("refused");
        return { value: "0x80: refused" };
      }
      granted.push(`QoS ${code}`);
      const isQos = code <= 2;
      return {
        value: isQos ? `granted at QoS ${qosWords(code)}` : String(code),
        fault: isQos ? undefined : "it is 0, 1, 2 or 0x80 [MQTT-3.9.3-2]",
      };
    });
  }
  return `${identifier ?? ""} · ${granted.join(", ")}`;
}
