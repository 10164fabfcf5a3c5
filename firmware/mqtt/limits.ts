/**
 * The client's limits. Constants stand in modules that import nothing: esbuild puts their values in place of their
 * names only then.
 */

/** From opening the connection to CONNACK. */
export const CONNACK_TIMEOUT_MS = 20_000;
/** Two pings fit into 1.4 keep alive periods: a hub that fell silent is noticed within 1.5 of them. */
export const PING_MS_PER_SECOND = 700;
/** Stands for "no keep alive". */
export const KEEP_ALIVE_SECONDS_MAX = 65_535;
export const PACKET_IDENTIFIER_MAX = 65_535;
