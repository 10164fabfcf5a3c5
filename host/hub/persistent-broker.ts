/** A broker whose state is restored from a journal, if there is a folder for one. */
import { Broker, type BrokerOptions } from "../broker/broker.ts";
import { openJournal } from "./journal/journal.ts";

export interface PersistentBroker {
  readonly broker: Broker;
  /** The bytes of an incomplete write of a killed hub, which were dropped. Nothing of it had been acknowledged. */
  readonly droppedBytes: number;
  /** Writes the recorded changes. Throws MK1433 if that failed, and every time after that. */
  commit(): void;
  /** Releases the folder. Throws MK1433. */
  close(): void;
}

/** Opens a broker. Without a folder, its state is not persistent. Throws MK1430 to MK1434. */
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
