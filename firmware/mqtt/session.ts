/**
 * The session with the hub, which outlives connections: the set of subscriptions, and the outbox, which holds what
 * waits for the hub's acknowledgement, such as messages of QoS 1 from `publish` to their PUBACK. Each new connection
 * sends them again, in order and marked DUP [MQTT-4.4.0-1, MQTT-4.6.0-1]. The outbox has a bound in bytes; beyond it
 * `publish` refuses. QoS 2 is a separate module (qos2.ts).
 *
 * A packet that the hub does not accept must not keep the device off: MQTT 3.1.1 has no answer that refuses a PUBLISH, so a
 * hub ends the connection at it, each time that it is sent again. After ENDINGS_MAX connections that end at the same packet,
 * the next ones send the outbox packet by packet, the first after the hub has answered a ping. A packet at which TRIALS_MAX of
 * these end is set aside: removed, and reported.
 */
import { encodeString, encodeUint16, toBytes } from "./bytes.ts";
import { ENDINGS_MAX, ENTRY_SIZE_BYTES, PACKET_IDENTIFIER_MAX, TRIALS_MAX } from "./limits.ts";
import { handlers, isUp, lastEnd, malformed, offer, outboxSizeBytesMax, send } from "./link.ts";
import { encodePacket } from "./packet.ts";
import {
  CONNACK,
  DUP,
  PINGREQ,
  PUBACK,
  PUBLISH,
  PUBREC,
  PUBREL,
  RETAIN,
  SUBACK,
  SUBACK_FAILURE,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from "./packet-types.ts";
import { isTopic, knownHead, knownTopic } from "./topic.ts";

/**
 * Comes once, when the hub has the message. `inDoubt`: it was sent more than once, and the hub may have it twice. (At
 * QoS 2 only where the hub has lost the session meanwhile, or may have; then it may have lost the message too.)
 */
export type OnAcknowledged = (inDoubt: boolean) => void;

/** The novelty of a message of QoS 2. 0: it was delivered; 1: it is new; 2: its handler was running when power failed. */
export type Novelty = 0 | 1 | 2;

/**
 * Takes the packets of QoS 2. For PUBLISH: the message's novelty. For CONNACK the second argument is empty if the hub
 * has no session, else "kept" or "in doubt". For others: whether a hub may send them.
 */
export type Extension = (firstByte: number, identifier: string) => Novelty;

/**
 * Keeps the session beyond a restart. Keys are packet identifiers (two bytes) behind a letter: `i` as in the outbox, `r`
 * for one that the hub gave to a message of QoS 2.
 */
export interface Journal {
  /** Stores a packet before it is sent. Returns false if it could not be stored. */
  readonly keep: (key: string, packet: string) => boolean;
  /** Marks a stored packet. 0: PUBREC came, or the message was delivered. 1: it is finished. Ignores unknown keys. */
  readonly mark: (key: string, step: 0 | 1) => void;
}

/** Packets by their identifier (two bytes behind a letter), in the order of sending. */
export let outbox: { [key: string]: string } = {};
export let outboxBytes = 0;

/** The callbacks of entries of the outbox. */
export const callbacks: { [key: string]: OnAcknowledged } = {};
const wanted: { [topicFilter: string]: 0 | 1 | 2 } = {};
let extension: Extension | undefined;
export let journal: Journal | undefined;
let lastIdentifier = 0;
/** The first entry of the outbox that was not sent yet. */
let firstUnsent: string | undefined;
/**
 * Defined while the outbox is sent packet by packet: called when the hub has all of it. Until then the app does not know of the
 * connection.
 */
export let whenSent: (() => void) | undefined;
/** The key of the packet that was sent last, alone. */
let alone: string | undefined;
/**
 * The first packet without an acknowledgement at the end of the last connection: its key, or the topic filter of a SUBSCRIBE,
 * whose key changes.
 */
let suspect: string | undefined;
/** Connections in a row that ended at the suspect. */
let endings = 0;

/** Adds QoS 2. */
export function extend(newExtension: Extension): void {
  extension = newExtension;
}

/** The persistence module, if the app uses it. */
export function setJournal(newJournal: Journal): void {
  journal = newJournal;
}

/** Puts PUBREL in the place of the PUBLISH that the hub has received, at the end: in the order of PUBRECs. */
export function replace(key: string, packet: string): void {
  outboxBytes += packet.length - (outbox[key] as string).length;
  if (journal) journal.mark(key, 0);
  delete outbox[key];
  outbox[key] = packet;
  if (whenSent && key === alone) sendNext();
}

/**
 * Puts a PUBLISH of QoS 1 or 2 that was kept elsewhere into the outbox, as one that may have been sent. Returns its key.
 */
export function restore(packet: string): string {
  let at = 1;
  while (packet.charCodeAt(at) > 127) at++;
  at += 3 + ((packet.charCodeAt(at + 1) << 8) | packet.charCodeAt(at + 2));
  const key = "i" + packet.substring(at, at + 2);
  outboxBytes += packet.length + ENTRY_SIZE_BYTES;
  // A copy, because a string from Storage may refer to flash, and is invalid after the file has moved.
  outbox[key] = toBytes(packet.charCodeAt(0) | DUP) + packet.substring(1);
  return key;
}

/** Adds a packet to the outbox and sends it. Its identifier is inserted between `head` and `tail`. */
function add(
  firstByte: number,
  head: string,
  tail: string,
  onAcknowledged: OnAcknowledged | undefined,
): boolean {
  let identifier: string;
  let key: string;
  do {
    lastIdentifier = (lastIdentifier % PACKET_IDENTIFIER_MAX) + 1;
    identifier = encodeUint16(lastIdentifier);
    key = "i" + identifier;
  } while (outbox[key]);
  const packet = encodePacket(firstByte, head + identifier + tail);
  // Subscriptions are few, and an app cannot do without them.
  if (firstByte < SUBSCRIBE) {
    if (outboxBytes + packet.length > outboxSizeBytesMax) return false;
    if (journal && !journal.keep(key, packet)) return false;
  }
  outboxBytes += packet.length + ENTRY_SIZE_BYTES;
  outbox[key] = packet;
  if (onAcknowledged) callbacks[key] = onAcknowledged;
  if (isUp && !whenSent) send(packet);
  else if (!firstUnsent) firstUnsent = key;
  return true;
}

/**
 * False where the message was refused: no topic name, at QoS 0 no connection, no space, at QoS 2 nothing plugged in.
 * `onAcknowledged` is for QoS 1 and 2.
 */
export function publish(
  topicName: string,
  payload: string,
  qos: 0 | 1 | 2,
  retain: boolean,
  onAcknowledged?: OnAcknowledged,
): boolean {
  if (topicName !== knownTopic && !isTopic(topicName, false)) return false;
  if (!qos) return !whenSent && offer(encodePacket(retain ? PUBLISH | RETAIN : PUBLISH, knownHead + payload));
  if (qos > 1 && !extension) return false;
  return add(PUBLISH | (qos << 1) | (retain ? RETAIN : 0), knownHead, payload, onAcknowledged);
}

/** Subscribes, on later connections too. Returns false if the text is not a valid topic filter. */
export function subscribe(topicFilter: string, qos: 0 | 1 | 2): boolean {
  if (!isTopic(topicFilter, true)) return false;
  wanted[topicFilter] = qos;
  return add(SUBSCRIBE, "", encodeString(topicFilter) + toBytes(qos), undefined);
}

/** Returns false if the text is not a valid topic filter [MQTT-3.10.3-1]. */
export function unsubscribe(topicFilter: string): boolean {
  if (!isTopic(topicFilter, true)) return false;
  delete wanted[topicFilter];
  return add(UNSUBSCRIBE, "", encodeString(topicFilter), undefined);
}

/** A message from the hub; without `payload` if it was too long. */
export function onPublish(
  firstByte: number,
  topicName: string,
  identifier: string,
  payload: string | undefined,
): void {
  const qos = (firstByte >> 1) & 3;
  // QoS 3 is not valid [MQTT-3.3.1-4], and a hub may not exceed the QoS of the subscriptions [MQTT-3.8.4-6].
  if (
    !isUp ||
    (topicName !== knownTopic && !isTopic(topicName, false, true)) ||
    (qos && (qos > (extension ? 2 : 1) || identifier === "\x00\x00"))
  )
    return malformed(firstByte);
  const novelty = extension && qos > 1 ? extension(firstByte, identifier) : 1;
  try {
    if (novelty) {
      if (payload === undefined) handlers.onProblem("message-too-long", topicName);
      else handlers.onMessage(topicName, payload, qos, (firstByte & RETAIN) > 0, novelty > 1);
    }
  } finally {
    if (journal && qos > 1 && novelty) journal.mark("r" + identifier, 0);
    if (qos && isUp) send(encodePacket(qos > 1 ? PUBREC : PUBACK, identifier));
  }
}

/** Any other packet but CONNACK and PINGRESP. */
export function onAnswer(firstByte: number, body: string): void {
  const identifier = body.substring(0, 2);
  const key = "i" + identifier;
  const code = body.charCodeAt(2);
  // Only SUBACK has more, a return code, for there is one topic filter to each SUBSCRIBE.
  if (body.length !== (firstByte === SUBACK ? 3 : 2) || identifier === "\x00\x00")
    return malformed(firstByte);
  if (code > 2 && code !== SUBACK_FAILURE) return malformed(firstByte);
  if (firstByte !== PUBACK && firstByte !== SUBACK && firstByte !== UNSUBACK) {
    if (!extension || !extension(firstByte, identifier)) return malformed(firstByte);
  }
  const packet = outbox[key] || "";
  const asked = packet.charCodeAt(0);
  // The type of an answer follows that of the packet that it answers, except for the first answer at QoS 2: a PUBACK there
  // comes from a hub that takes QoS 2 as QoS 1, as RabbitMQ's 3.10 does. An answer without a matching packet is late or
  // duplicated, and is ignored.
  if (asked >> 4 === (firstByte >> 4) - 1) {
    const onAcknowledged = callbacks[key];
    remove(key, packet);
    if (code > 2) handlers.onProblem("subscription-refused", topicOf(packet));
    try {
      if (onAcknowledged) onAcknowledged((asked & DUP) > 0);
    } finally {
      if (whenSent && key === alone) sendNext();
    }
  }
}

function remove(key: string, packet: string): void {
  outboxBytes -= packet.length + ENTRY_SIZE_BYTES;
  delete outbox[key];
  delete callbacks[key];
  if (journal) journal.mark(key, 1);
}

/** The topic name of a PUBLISH, or the filter of a SUBSCRIBE, after a fixed header of 2 to 4 bytes and the identifier. */
function topicOf(packet: string): string {
  const length = packet.length;
  const at = (length < 130 ? 2 : length < 16387 ? 3 : 4) + (packet.charCodeAt(0) < SUBSCRIBE ? 2 : 4);
  return packet.substring(at, at + ((packet.charCodeAt(at - 2) << 8) | packet.charCodeAt(at - 1)));
}

/**
 * Called at CONNACK for the first packet that the hub has got and not acknowledged: did the last connection end at it? Returns
 * whether it is set aside.
 */
function isRefused(key: string, packet: string): boolean {
  const first = packet.charCodeAt(0) < SUBSCRIBE ? key : topicOf(packet);
  if (first !== suspect) endings = 0;
  suspect = first;
  // Other ends have other reasons.
  if (lastEnd === "closed" || lastEnd === "no-acknowledgement") {
    if (alone && endings < ENDINGS_MAX) endings = ENDINGS_MAX;
    if (alone || endings < ENDINGS_MAX) endings++;
  }
  return endings === ENDINGS_MAX + TRIALS_MAX;
}

/** Sends the first packet of the outbox alone. PUBREL is not sent again: it has no content, so no hub refuses it. */
function sendNext(): void {
  let key: string | undefined;
  for (const each in outbox) {
    if ((outbox[each] as string).charCodeAt(0) === PUBREL) continue;
    if (!key) key = each;
    else {
      if (key === firstUnsent) firstUnsent = each;
      break;
    }
  }
  if (key) {
    if (key === firstUnsent) firstUnsent = undefined;
    send(outbox[key] as string);
    if (isUp) alone = key;
  } else {
    const then = whenSent as () => void;
    whenSent = undefined;
    alone = undefined;
    then();
  }
}

/** The hub answers: it did not end the connection before it got a packet of the outbox. */
export function onPingresp(): void {
  if (whenSent && !alone) sendNext();
}

/**
 * CONNACK accepted. Not `isSure`: an earlier CONNECT went without CONNACK, so that the session which is present may have
 * begun with that.
 */
export function onAccepted(sessionPresent: boolean, isSure: boolean): void {
  const entries = outbox;
  let resent = 0;
  let isSent = true;
  let refused: string | undefined;
  let unsent: string | undefined;
  let first: string | undefined;
  outbox = {};
  whenSent = undefined;
  for (const key in entries) {
    let packet = entries[key] as string;
    const firstByte = packet.charCodeAt(0);
    if (key === firstUnsent) isSent = false;
    if (isSent && !first && firstByte !== PUBREL) {
      first = key;
      if (isRefused(key, packet)) refused = packet;
      if (endings >= ENDINGS_MAX) whenSent = () => handlers.onUp(sessionPresent, resent);
    }
    if (packet === refused || (firstByte >= SUBSCRIBE && !sessionPresent)) {
      remove(key, packet);
    } else {
      if (isSent) {
        resent++;
        if (firstByte < PUBACK) packet = toBytes(firstByte | DUP) + packet.substring(1);
      } else if (!unsent) unsent = key;
      outbox[key] = packet;
      if (!whenSent || firstByte === PUBREL) send(packet);
    }
  }
  alone = undefined;
  if (!first || refused) suspect = undefined;
  firstUnsent = whenSent ? unsent : undefined;
  if (extension) extension(CONNACK, sessionPresent ? (isSure ? "kept" : "in doubt") : "");
  if (refused) {
    const topic = topicOf(refused);
    if (refused.charCodeAt(0) >= SUBSCRIBE) delete wanted[topic];
    handlers.onSetAside(topic);
  }
  if (!sessionPresent || !isSure) {
    for (const topicFilter in wanted) subscribe(topicFilter, wanted[topicFilter] as 0);
  }
  if (isUp) {
    if (whenSent) send(encodePacket(PINGREQ, ""));
    else handlers.onUp(sessionPresent, resent);
  }
}
