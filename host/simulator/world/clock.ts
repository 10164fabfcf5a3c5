/** Time as a simulated board sees it. Passed in, so that a test can own it. */

export interface ScheduledCall {
  /** Harmless after the call was made. */
  cancel(): void;
}

/**
 * Duties: `schedule` never calls back before it has returned, calls in the order of due times, and keeps to
 * `uptimeMs`: a call is made when `uptimeMs` has reached its due time, whatever the wall clock does.
 */
export interface Clock {
  /** Milliseconds since 1970. May jump. */
  wallMs(): number;
  /** Milliseconds since a start of its own, with fractions. Never goes back. */
  uptimeMs(): number;
  schedule(delayMs: number, call: () => void): ScheduledCall;
  /** Of hardware: made though the interpreter stands still, which then comes to its end. As `schedule` where it is absent. */
  scheduleReset?(delayMs: number, call: () => void): ScheduledCall;
  /** Code looked at the time: a virtual clock counts what that takes, so that a loop which waits for a time ends. */
  looked?(): void;
  /** Tells of each jump of the wall clock: forward, or back by a negative number. Absent where there is none. */
  onJump?(listener: (byMs: number) => void): ScheduledCall;
}

/** Longest delay that Node's own timers take. */
const DELAY_MS_MAX = 0x7fffffff;

/** The computer's own time. */
export const realClock: Clock = {
  wallMs: () => Date.now(),
  uptimeMs: () => performance.now(),
  schedule(delayMs, call) {
    const timer = setTimeout(call, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Another clock's time for as long as a board has power: what was scheduled then can be forgotten at once. */
export class PoweredClock implements Clock {
  readonly #clock: Clock;
  readonly #calls = new Set<ScheduledCall>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  uptimeMs(): number {
    return this.#clock.uptimeMs();
  }

  looked(): void {
    this.#clock.looked?.();
  }

  schedule(delayMs: number, call: () => void): ScheduledCall {
    if (this.#isOver) return { cancel: () => undefined };
    const scheduled = this.#clock.schedule(delayMs, () => {
      this.#calls.delete(scheduled);
      call();
    });
    return this.#keep(scheduled);
  }

  scheduleReset(delayMs: number, call: () => void): ScheduledCall {
    if (this.#isOver || !this.#clock.scheduleReset) return this.schedule(delayMs, call);
    return this.#keep(this.#clock.scheduleReset(delayMs, call));
  }

  onJump(listener: (byMs: number) => void): ScheduledCall {
    return this.#keep(this.#clock.onJump?.(listener) ?? { cancel: () => undefined });
  }

  #keep(scheduled: ScheduledCall): ScheduledCall {
    this.#calls.add(scheduled);
    return {
      cancel: () => {
        this.#calls.delete(scheduled);
        scheduled.cancel();
      },
    };
  }

  /** Code that still runs may schedule; nothing comes of it. */
  cancelAll(): void {
    this.#isOver = true;
    for (const scheduled of this.#calls) scheduled.cancel();
    this.#calls.clear();
  }
}
