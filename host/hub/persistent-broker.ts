/** A broker that goes on where the hub before it ended, where there is a folder to remember in. */
import { Broker, type BrokerOptions } from "../broker/broker.ts";
import { openJournal } from "./journal/journal.ts";

export interface PersistentBroker {
  readonly broker: Broker;
  /** Of a write that the end of an earlier hub cut off, and that nobody had been told of. */
  readonly droppedBytes: number;
  /** Makes safe what the broker has recorded. Throws MK1433 where that cannot be, ever since. */
  commit(): void;
  /** Gives the folder free. Throws MK1433. */
  close(): void;
}

/** Without a folder nothing is remembered. Throws MK1430 to MK1434. */
export function openBroker(
  options: Omit<BrokerOptions, "recorder" | "changes">,
  dataFolder: string | undefined,
): PersistentBroker {
  if (dataFolder === undefined) {
    return {
      broker: new Broker(options),
      droppedBytes: 0,
      commit: () => undefined,
      close: () => undefined,
    };
  }
  const { changes, journal, droppedBytes } = openJournal(dataFolder);
  try {
    const broker = new Broker({ ...options, recorder: journal, changes });
    return {
      broker,
      droppedBytes,
      commit: () => journal.compactIfDue(() => broker.exchange.changes()),
      close: () => journal.close(),
    };
  } catch (error) {
    journal.close();
    throw error;
  }
}
