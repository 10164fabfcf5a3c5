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
import { end, send } from "./link.ts";
import { encodePacket } from "./packet.ts";
import { CONNACK, DUP, PUBCOMP, PUBLISH, PUBREC, PUBREL, QOS_2 } from "./packet-types.ts";
import { callbacks, extend, journal, type Novelty, outbox, replace } from "./session.ts";

/** Packet identifiers of messages that were delivered, two bytes each, until their PUBREL. */
export const unreleased: string[] = [];
/** Those of messages whose handler was running when power failed. */
export const doubtful: string[] = [];

/** Whether it was there. */
function remove(list: string[], identifier: string): boolean {
  const at = list.indexOf(identifier);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

function release(identifier: string): void {
  remove(unreleased, identifier);
  remove(doubtful, identifier);
  if (journal) journal.mark("r" + identifier, 1);
}

/** PUBLISH of QoS 2. */
function isMessage(firstByte: number): boolean {
  return firstByte >> 4 === PUBLISH >> 4 && (firstByte & QOS_2) > 0;
}

function onSessionLost(): void {
  for (const each of unreleased.concat(doubtful)) release(each);
  for (const key in outbox) {
    const firstByte = (outbox[key] as string).charCodeAt(0);
    const onAcknowledged = callbacks[key];
    // What was on its way: the hub may have it twice, or not at all.
    if (onAcknowledged && (firstByte === PUBREL || (isMessage(firstByte) && firstByte & DUP))) {
      callbacks[key] = () => onAcknowledged(true);
    }
  }
}

function onQos2Publish(identifier: string): Novelty {
  if (unreleased.includes(identifier)) return 0;
  if (unreleased.length === UNRELEASED_MAX) {
    end("too many messages without PUBREL");
    return 0;
  }
  unreleased.push(identifier);
  if (remove(doubtful, identifier)) return 2;
  if (journal) journal.keep("r" + identifier, encodePacket(PUBREC, identifier));
  return 1;
}

function onQos2(firstByte: number, identifier: string): Novelty {
  if (firstByte === PUBLISH) return onQos2Publish(identifier);
  if (firstByte === CONNACK) onSessionLost();
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
