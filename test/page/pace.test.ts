/** How often the page is drawn, by what a picture costs. */
import { expect, test } from "vitest";
import { Pace } from "../../host/page/controls/pace.ts";

function paceAt(costMs: number, pictures = 50): Pace {
  const pace = new Pace();
  for (let count = 0; count < pictures; count++) pace.drew(costMs);
  return pace;
}

test("a picture that fits a frame is drawn ten times a second", () => {
  expect(new Pace().periodMs).toBe(100);
  expect(paceAt(16).periodMs).toBe(100);
});

test.each([20, 30, 40])("one of %d ms takes no more than a twentieth of the frames", (costMs) => {
  const { periodMs } = paceAt(costMs);
  const lost = Math.ceil(costMs / (1_000 / 60)) - 1;
  expect((lost * (1_000 / 60)) / periodMs).toBeLessThanOrEqual(1 / 20 + 1e-9);
});

test("however long a picture takes, there is one a second", () => {
  expect(paceAt(70).periodMs).toBe(1_000);
  expect(paceAt(5_000).periodMs).toBe(1_000);
});

test("what passed while the machine slept counts as one slow picture", () => {
  const pace = paceAt(5);
  pace.drew(3_600_000);
  for (let count = 0; count < 5; count++) pace.drew(5);
  expect(pace.periodMs).toBe(100);
});

test("one slow picture among quick ones changes nothing, and quick ones make up for slow ones", () => {
  const pace = paceAt(5);
  pace.drew(40);
  expect(pace.periodMs).toBe(100);
  const slow = paceAt(40);
  for (let count = 0; count < 10; count++) slow.drew(5);
  expect(slow.periodMs).toBe(100);
});
