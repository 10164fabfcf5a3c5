/** Persistence for an app, as "motekit/persistence". */
import { formatConsoleLine } from "./contract/console-lines.ts";
import { JOURNAL_SIZE_BYTES } from "./mqtt/limits.ts";
import { type JournalCounters, journalCounters, persistSession } from "./mqtt/persistence.ts";

export interface PersistenceOptions {
  /**
   * Of each of the two files of the journal, at most 65,535 (default 8192). A larger one is begun less often; it must have
   * room for all that waits for the hub at one time.
   */
  readonly sizeBytes?: number;
}

function onProblem(problem: string): void {
  print(formatConsoleLine("error", problem));
}

/**
 * Call it first, before any message: what `publish` takes at QoS 1 and 2 is then on flash before it returns true, and
 * reaches the hub though power fails. Where flash has no room `publish` refuses. Use `start({ keepSession: true })` with it.
 */
export function usePersistence(options?: PersistenceOptions): void {
  persistSession(
    require("Storage"),
    E.CRC32,
    onProblem,
    (options && options.sizeBytes) || JOURNAL_SIZE_BYTES,
  );
}

/** What flash was written for since the start. */
export function getJournalCounters(): JournalCounters {
  return journalCounters;
}
