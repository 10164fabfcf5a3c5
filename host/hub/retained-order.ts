/**
 * aedes 1.2 loses messages around a retained one. It numbers packets as they come, stores a retained packet before it
 * delivers it, and delivers the packets that come behind it meanwhile; a subscriber that has seen the higher number
 * then takes the retained packet for a duplicate and drops it. So storing has to end before the next packet is read.
 *
 * The store in memory has done its work by the time it returns its promise: this lets aedes go on at once.
 */
import type { Aedes } from "aedes";

/** The method, as aedes calls it: it uses no more than `then` of what comes back. */
interface RetainedStore {
  storeRetained(packet: unknown): PromiseLike<void>;
}

export function keepRetainedInOrder(broker: Aedes): void {
  const persistence = (broker as unknown as { persistence: RetainedStore }).persistence;
  const store = persistence.storeRetained.bind(persistence);
  persistence.storeRetained = (packet) => {
    const stored = store(packet);
    return {
      // biome-ignore lint/suspicious/noThenProperty: aedes has to be called back in the same turn
      then: (onStored, onFailed) => {
        void stored.then(undefined, onFailed);
        onStored?.();
        return stored as PromiseLike<never>;
      },
    };
  };
}
