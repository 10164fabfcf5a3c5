/** The state of a board's connection to the hub, derived from the packets at the board's network interface. */
export const CONNECTION_STATES = [
  "off",
  "without network",
  "without connection",
  "connecting",
  "awaiting CONNACK",
  "subscribing",
  "publishing",
  "idle",
] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];
