/**
 * The session with the hub, which outlives connections: the set of subscriptions, and the outbox, which holds what
 * waits for the hub's acknowledgement, such as messages of QoS 1 from `publish` to their PUBACK. Each new connection sends them again, in order and marked DUP [MQTT-4.4.0-1,
 * MQTT-4.6.0-1]. The outbox has a bound in bytes; beyond it `publish` refuses.
 * QoS 2 is a module of its own (qos2.ts).
 */
import { encodeString, encodeUint16, toBytes } from "./bytes.ts";
import { PACKET_IDENTIFIER_MAX } from "./limits.ts";
import { backlogBytes, handlers, isUp, outboxSizeBytesMax, send } from "./link.ts";
import { encodePacket } from "./packet.ts";
import {
  CONNACK,
  DUP,
  PUBACK,
  PUBLISH,
  PUBREC,
  SUBACK,
  SUBACK_FAILURE,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from "./packet-types.ts";
import { isTopic, knownTopic } from "./topic.ts";

/**
 * Comes once, when the hub has the message. `inDoubt`: the hub had lost the session with the message in flight, or may
 * have, or keeps none, and may have it twice.
 */
export type OnAcknowledged = (inDoubt: boolean) => void;

/** What waits for the hub's acknowledgement. */
export interface Entry {
  /** As it goes out next. */
  packet: string;
  /** First byte of the packet that answers it. */
  answer: number;
  isSent: boolean;
  inDoubt: boolean;
  readonly onAcknowledged: OnAcknowledged | undefined;
  /** Of SUBSCRIBE and UNSUBSCRIBE. */
  readonly topicFilter: string | undefined;
}

/** Of a message of QoS 2. 0: it was delivered; 1: it is new; 2: its handler was running when power failed. */
export type Novelty = 0 | 1 | 2;

/**
 * Takes the packets of QoS 2. For PUBLISH: the message's novelty. For CONNACK: the identifier is empty if the hub has no
 * session. For others: whether a hub may send them.
 */
export type Extension = (firstByte: number, identifier: string) => Novelty;

/**
 * Keeps the session beyond a restart. Keys are packet identifiers (two bytes) behind a letter: `i` as in the outbox, `r`
 * for one that the hub gave to a message of QoS 2.
 */
export interface Journal {
  /** Before the packet goes out: false where it is not kept. */
  readonly keep: (key: string, packet: string) => boolean;
  /** 0: PUBREC came, or the message was delivered. 1: over. Of a key that is not kept: nothing. */
  readonly mark: (key: string, step: 0 | 1) => void;
}

/** By packet identifier (two bytes behind a letter), in the order of sending. */
export let outbox: { [key: string]: Entry } = {};
export let outboxBytes = 0;

const wanted: { [topicFilter: string]: 0 | 1 | 2 } = {};
let extension: Extension | undefined;
export let journal: Journal | undefined;
let lastIdentifier = 0;
/** The first entry of the outbox at the last PINGREQ. */
let oldest: Entry | undefined;

/** Puts PUBREL in the place of the PUBLISH that the hub has received, at the end: in the order of PUBRECs. */
export function replace(key: string, packet: string, answer: number): void {
  const entry = outbox[key] as Entry;
  outboxBytes += packet.length - entry.packet.length;
  entry.packet = packet;
  entry.answer = answer;
  if (journal) journal.mark(key, 0);
  delete outbox[key];
  outbox[key] = entry;
}

/** QoS 2, plugged in. */
export function extend(newExtension: Extension): void {
  extension = newExtension;
}

/** Persistence, plugged in. */
export function setJournal(newJournal: Journal): void {
  journal = newJournal;
}

/** Takes a packet into the outbox, between whose `head` and `tail` its identifier belongs, and sends it. */
function add(
  firstByte: number,
  head: string,
  tail: string,
  answer: number,
  onAcknowledged: OnAcknowledged | undefined,
  topicFilter: string | undefined,
): boolean {
  let identifier: string;
  do {
    lastIdentifier = (lastIdentifier % PACKET_IDENTIFIER_MAX) + 1;
    identifier = encodeUint16(lastIdentifier);
  } while ("i" + identifier in outbox);
  const packet = encodePacket(firstByte, head + identifier + tail);
  // Subscriptions are few, and an app cannot do without them.
  if (!topicFilter) {
    if (outboxBytes + packet.length > outboxSizeBytesMax) return false;
    if (journal && !journal.keep("i" + identifier, packet)) return false;
  }
  outboxBytes += packet.length;
  outbox["i" + identifier] = { packet, answer, isSent: isUp, inDoubt: false, onAcknowledged, topicFilter };
  if (isUp) send(packet);
  return true;
}

/**
 * False where the message was refused: no topic name, at QoS 0 no connection, no room, at QoS 2 nothing plugged in.
 * `onAcknowledged` is for QoS 1 and 2.
 */
export function publish(
  topicName: string,
  payload: string,
  qos: 0 | 1 | 2,
  retain: boolean,
  onAcknowledged?: OnAcknowledged,
): boolean {
  if ((topicName !== knownTopic && !isTopic(topicName, false)) || (qos > 1 && !extension)) return false;
  const firstByte = PUBLISH | (qos << 1) | (retain ? 1 : 0);
  const head = encodeString(topicName);
  if (qos) return add(firstByte, head, payload, qos > 1 ? PUBREC : PUBACK, onAcknowledged, undefined);
  const packet = encodePacket(firstByte, head + payload);
  if (!isUp || backlogBytes + packet.length > outboxSizeBytesMax) return false;
  send(packet);
  return true;
}

/** Kept over reconnections. False where it is no topic filter. */
export function subscribe(topicFilter: string, qos: 0 | 1 | 2): boolean {
  if (!isTopic(topicFilter, true)) return false;
  wanted[topicFilter] = qos;
  return add(SUBSCRIBE, "", encodeString(topicFilter) + toBytes(qos), SUBACK, undefined, topicFilter);
}

export function unsubscribe(topicFilter: string): void {
  delete wanted[topicFilter];
  add(UNSUBSCRIBE, "", encodeString(topicFilter), UNSUBACK, undefined, topicFilter);
}

/** A message from the hub; without `payload` if it was too long. False if it is not what a hub may send. */
export function onPublish(
  firstByte: number,
  topicName: string,
  identifier: string,
  payload: string | undefined,
): boolean {
  const qos = (firstByte >> 1) & 3;
  if (topicName !== knownTopic && !isTopic(topicName, false)) return false;
  // QoS 3 is none [MQTT-3.3.1-4], and a hub may not exceed the QoS of the subscriptions [MQTT-3.8.4-6].
  if (qos > (extension ? 2 : 1) || identifier === "\x00\x00") return false;
  const novelty = qos < 2 ? 1 : (extension as Extension)(firstByte, identifier);
  try {
    if (novelty) {
      if (payload === undefined) handlers.onProblem("message too long", topicName);
      else handlers.onMessage(topicName, payload, qos, (firstByte & 1) > 0, novelty > 1);
    }
  } finally {
    if (journal && qos > 1 && novelty) journal.mark("r" + identifier, 0);
    if (qos && isUp) send(encodePacket(qos > 1 ? PUBREC : PUBACK, identifier));
  }
  return true;
}

/** Any other packet but CONNACK and PINGRESP. False if it is not what a hub may send. */
export function onAnswer(firstByte: number, body: string): boolean {
  const identifier = body.substring(0, 2);
  // Only SUBACK has more, a return code, for there is one topic filter to each SUBSCRIBE.
  if (body.length !== (firstByte === SUBACK ? 3 : 2) || identifier === "\x00\x00") return false;
  const entry = outbox["i" + identifier];
  if (firstByte !== PUBACK && firstByte !== SUBACK && firstByte !== UNSUBACK) {
    if (!extension || !extension(firstByte, identifier)) return false;
  }
  const isRefusal = body.charCodeAt(2) === SUBACK_FAILURE;
  if (body.charCodeAt(2) > 2 && !isRefusal) return false;
  // An answer to nothing is late or doubled, and does no harm.
  if (entry && entry.answer === firstByte) {
    outboxBytes -= entry.packet.length;
    delete outbox["i" + identifier];
    if (journal) journal.mark("i" + identifier, 1);
    if (entry.onAcknowledged) entry.onAcknowledged(entry.inDoubt);
    if (isRefusal) handlers.onProblem("subscription refused", entry.topicFilter as string);
  }
  return true;
}

/**
 * CONNACK accepted. Not `isSure`: an earlier CONNECT went without CONNACK, so that the session which is present may have
 * begun with that.
 */
export function onAccepted(sessionPresent: boolean, isSure: boolean): void {
  const entries = outbox;
  let resent = 0;
  outbox = {};
  oldest = undefined;
  for (const key in entries) {
    const entry = entries[key] as Entry;
    if (entry.topicFilter && !sessionPresent) {
      outboxBytes -= entry.packet.length;
    } else {
      outbox[key] = entry;
      if (entry.isSent) {
        resent++;
        if (!sessionPresent || !isSure) entry.inDoubt = true;
        const firstByte = entry.packet.charCodeAt(0);
        if (firstByte >> 4 === PUBLISH >> 4) {
          entry.packet = toBytes(firstByte | DUP) + entry.packet.substring(1);
        }
      }
      entry.isSent = true;
      send(entry.packet);
    }
  }
  if (extension) extension(CONNACK, sessionPresent ? "kept" : "");
  if (!sessionPresent || !isSure) {
    for (const topicFilter in wanted) subscribe(topicFilter, wanted[topicFilter] as 0);
  }
  if (isUp) handlers.onUp(sessionPresent, resent);
}

/** False if the same packet has waited for its answer from one PINGREQ to the next. */
export function isAlive(): boolean {
  const before = oldest;
  oldest = undefined;
  for (const key in outbox) {
    oldest = outbox[key];
    break;
  }
  return !oldest || oldest !== before;
}

/**
 * Puts a PUBLISH of QoS 1 or 2 that was kept elsewhere into the outbox, as one that may have been sent. Returns its key.
 */
export function restore(packet: string): string {
  const firstByte = packet.charCodeAt(0);
  let at = 1;
  while (packet.charCodeAt(at) > 127) at++;
  at += 3 + ((packet.charCodeAt(at + 1) << 8) | packet.charCodeAt(at + 2));
  const key = "i" + packet.substring(at, at + 2);
  outboxBytes += packet.length;
  outbox[key] = {
    // A copy: a string that Storage gave may be a window on flash, which is blind when the file moves.
    packet: toBytes(firstByte | DUP) + packet.substring(1),
    answer: firstByte & 4 ? PUBREC : PUBACK,
    isSent: true,
    inDoubt: true,
    onAcknowledged: undefined,
    topicFilter: undefined,
  };
  return key;
}
