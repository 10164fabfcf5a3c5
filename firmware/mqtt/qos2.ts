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
import { CONNACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } from "./packet-types.ts";
import { extend, outbox, replace } from "./session.ts";

/** Packet identifiers of messages that were delivered, two bytes each, until their PUBREL. */
let unreleased: string[] = [];

function onQos2(firstByte: number, identifier: string): boolean {
  const at = unreleased.indexOf(identifier);
  if (firstByte === PUBLISH) {
    if (at >= 0) return false;
    if (unreleased.length < UNRELEASED_MAX) return unreleased.push(identifier) > 0;
    end("too many messages without PUBREL");
    return false;
  }
  if (firstByte === CONNACK) unreleased = [];
  if (firstByte === PUBREL) {
    if (at >= 0) unreleased.splice(at, 1);
    send(encodePacket(PUBCOMP, identifier));
  }
  if (firstByte === PUBREC) {
    const packet = encodePacket(PUBREL, identifier);
    const entry = outbox["i" + identifier];
    if (entry && entry.answer === PUBREC) replace("i" + identifier, packet, PUBCOMP);
    // Without an entry too: the hub waits for it.
    send(packet);
  }
  return firstByte === PUBREC || firstByte === PUBREL || firstByte === PUBCOMP;
}

export function useQos2(): void {
  extend(onQos2);
}
