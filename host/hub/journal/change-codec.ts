/**
 * Encodes changes as records of a journal: a byte for the kind, then the fields. A message that is queued for many clients is
 * written once in a commit: its own record has topic and payload, and the changes have its number, counted from 0 in each
 * commit, and a byte with QoS (bits 0 and 1) and RETAIN (bit 2).
 */

import type { Change } from "../../broker/change.ts";
import type { Message } from "../../broker/message.ts";
import type { Qos } from "../../mqtt/packet-types.ts";
import { type ByteReader, type ByteWriter, MalformedRecord } from "./byte-fields.ts";

const KIND = {
  session: 1,
  "session ended": 2,
  subscription: 3,
  "subscription ended": 4,
  queued: 5,
  sent: 6,
  received: 7,
  settled: 8,
  accepted: 9,
  released: 10,
  retained: 11,
  "retained ended": 12,
} as const satisfies Record<Change["kind"], number>;
const MESSAGE = 13;

const QOS_MASK = 3;
const RETAIN = 4;

/** Enough for nine years at a million messages a second. */
const SEQUENCE_BYTES = 6;
const NUMBER_BYTES = 4;
const IDENTIFIER_BYTES = 2;

/** Encodes the changes of one commit. */
export class ChangeEncoder {
  /** The numbers of messages by their shared payload; the topic is compared. */
  readonly #numbers = new Map<Buffer, { readonly topic: string; readonly number: number }>();
  #messageCount = 0;

  encode(change: Change, out: ByteWriter): void {
    const message = "message" in change ? this.#numberOf(change.message, out) : 0;
    out.uint(KIND[change.kind], 1);
    if ("clientId" in change) out.text(change.clientId);
    if ("sequence" in change) out.uint(change.sequence, SEQUENCE_BYTES);
    switch (change.kind) {
      case "queued":
      case "retained":
        out.uint(message, NUMBER_BYTES);
        out.uint(change.message.qos | (change.message.retain ? RETAIN : 0), 1);
        break;
      case "subscription":
        out.text(change.topicFilter);
        out.uint(change.qos, 1);
        break;
      case "subscription ended":
        out.text(change.topicFilter);
        break;
      case "sent":
      case "accepted":
      case "released":
        out.uint(change.packetIdentifier, IDENTIFIER_BYTES);
        break;
      case "retained ended":
        out.text(change.topic);
        break;
    }
  }

  /** Returns the number of a message, after writing topic and payload if they are not written yet. */
  #numberOf({ topic, payload }: Message, out: ByteWriter): number {
    const known = this.#numbers.get(payload);
    if (known?.topic === topic) return known.number;
    const number = this.#messageCount++;
    this.#numbers.set(payload, { topic, number });
    out.uint(MESSAGE, 1);
    out.text(topic);
    out.payload(payload);
    return number;
  }
}

/** Decodes the changes of one commit. Throws MalformedRecord. */
export class ChangeDecoder {
  readonly #messages: { readonly topic: string; readonly payload: Buffer }[] = [];

  *decode(fields: ByteReader): Generator<Change> {
    while (!fields.isAtEnd) {
      const kind = fields.uint(1);
      if (kind === MESSAGE) this.#messages.push({ topic: fields.text(), payload: fields.payload() });
      else yield this.#change(kind, fields);
    }
  }

  // The fields are read in the order in which they are written.
  #change(kind: number, fields: ByteReader): Change {
    switch (kind) {
      case KIND.session:
        return { kind: "session", clientId: fields.text() };
      case KIND["session ended"]:
        return { kind: "session ended", clientId: fields.text() };
      case KIND.subscription:
        return {
          kind: "subscription",
          clientId: fields.text(),
          topicFilter: fields.text(),
          qos: qosOf(fields.uint(1)),
        };
      case KIND["subscription ended"]:
        return { kind: "subscription ended", clientId: fields.text(), topicFilter: fields.text() };
      case KIND.retained:
        return { kind: "retained", message: this.#message(fields) };
      case KIND["retained ended"]:
        return { kind: "retained ended", topic: fields.text() };
      case KIND.accepted:
        return { kind: "accepted", clientId: fields.text(), packetIdentifier: fields.uint(IDENTIFIER_BYTES) };
      case KIND.released:
        return { kind: "released", clientId: fields.text(), packetIdentifier: fields.uint(IDENTIFIER_BYTES) };
      default:
        return this.#changeOfQueued(kind, fields);
    }
  }

  #changeOfQueued(kind: number, fields: ByteReader): Change {
    const clientId = fields.text();
    const sequence = fields.uint(SEQUENCE_BYTES);
    switch (kind) {
      case KIND.queued:
        return { kind: "queued", clientId, sequence, message: this.#message(fields) };
      case KIND.sent:
        return { kind: "sent", clientId, sequence, packetIdentifier: fields.uint(IDENTIFIER_BYTES) };
      case KIND.received:
        return { kind: "received", clientId, sequence };
      case KIND.settled:
        return { kind: "settled", clientId, sequence };
      default:
        throw new MalformedRecord(`a record has the unknown kind ${kind}`);
    }
  }

  #message(fields: ByteReader): Message {
    const number = fields.uint(NUMBER_BYTES);
    const message = this.#messages[number];
    if (!message)
      throw new MalformedRecord(`a record refers to message ${number}, which the commit does not have`);
    const marks = fields.uint(1);
    return { ...message, qos: qosOf(marks & QOS_MASK), retain: (marks & RETAIN) !== 0 };
  }
}

function qosOf(value: number): Qos {
  if (value === 0 || value === 1 || value === 2) return value;
  throw new MalformedRecord(`a record has the QoS ${value}`);
}
