/** Persistence for an app, as "motekit/persistence". */
import { formatConsoleLine } from "./contract/console-lines.ts";
import { JOURNAL_SIZE_BYTES } from "./mqtt/limits.ts";
import { type JournalCounters, journalCounters, persistSession } from "./mqtt/persistence.ts";

export interface PersistenceOptions {
  /**
   * The size of each of the two files of the journal, at most 65,535. The default is 8192. A larger one is replaced less
   * often. It must have room for all messages that wait for the hub at one time.
   */
  readonly sizeBytes?: number;
}

function onProblem(problem: string): void {
  print(formatConsoleLine("error", problem));
}

/**
 * Enables persistence. Call it before any message. Messages of QoS 1 and 2 are then on flash before `publish` returns true, and
 * reach the hub even after a power failure. Without space, `publish` refuses. Use `start({ keepSession: true })` with it.
 */
export function usePersistence(options?: PersistenceOptions): void {
  persistSession(
    require("Storage"),
    E.CRC32,
    onProblem,
    (options && options.sizeBytes) || JOURNAL_SIZE_BYTES,
  );
}

/** The counters of writes to flash since the start. */
export function getJournalCounters(): JournalCounters {
  return journalCounters;
}
