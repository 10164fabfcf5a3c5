/** The client's limits. The build puts their values in place of their names. */

/** The time from opening the connection to CONNACK. */
export const CONNACK_TIMEOUT_MS = 20_000;
/** Two pings fit into 1.4 keep alive periods: a hub that fell silent is noticed within 1.5 of them. */
export const PING_MS_PER_SECOND = 700;
/** Stands for "no keep alive". */
export const KEEP_ALIVE_SECONDS_MAX = 65_535;
export const PACKET_IDENTIFIER_MAX = 65_535;
/** The approximate memory of an entry of the outbox, without its packet. */
export const ENTRY_SIZE_BYTES = 32;
/** Packets that are shorter have a remaining length of one byte. */
export const SHORT_SIZE_BYTES = 130;
export const TOPIC_SIZE_BYTES_MAX = 65_535;
/** The limit of hubs such as Mosquitto, which end the connection beyond it. */
export const TOPIC_LEVELS_MAX = 200;
/** Connections in a row that end at the same packet, before the outbox is sent packet by packet. */
export const ENDINGS_MAX = 2;
/** Connections in a row that end after the hub answered a ping and then got nothing but that packet. */
export const TRIALS_MAX = 3;
/** The longest body of a packet from the hub other than PUBLISH: that of a SUBACK for one topic filter. */
export const ANSWER_SIZE_BYTES_MAX = 3;
/**
 * Bytes that may wait in the socket, in multiples of the bound: messages of QoS 0, the outbox, and acknowledgements.
 * If more of them wait, the hub is not reading.
 */
export const BACKLOG_BOUNDS_MAX = 3;
/** Messages of QoS 2 from the hub that were delivered and wait for their PUBREL. */
export const UNRELEASED_MAX = 32;
/** The time that a socket has to send DISCONNECT. */
export const LINGER_MS = 5_000;
/** The two bounds, where an app does not set its own. */
export const OUTBOX_SIZE_BYTES_MAX = 4096;
export const PACKET_SIZE_BYTES_MAX = 4096;
/** The journal's size, where an app does not set its own. */
export const JOURNAL_SIZE_BYTES = 8192;
/** The space in Storage that the journal leaves free, for an update of the app. */
export const STORAGE_RESERVE_BYTES = 49_152;
