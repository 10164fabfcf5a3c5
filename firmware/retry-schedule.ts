const DELAY_MS_MIN = 500;
const DELAY_MS_MAX = 60_000;

/**
 * How long to wait before a retry: full jitter below a ceiling that doubles, so that a thousand devices do not come
 * back in step when their hub does. `attempt` counts from 0; `random` is from [0, 1).
 */
export function retryDelayMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(DELAY_MS_MAX, 1000 * Math.pow(2, attempt));
  return DELAY_MS_MIN + random * (ceilingMs - DELAY_MS_MIN);
}
