/** The firmware's limits. The build puts their values in place of their names. */

/** The time from joining a Wi-Fi network to the IP address. */
export const JOIN_TIMEOUT_MS = 30_000;
/** A connection that lasted longer is stable: the waits before retries are reset. */
export const STABLE_SECONDS = 60;
/** Added to the wait after a CONNACK that refuses permanently, because the identifier or the credentials are wrong. */
export const REFUSED_DELAY_MS = 300_000;
/** The hardware watchdog: longer than `connect` blocks the interpreter while nobody answers. */
export const WATCHDOG_SECONDS = 60;
export const WATCHDOG_KICK_MS = 10_000;
/** The time from a failure to the restart, in which the report of the failure is sent. */
export const RESTART_DELAY_MS = 1_000;
/** Uncaught exceptions that are reported to the hub, until the watchdog is kicked next. */
export const REPORTS_MAX = 5;
/** Characters of a topic in the event that reports it. */
export const REPORTED_TOPIC_LENGTH_MAX = 100;
/** Reasons of disconnection that are counted apart. */
export const REASONS_MAX = 16;
