/** The firmware's limits: constants, in a module that imports nothing so that their values are inlined. */

/** From asking a Wi-Fi network to the IP address. */
export const JOIN_TIMEOUT_MS = 30_000;
/** A connection that stood for so long was a good one: the waits before retries begin anew. */
export const STABLE_SECONDS = 60;
/** Added to the wait after a CONNACK that refuses for good: identifier or credentials are wrong. */
export const REFUSED_DELAY_MS = 300_000;
