/** The firmware's limits: constants, in a module that imports nothing so that their values are inlined. */

/** Bytes of messages of QoS 1 that wait for the hub, and bytes that wait in the socket. */
export const OUTBOX_SIZE_BYTES_MAX = 4096;
/** The longest packet that the device takes from the hub. */
export const PACKET_SIZE_BYTES_MAX = 4096;
/** From asking a Wi-Fi network to the IP address. */
export const JOIN_TIMEOUT_MS = 30_000;
