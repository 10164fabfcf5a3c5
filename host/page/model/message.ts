/** A message, as the page stores it. */
import type { Payload } from "./text/payload.ts";

export interface LoggedMessage {
  /** A number that increases with each message of a connection. */
  readonly serial: number;
  readonly topic: string;
  readonly payload: Payload;
  readonly qos: number;
  /** True for a retained message that the hub sent because of the subscription [MQTT-3.3.1-8]. */
  readonly retain: boolean;
  /** The time of arrival, as `Date.now`. */
  readonly timeMs: number;
}
