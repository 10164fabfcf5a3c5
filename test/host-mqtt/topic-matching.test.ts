/** Filters against filters, by brute force: every topic of a small alphabet is asked. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { covers, matchesFilter, overlaps } from "../../host/mqtt/topic-matching.ts";
import { brokenTopicFilterRule } from "../../host/mqtt/topics.ts";

const LEVELS = ["a", "b", "$x", ""];
const LEVELS_MAX = 4;

function topics(levels: number): string[] {
  if (levels === 1) return LEVELS;
  const shorter = topics(levels - 1);
  return [...shorter, ...shorter.flatMap((topic) => LEVELS.map((level) => `${topic}/${level}`))];
}
const TOPICS = [...new Set(topics(LEVELS_MAX + 1))];

const filter = fc
  .tuple(
    fc.array(fc.constantFrom("a", "$x", "", "+"), { minLength: 1, maxLength: LEVELS_MAX - 1 }),
    fc.constantFrom("", "/#"),
  )
  .map(([levels, end]) => levels.join("/") + end);
const filters = fc.oneof(filter, fc.constant("#"));

const SETTINGS = { numRuns: 1_500, seed: 1 };

test("covers: a filter covers another if it matches each topic that the other matches", () => {
  const counts = { covered: 0, others: 0 };
  fc.assert(
    fc.property(filters, filters, (whole, narrow) => {
      const isCovered = TOPICS.every((topic) => !matchesFilter(narrow, topic) || matchesFilter(whole, topic));
      expect(covers(whole, narrow)).toBe(isCovered);
      counts[isCovered ? "covered" : "others"]++;
    }),
    SETTINGS,
  );
  expect(counts.covered).toBeGreaterThan(300);
  expect(counts.others).toBeGreaterThan(300);
});

test("overlaps: two filters overlap if a topic matches both", () => {
  const counts = { shared: 0, others: 0 };
  fc.assert(
    fc.property(filters, filters, (one, other) => {
      const isShared = TOPICS.some((topic) => matchesFilter(one, topic) && matchesFilter(other, topic));
      expect(overlaps(one, other)).toBe(isShared);
      counts[isShared ? "shared" : "others"]++;
    }),
    SETTINGS,
  );
  expect(counts.shared).toBeGreaterThan(300);
  expect(counts.others).toBeGreaterThan(300);
});

test.each([
  ["a/#/b", false],
  ["#/", false],
  ["a#", false],
  ["a/+b", false],
  ["", false],
  ["a\0", false],
  ["a/+/#", true],
  ["/", true],
])("brokenTopicFilterRule: %j is a valid topic filter: %s [MQTT-4.7.1-2, MQTT-4.7.1-3]", (text, isOne) => {
  expect(brokenTopicFilterRule(text) === undefined).toBe(isOne);
});
