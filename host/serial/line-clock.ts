/** Time as console and packets need it. Passed in, so that a test can own it. */
export interface LineClock {
  /** Milliseconds since a start of its own. Never goes back. */
  uptimeMs(): number;
  /** Never calls back before it has returned. */
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
