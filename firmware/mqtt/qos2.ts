/**
 * QoS 2 [MQTT 3.1.1, 4.3.3], both ways, for an app that calls `useQos2` before it connects.
 *
 * Out: PUBLISH stays in the outbox until PUBREC, then PUBREL in its place until PUBCOMP [MQTT-4.3.3-1]. In: a message is
 * delivered once, and its packet identifier kept until PUBREL [MQTT-4.3.3-2]. Exactly once holds as long as hub and
 * device both keep the session: connect with cleanSession false, and use persistence so that a restart keeps it too.
 *
 * The journal has the identifier before the app has the message, and is told when the app's handler has returned. Where
 * power fails in between, the hub sends the message again, and it is delivered again as one that is in doubt.
 */

import { UNRELEASED_MAX } from "./limits.ts";
import { disconnect, send } from "./link.ts";
import { encodePacket } from "./packet.ts";
import { CONNACK, DUP, PUBCOMP, PUBLISH, PUBREC, PUBREL, QOS_2 } from "./packet-types.ts";
import { callbacks, extend, journal, type Novelty, outbox, replace } from "./session.ts";

/** Packet identifiers of messages that were delivered, two bytes each, until their PUBREL. */
const unreleased: string[] = [];
/** Those from before this connection. */
export const earlier: string[] = [];
/** Those of messages whose handler was running when power failed. */
export const doubtful: string[] = [];

/** Removes the identifier. Returns false if the list does not have it. */
function remove(list: string[], identifier: string): boolean {
  const at = list.indexOf(identifier);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

function release(identifier: string): void {
  remove(unreleased, identifier);
  remove(earlier, identifier);
  remove(doubtful, identifier);
  if (journal) journal.mark("r" + identifier, 1);
}

/** PUBLISH of QoS 2. */
function isMessage(firstByte: number): boolean {
  return firstByte >> 4 === PUBLISH >> 4 && (firstByte & QOS_2) > 0;
}

function onQos2Publish(firstByte: number, identifier: string): Novelty {
  if (unreleased.includes(identifier)) return 0;
  // A repetition on a new connection is marked DUP [MQTT-3.3.1-1]: this is another message, of a session that the hub
  // has begun anew, though the CONNACK that said so was lost.
  if (!(firstByte & DUP)) release(identifier);
  if (earlier.includes(identifier)) return 0;
  if (unreleased.length === UNRELEASED_MAX) {
    // Not `end`, which drops what waits in the socket: without our PUBRECs the hub would send the same again.
    disconnect("no-pubrel");
    return 0;
  }
  // The oldest belongs to a lost session, because a hub never has so many in flight.
  if (unreleased.length + earlier.length === UNRELEASED_MAX) release(earlier[0] as string);
  unreleased.push(identifier);
  if (remove(doubtful, identifier)) return 2;
  if (journal) journal.keep("r" + identifier, encodePacket(PUBREC, identifier));
  return 1;
}

/** `session`: empty if the hub has none, "kept", or "in doubt". */
function onConnack(session: string): void {
  while (unreleased.length) earlier.push(unreleased.shift() as string);
  if (!session) for (const each of earlier.concat(doubtful)) release(each);
  if (session === "kept") return;
  for (const key in outbox) {
    const firstByte = (outbox[key] as string).charCodeAt(0);
    const onAcknowledged = callbacks[key];
    // A message that was in flight: the hub may have it twice, or not at all.
    if (onAcknowledged && (firstByte === PUBREL || (isMessage(firstByte) && firstByte & DUP))) {
      callbacks[key] = () => onAcknowledged(true);
    }
  }
}

function onQos2(firstByte: number, identifier: string): Novelty {
  if (isMessage(firstByte)) return onQos2Publish(firstByte, identifier);
  if (firstByte === CONNACK) onConnack(identifier);
  if (firstByte === PUBREL) {
    // First: once the hub has PUBCOMP, it may give the identifier to another message.
    release(identifier);
    send(encodePacket(PUBCOMP, identifier));
  }
  if (firstByte === PUBREC) {
    const packet = encodePacket(PUBREL, identifier);
    const key = "i" + identifier;
    if (isMessage((outbox[key] || "").charCodeAt(0))) replace(key, packet);
    // Without an entry too: the hub waits for it.
    send(packet);
  }
  return firstByte === PUBREC || firstByte === PUBREL || firstByte === PUBCOMP ? 1 : 0;
}

export function useQos2(): void {
  extend(onQos2);
}
