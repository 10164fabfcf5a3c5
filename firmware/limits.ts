/** The firmware's limits. The build puts their values in place of their names. */

/** From asking a Wi-Fi network to the IP address. */
export const JOIN_TIMEOUT_MS = 30_000;
/** A connection that stood for so long was a good one: the waits before retries begin anew. */
export const STABLE_SECONDS = 60;
/** Added to the wait after a CONNACK that refuses for good: identifier or credentials are wrong. */
export const REFUSED_DELAY_MS = 300_000;
/** The hardware watchdog: longer than `connect` may freeze the interpreter while nobody answers. */
export const WATCHDOG_SECONDS = 60;
export const WATCHDOG_KICK_MS = 10_000;
/** From a failure that calls for a restart to the restart: the report of it leaves meanwhile. */
export const RESTART_DELAY_MS = 1_000;
/** Uncaught exceptions that are reported to the hub, until the watchdog is kicked next. */
export const REPORTS_MAX = 5;
/** Reasons of disconnection that are counted apart. */
export const REASONS_MAX = 16;
