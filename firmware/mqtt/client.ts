/**
 * An MQTT 3.1.1 client for a device and its hub: the session, which outlives connections.
 *
 * The session is the set of subscriptions and the outbox: what waits for the hub's acknowledgement, messages of QoS 1
 * from `publish` to their PUBACK. Each new connection sends them again, in order and marked DUP [MQTT-4.4.0-1,
 * MQTT-4.6.0-1]. The outbox has a bound in bytes; beyond it `publish` refuses.
 *
 * The client does not reconnect: `onDown` comes once for each `connect`, and whoever owns the client calls
 * `connect` again when it sees fit. It does not interpret payloads, which are byte strings. QoS 2 is a module of its
 * own (qos2.ts).
 */
import { encodeString, encodeUint16 } from "./bytes.ts";
import type { ConnectFields } from "./connect.ts";
import {
  backlogBytes,
  type ConnectionHandlers,
  isUp,
  openConnection,
  outboxSizeBytesMax,
  type Session,
  send,
} from "./connection.ts";
import { PACKET_IDENTIFIER_MAX } from "./limits.ts";
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
import { isTopic } from "./topic.ts";
import type { Transport } from "./transport.ts";

export interface ClientHandlers extends ConnectionHandlers {
  /** CONNACK accepted; what the hub lacks was sent again: `resent` packets that had been sent before. */
  readonly onUp: (sessionPresent: boolean, resent: number) => void;
  /** Called before the message is acknowledged. If it throws, the exception is uncaught, like any handler's. */
  readonly onMessage: (topicName: string, payload: string, qos: number, retain: boolean) => void;
  /** A subscription was refused [MQTT-3.9.3-2], or a message skipped that is too long. */
  readonly onProblem: (problem: string, topic: string) => void;
}

/**
 * Comes once, when the hub has the message. `inDoubt`: the hub had lost the session with the message in flight, or
 * keeps none, and may have it twice.
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

/**
 * Takes the packets of QoS 2. For PUBLISH: whether the message is new. For CONNACK (without identifier): the hub has no
 * session. For others: whether a hub may send them.
 */
export type Extension = (firstByte: number, identifier: string) => boolean;

/** By packet identifier (two bytes behind a letter), in the order of sending. */
export let outbox: { [key: string]: Entry } = {};
export let outboxBytes = 0;

const wanted: { [topicFilter: string]: 0 | 1 | 2 } = {};
let handlers: ClientHandlers;
let extension: Extension | undefined;
let lastIdentifier = 0;
/** The first entry of the outbox at the last PINGREQ. */
let oldest: Entry | undefined;
/** Spares looking at the same topic name again: the last one that was found right. */
let knownTopic: string | undefined;

/** Puts PUBREL in the place of the PUBLISH that the hub has received, at the end: in the order of PUBRECs. */
export function replace(key: string, packet: string, answer: number): void {
  const entry = outbox[key] as Entry;
  outboxBytes += packet.length - entry.packet.length;
  entry.packet = packet;
  entry.answer = answer;
  delete outbox[key];
  outbox[key] = entry;
}

/** QoS 2, plugged in. */
export function extend(newExtension: Extension): void {
  extension = newExtension;
}

function isKnownTopic(topicName: string): boolean {
  if (topicName === knownTopic) return true;
  if (!isTopic(topicName, false)) return false;
  knownTopic = topicName;
  return true;
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
  if (!topicFilter && outboxBytes + packet.length > outboxSizeBytesMax) return false;
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
  if (!isKnownTopic(topicName) || (qos > 1 && !extension)) return false;
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
  return add(
    SUBSCRIBE,
    "",
    encodeString(topicFilter) + String.fromCharCode(qos),
    SUBACK,
    undefined,
    topicFilter,
  );
}

export function unsubscribe(topicFilter: string): void {
  delete wanted[topicFilter];
  add(UNSUBSCRIBE, "", encodeString(topicFilter), UNSUBACK, undefined, topicFilter);
}

function onPublish(firstByte: number, bytes: string, at: number, end: number, skippedBytes: number): boolean {
  const qos = (firstByte >> 1) & 3;
  const topicEnd = at + 2 + ((bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1));
  const payloadAt = qos ? topicEnd + 2 : topicEnd;
  const topicName = bytes.substring(at + 2, topicEnd);
  const identifier = bytes.substring(topicEnd, payloadAt);
  if (payloadAt > end || identifier === "\x00\x00" || !isKnownTopic(topicName)) return false;
  // QoS 3 is none [MQTT-3.3.1-4], and a hub may not exceed the QoS of the subscriptions [MQTT-3.8.4-6].
  if (qos > 2 || (qos > 1 && !extension)) return false;
  try {
    if (qos < 2 || (extension as Extension)(PUBLISH, identifier)) {
      if (skippedBytes) handlers.onProblem("message too long", topicName);
      else handlers.onMessage(topicName, bytes.substring(payloadAt, end), qos, (firstByte & 1) === 1);
    }
  } finally {
    if (qos && isUp) send(encodePacket(qos > 1 ? PUBREC : PUBACK, identifier));
  }
  return true;
}

function onPacket(firstByte: number, bytes: string, at: number, end: number, skippedBytes: number): boolean {
  if (firstByte >> 4 === PUBLISH >> 4) return onPublish(firstByte, bytes, at, end, skippedBytes);
  const identifier = bytes.substring(at, at + 2);
  // Only SUBACK has more, a return code, for there is one topic filter to each SUBSCRIBE.
  if (end - at !== (firstByte === SUBACK ? 3 : 2) || identifier === "\x00\x00") return false;
  const entry = outbox["i" + identifier];
  const isAnswer = firstByte === PUBACK || firstByte === SUBACK || firstByte === UNSUBACK;
  if (!isAnswer && !(extension && extension(firstByte, identifier))) return false;
  const returnCode = firstByte === SUBACK ? bytes.charCodeAt(at + 2) : 0;
  if (returnCode > 2 && returnCode !== SUBACK_FAILURE) return false;
  // An answer to nothing is late or doubled, and does no harm.
  if (entry && entry.answer === firstByte) {
    outboxBytes -= entry.packet.length;
    delete outbox["i" + identifier];
    if (entry.onAcknowledged) entry.onAcknowledged(entry.inDoubt);
    if (returnCode > 2) handlers.onProblem("subscription refused", entry.topicFilter as string);
  }
  return true;
}

function onAccepted(sessionPresent: boolean): void {
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
        if (!sessionPresent) entry.inDoubt = true;
        const firstByte = entry.packet.charCodeAt(0);
        if (firstByte >> 4 === PUBLISH >> 4) {
          entry.packet = String.fromCharCode(firstByte | DUP) + entry.packet.substring(1);
        }
      }
      entry.isSent = true;
      send(entry.packet);
    }
  }
  if (!sessionPresent) {
    if (extension) extension(CONNACK, "");
    for (const topicFilter in wanted) subscribe(topicFilter, wanted[topicFilter] as 0);
  }
  if (isUp) handlers.onUp(sessionPresent, resent);
}

/** False if the same packet has waited for its answer from one PINGREQ to the next. */
function isAlive(): boolean {
  const before = oldest;
  oldest = undefined;
  for (const key in outbox) {
    oldest = outbox[key];
    break;
  }
  return !oldest || oldest !== before;
}

const session: Session = { onAccepted, onPacket, isAlive };

/** Opens a connection, unless there is one. Ends in `onUp` and later `onDown`, or in `onDown` alone. */
export function connect(transport: Transport, fields: ConnectFields, newHandlers: ClientHandlers): void {
  handlers = newHandlers;
  openConnection(transport, fields, session, newHandlers);
}
