/**
 * Finds clients that connect too often: a board in a crash loop, two clients with the same identifier, or a program that
 * retries without a pause. It keeps a bounded number of names.
 */
import { RecentNames } from "./recent-names.ts";

export interface FlapRule {
  /** The connections that a name may begin within the window. */
  readonly connectsMax: number;
  readonly windowMs: number;
  /** The time for which a name is treated as flapping after it exceeds the limit. Connections meanwhile are not counted. */
  readonly flappingMs: number;
}

export type FlapVerdict =
  | { readonly isFlapping: false }
  | {
      readonly isFlapping: true;
      readonly untilMs: number;
      /** Flapping has just begun, and has to be reported. */
      readonly isNew: boolean;
    };

const NOT_FLAPPING: FlapVerdict = { isFlapping: false };

export class FlapWatch {
  readonly #rule: FlapRule;
  /** The times of the last connections of each name, at most `connectsMax` within the window. */
  readonly #recent: RecentNames<readonly number[]>;
  /** The end of flapping of each name. Kept separately, so that many other names do not displace them. */
  readonly #flapping: RecentNames<number>;

  constructor(rule: FlapRule) {
    this.#rule = rule;
    this.#recent = new RecentNames(rule.windowMs);
    this.#flapping = new RecentNames(rule.flappingMs);
  }

  /** The number of names that are kept. */
  get size(): number {
    return this.#recent.size + this.#flapping.size;
  }

  /** Records that a name begins a connection. Names should be short, because they are kept. */
  record(name: string, nowMs: number): FlapVerdict {
    const { connectsMax, windowMs, flappingMs } = this.#rule;
    const flappingUntilMs = this.#flapping.get(name) ?? 0;
    if (flappingUntilMs > nowMs) return { isFlapping: true, untilMs: flappingUntilMs, isNew: false };
    const times = (this.#recent.get(name) ?? []).filter((timeMs) => timeMs > nowMs - windowMs);
    if (times.length < connectsMax) {
      this.#recent.set(name, [...times, nowMs], nowMs);
      return NOT_FLAPPING;
    }
    const untilMs = nowMs + flappingMs;
    this.#recent.delete(name);
    this.#flapping.set(name, untilMs, nowMs);
    return { isFlapping: true, untilMs, isNew: true };
  }
}
