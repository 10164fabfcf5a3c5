/**
 * QoS 2 [MQTT 3.1.1, 4.3.3], both ways, for an app that calls `useQos2` before it connects.
 *
 * Out: PUBLISH stays in the outbox until PUBREC, then PUBREL in its place until PUBCOMP [MQTT-4.3.3-1]. In: a message is
 * delivered once, and its packet identifier kept until PUBREL [MQTT-4.3.3-2]. Exactly once holds as long as hub and
 * device both keep the session, so connect with cleanSession false.
 */
import { UNRELEASED_MAX } from "./limits.ts";
import { end, send } from "./link.ts";
import { encodePacket } from "./packet.ts";
import { CONNACK, DUP, PUBCOMP, PUBLISH, PUBREC, PUBREL, QOS_2 } from "./packet-types.ts";
import { callbacks, extend, outbox, replace } from "./session.ts";

/** Packet identifiers of messages that were delivered, two bytes each, until their PUBREL. */
let unreleased: string[] = [];

function isInFlight(type: number): boolean {
  return type === PUBREL || (type >> 4 === PUBLISH >> 4 && (type & (DUP | QOS_2)) === (DUP | QOS_2));
}

function onSessionLost(): void {
  unreleased = [];
  for (const key in outbox) {
    const onAcknowledged = callbacks[key];
    if (onAcknowledged && isInFlight((outbox[key] as string).charCodeAt(0))) {
      callbacks[key] = () => onAcknowledged(true);
    }
  }
}

function onQos2(type: number, identifier: string): boolean {
  const at = unreleased.indexOf(identifier);
  const key = "i" + identifier;
  const asked = (outbox[key] || "").charCodeAt(0);
  if (type === PUBLISH) {
    if (at >= 0) return false;
    if (unreleased.length < UNRELEASED_MAX) return unreleased.push(identifier) > 0;
    end("too many messages without PUBREL");
    return false;
  }
  if (type === CONNACK) onSessionLost();
  if (type === PUBREL) {
    if (at >= 0) unreleased.splice(at, 1);
    send(encodePacket(PUBCOMP, identifier));
  }
  if (type === PUBREC) {
    const packet = encodePacket(PUBREL, identifier);
    if (asked >> 4 === PUBLISH >> 4 && asked & QOS_2) {
      // At the end: in the order of PUBRECs [MQTT-4.6.0-4].
      replace(key, packet);
    }
    // Without an entry too: the hub waits for it.
    send(packet);
  }
  return type === PUBREC || type === PUBREL || type === PUBCOMP;
}

export function useQos2(): void {
  extend(onQos2);
}
