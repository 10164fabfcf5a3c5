import { sleep } from "../check.ts";
import { TimeoutError } from "./errors.ts";

export interface RetryOptions {
  attempts?: number;
  delayMs?: number;
  backoff?: (attempt: number) => number;
}

/** Rejects when the work takes longer than `ms`. */
export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    if (timer !== undefined) clearTimeout(timer);
  }
}

export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  { attempts = 3, delayMs = 1, backoff = (attempt) => delayMs * 2 ** attempt }: RetryOptions = {},
): Promise<T> {
  let last: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      last = error;
      if (attempt < attempts - 1) await sleep(backoff(attempt));
    }
  }
  throw last;
}
