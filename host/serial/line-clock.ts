/** The clock of console and packets, which is passed in so that tests can control it. */
export interface LineClock {
  /** Milliseconds since an arbitrary start. Never goes back. */
  uptimeMs(): number;
  /** Calls back after a delay, and never before it has returned. */
  schedule(delayMs: number, call: () => void): { cancel(): void };
}

export const systemClock: LineClock = {
  uptimeMs: () => performance.now(),
  schedule(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

export function pause(clock: LineClock, durationMs: number): Promise<void> {
  return new Promise((resolve) => void clock.schedule(durationMs, resolve));
}
