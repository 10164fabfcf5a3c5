/** The rate of renders, by the duration of a render. */
import { expect, test } from "vitest";
import { Pace } from "../../host/page/controls/pace.ts";

function paceAt(costMs: number, renders = 50): Pace {
  const pace = new Pace();
  for (let count = 0; count < renders; count++) pace.drew(costMs);
  return pace;
}

test("page rendering: ten times a second if a render fits into a frame", () => {
  expect(new Pace().periodMs).toBe(100);
  expect(paceAt(16).periodMs).toBe(100);
});

test.each([20, 30, 40])(
  "page rendering: renders of %d ms lose no more than a twentieth of the frames",
  (costMs) => {
    const { periodMs } = paceAt(costMs);
    const lost = Math.ceil(costMs / (1_000 / 60)) - 1;
    expect((lost * (1_000 / 60)) / periodMs).toBeLessThanOrEqual(1 / 20 + 1e-9);
  },
);

test("page rendering: once a second, however long a render takes", () => {
  expect(paceAt(70).periodMs).toBe(1_000);
  expect(paceAt(5_000).periodMs).toBe(1_000);
});

test("page rendering: the time of a sleeping computer counts as one slow render", () => {
  const pace = paceAt(5);
  pace.drew(3_600_000);
  for (let count = 0; count < 5; count++) pace.drew(5);
  expect(pace.periodMs).toBe(100);
});

test("page rendering: one slow render changes nothing, and fast renders compensate for slow ones", () => {
  const pace = paceAt(5);
  pace.drew(40);
  expect(pace.periodMs).toBe(100);
  const slow = paceAt(40);
  for (let count = 0; count < 10; count++) slow.drew(5);
  expect(slow.periodMs).toBe(100);
});
