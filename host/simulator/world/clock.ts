/** The clock of a simulated board. It is passed in, so that a test can control it. */

export interface ScheduledCall {
  /** Cancels the call. Has no effect after the call. */
  cancel(): void;
}

/**
 * Duties: `schedule` never calls back before it has returned, calls in the order of due times, and keeps to
 * `uptimeMs`: a call is made when `uptimeMs` has reached its due time, whatever the wall clock does.
 */
export interface Clock {
  /** Milliseconds since 1970. May jump. */
  wallMs(): number;
  /** Milliseconds since an arbitrary start, with fractions. Never decreases. */
  uptimeMs(): number;
  schedule(delayMs: number, call: () => void): ScheduledCall;
  /** Schedules a call of hardware, which happens even while the interpreter is blocked. Default: the same as `schedule`. */
  scheduleReset?(delayMs: number, call: () => void): ScheduledCall;
  /** Called when code reads the time. A virtual clock counts its duration, so that a busy-waiting loop ends. */
  looked?(): void;
  /** Registers a listener for jumps of the wall clock: forward, or back by a negative number. Absent if it never jumps. */
  onJump?(listener: (byMs: number) => void): ScheduledCall;
}

/** The longest delay of Node's timers. */
const DELAY_MS_MAX = 0x7fffffff;

/** The clock of this computer. */
export const realClock: Clock = {
  wallMs: () => Date.now(),
  uptimeMs: () => performance.now(),
  schedule(delayMs, call) {
    const timer = setTimeout(call, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A view of another clock while a board has power. All its scheduled calls can be cancelled together. */
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

  /** After the end, code that is still running may schedule calls, which never happen. */
  cancelAll(): void {
    this.#isOver = true;
    for (const scheduled of this.#calls) scheduled.cancel();
    this.#calls.clear();
  }
}
