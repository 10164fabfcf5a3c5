/** Durations as text. */
import { MotekitError } from "../errors.ts";

/** A duration such as `"250 ms"`, `"10 s"`, `"5 min"`, `"1 h"` or `"2 d"`, or a number of milliseconds. */
export type Duration = number | `${number} ${DurationUnit}` | `${number}${DurationUnit}`;

type DurationUnit = "ms" | "s" | "min" | "h" | "d";

const UNIT_MS: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** @throws MotekitError MK2001 if it is not a duration, or is negative. */
export function milliseconds(duration: Duration): number {
  const found = /^(\d+(?:\.\d+)?) ?(ms|s|min|h|d)$/.exec(
    typeof duration === "number" ? `${duration}ms` : duration,
  );
  if (found) return Number(found[1]) * UNIT_MS[found[2] as DurationUnit];
  throw new MotekitError({
    code: "MK2001",
    message: `"${duration}" is not a valid duration.`,
    remedy: 'Write "250 ms", "10 s", "5 min", "1 h" or "2 d", or give milliseconds as a number of 0 or more.',
  });
}
