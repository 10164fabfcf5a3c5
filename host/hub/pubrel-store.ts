/**
 * aedes 1.2 mixes up messages of QoS 2 that are on their way to one client at the same time. Its store finds a packet by
 * the broker's identifier and count, or else by packet identifier; but a PUBREL has no identifier and no count, and so
 * each is taken for every other: the second PUBREC of a client overwrites the first PUBREL's packet identifier, and its
 * own message stays to be delivered again.
 */
import type { Aedes } from "aedes";

interface OutgoingPacket {
  readonly cmd: string;
  brokerId?: unknown;
}

interface OutgoingStore {
  outgoingUpdate(client: unknown, packet: OutgoingPacket): Promise<void>;
}

export function keepPubrelsApart(broker: Aedes): void {
  const persistence = (broker as unknown as { persistence: OutgoingStore }).persistence;
  const update = persistence.outgoingUpdate.bind(persistence);
  persistence.outgoingUpdate = (client, packet) => {
    // It equals nothing, itself included: only the packet identifier is left to find the message by.
    if (packet.cmd === "pubrel") packet.brokerId = Number.NaN;
    return update(client, packet);
  };
}
