/**
 * Finds who connects again and again: a board in a crash loop, two clients of one identifier that throw each other out, a
 * program that retries without a pause. It keeps a bounded number of names.
 */
import { RecentNames } from "./recent-names.ts";

export interface FlapRule {
  /** Connections that a name may begin within the window. */
  readonly connectsMax: number;
  readonly windowMs: number;
  /** For so long a name that began one more counts as flapping; what it begins meanwhile does not count again. */
  readonly flappingMs: number;
}

export type FlapVerdict =
  | { readonly isFlapping: false }
  | {
      readonly isFlapping: true;
      readonly untilMs: number;
      /** It has just begun: the moment to tell of it. */
      readonly isNew: boolean;
    };

const STEADY: FlapVerdict = { isFlapping: false };

export class FlapWatch {
  readonly #rule: FlapRule;
  /** The times of the last connections, those of the window and no more than are allowed. */
  readonly #recent: RecentNames<readonly number[]>;
  /** Until when. Apart, so that no crowd of other names makes it forget them. */
  readonly #flapping: RecentNames<number>;

  constructor(rule: FlapRule) {
    this.#rule = rule;
    this.#recent = new RecentNames(rule.windowMs);
    this.#flapping = new RecentNames(rule.flappingMs);
  }

  /** Names that are kept. */
  get size(): number {
    return this.#recent.size + this.#flapping.size;
  }

  /** Somebody by that name begins a connection. Names are to be short, for they are kept. */
  meet(name: string, nowMs: number): FlapVerdict {
    const { connectsMax, windowMs, flappingMs } = this.#rule;
    const flappingUntilMs = this.#flapping.get(name) ?? 0;
    if (flappingUntilMs > nowMs) return { isFlapping: true, untilMs: flappingUntilMs, isNew: false };
    const times = (this.#recent.get(name) ?? []).filter((timeMs) => timeMs > nowMs - windowMs);
    if (times.length < connectsMax) {
      this.#recent.set(name, [...times, nowMs], nowMs);
      return STEADY;
    }
    const untilMs = nowMs + flappingMs;
    this.#recent.delete(name);
    this.#flapping.set(name, untilMs, nowMs);
    return { isFlapping: true, untilMs, isNew: true };
  }
}
