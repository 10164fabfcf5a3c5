const DELAY_MS_MIN = 500;
const DELAY_MS_MAX = 60_000;
/** 1 s doubled this often is more than the longest delay. */
const DOUBLINGS_MAX = 6;

/**
 * Returns the wait before a retry: full jitter below a ceiling that doubles, so that a thousand devices do not come
 * back in step when their hub does. `attempt` counts from 0; `random` is from [0, 1).
 */
export function retryDelayMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(DELAY_MS_MAX, 1000 << Math.min(attempt, DOUBLINGS_MAX));
  return DELAY_MS_MIN + random * (ceilingMs - DELAY_MS_MIN);
}
