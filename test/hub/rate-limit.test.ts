/** So many frames in each second, and how many were left out. */
import { expect, test } from "vitest";
import { RateLimit } from "../../host/hub/wire/rate-limit.ts";

/** Frames at these times: those that came through, and what was told before each. */
function play(ration: RateLimit, timesMs: readonly number[]): { taken: number[]; told: number[] } {
  const taken: number[] = [];
  const told: number[] = [];
  for (const timeMs of timesMs) {
    const leftOut = ration.at(timeMs);
    if (leftOut > 0) told.push(leftOut);
    if (ration.take("message")) taken.push(timeMs);
  }
  return { taken, told };
}

test("lets so many through in each second, and tells in the next how many it left out", () => {
  const times = [1_000, 1_001, 1_500, 1_999, 2_000, 2_001, 2_002, 4_000];
  expect(play(new RateLimit(2), times)).toEqual({ taken: [1_000, 1_001, 2_000, 2_001, 4_000], told: [2, 1] });
});

test("tells at once who asks, and nothing twice", () => {
  const ration = new RateLimit(1);
  play(ration, [1_000, 1_001, 1_002]);
  expect(ration.tell()).toBe(2);
  expect(ration.tell()).toBe(0);
  expect(play(ration, [1_003, 2_000])).toEqual({ taken: [2_000], told: [1] });
});

test("what is no message has a part of its own", () => {
  const ration = new RateLimit(1);
  expect(play(ration, [1_000, 1_001]).taken).toEqual([1_000]);
  expect([ration.take("other"), ration.take("other")]).toEqual([true, false]);
  expect(ration.at(2_000)).toBe(2);
});
