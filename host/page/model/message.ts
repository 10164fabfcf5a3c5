/** A message as the page holds it. */
import type { Payload } from "./text/payload.ts";

export interface LoggedMessage {
  /** Counts up over the life of a connection. */
  readonly serial: number;
  readonly topic: string;
  readonly payload: Payload;
  readonly qos: number;
  /** The hub had kept it from before the subscription [MQTT-3.3.1-8]. */
  readonly retain: boolean;
  /** As `Date.now`, when it came. */
  readonly timeMs: number;
}
