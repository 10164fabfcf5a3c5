/** The limit on frames per second, and the count of omitted frames. */
import { expect, test } from "vitest";
import { RateLimit } from "../../host/hub/wire/rate-limit.ts";

/** Frames at these times: those that were allowed, and the omitted counts that were reported. */
function play(rateLimit: RateLimit, timesMs: readonly number[]): { allowed: number[]; reported: number[] } {
  const allowed: number[] = [];
  const reported: number[] = [];
  for (const timeMs of timesMs) {
    const omitted = rateLimit.advance(timeMs);
    if (omitted > 0) reported.push(omitted);
    if (rateLimit.allow("message")) allowed.push(timeMs);
  }
  return { allowed, reported };
}

test("RateLimit: the limit applies to each second, and the next second reports how many were omitted", () => {
  const times = [1_000, 1_001, 1_500, 1_999, 2_000, 2_001, 2_002, 4_000];
  expect(play(new RateLimit(2), times)).toEqual({
    allowed: [1_000, 1_001, 2_000, 2_001, 4_000],
    reported: [2, 1],
  });
});

test("RateLimit: takeOmitted returns the present number, and none is reported twice", () => {
  const rateLimit = new RateLimit(1);
  play(rateLimit, [1_000, 1_001, 1_002]);
  expect(rateLimit.takeOmitted()).toBe(2);
  expect(rateLimit.takeOmitted()).toBe(0);
  expect(play(rateLimit, [1_003, 2_000])).toEqual({ allowed: [2_000], reported: [1] });
});

test("RateLimit: messages and other packets have separate limits", () => {
  const rateLimit = new RateLimit(1);
  expect(play(rateLimit, [1_000, 1_001]).allowed).toEqual([1_000]);
  expect([rateLimit.allow("other"), rateLimit.allow("other")]).toEqual([true, false]);
  expect(rateLimit.advance(2_000)).toBe(2);
});
