/** Counters of the connection and its messages since the start, for the app to publish. */
import { REASONS_MAX } from "./limits.ts";

export interface Counters {
  connects: number;
  /** Messages that had been sent before and were sent again. */
  resent: number;
  /** Messages that were refused: no connection, no space. */
  refused: number;
  /** Messages and subscriptions that were removed because the hub ended each connection at them. */
  setAside: number;
  /** The most bytes that waited for the hub's acknowledgement. */
  outboxBytesMax: number;
  /** The number of ended connections by the code words of the console, such as `no-pingresp` or `connack 4`. */
  readonly reasons: { [reason: string]: number };
}

export const counters: Counters = {
  connects: 0,
  resent: 0,
  refused: 0,
  setAside: 0,
  outboxBytesMax: 0,
  reasons: {},
};

export function countReason(reason: string): void {
  const reasons = counters.reasons;
  const words = reason.split(":")[0] as string;
  // A reason that is there has a count above 0.
  const key = reasons[words] || Object.keys(reasons).length < REASONS_MAX ? words : "other";
  reasons[key] = (reasons[key] || 0) + 1;
}
