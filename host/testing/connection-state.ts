/** How far a board's connection with the hub has come, as its edge of the network shows it. */
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
