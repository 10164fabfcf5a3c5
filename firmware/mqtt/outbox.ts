/** Messages of QoS 1 between `publish` and their PUBACK, in order, with a bound in bytes. */
import { markDuplicate } from "./publish.ts";

interface Entry {
  readonly packetIdentifier: number;
  /** As it goes out next: marked DUP once it was sent [MQTT-3.3.1-1]. */
  packet: string;
  readonly onAcknowledged: (() => void) | undefined;
}

/** False where there is no connection. */
export type Send = (packet: string) => boolean;

export interface Outbox {
  has(packetIdentifier: number): boolean;
  /** Keeps the packet and sends it. False, and nothing done, where there is no room. */
  add(packetIdentifier: number, packet: string, onAcknowledged: (() => void) | undefined): boolean;
  sendAll(): void;
  /** Returns what `add` was given to be called. An identifier that is not there does no harm. */
  remove(packetIdentifier: number): (() => void) | undefined;
}

export function createOutbox(sizeBytesMax: number, send: Send): Outbox {
  const entries: Entry[] = [];
  let sizeBytes = 0;

  const sendEntry = (entry: Entry): void => {
    if (send(entry.packet)) entry.packet = markDuplicate(entry.packet);
  };

  return {
    has: (packetIdentifier) => entries.some((entry) => entry.packetIdentifier === packetIdentifier),
    add: (packetIdentifier, packet, onAcknowledged) => {
      if (sizeBytes + packet.length > sizeBytesMax) return false;
      sizeBytes += packet.length;
      const entry = { packetIdentifier, packet, onAcknowledged };
      entries.push(entry);
      sendEntry(entry);
      return true;
    },
    sendAll: () => {
      for (const entry of entries) sendEntry(entry);
    },
    remove: (packetIdentifier) => {
      for (let i = 0; i < entries.length; i++) {
        const entry = entries[i] as Entry;
        if (entry.packetIdentifier === packetIdentifier) {
          entries.splice(i, 1);
          sizeBytes -= entry.packet.length;
          return entry.onAcknowledged;
        }
      }
      return undefined;
    },
  };
}
