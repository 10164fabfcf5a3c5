/** Both trees match as `matchesFilter` does for each filter and name. A hub suite compares with Mosquitto. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FilterTree, NameTree } from "../../host/broker/topic-trees.ts";
import { matchesFilter } from "../../host/mqtt/topic-matching.ts";

const name = fc
  .array(fc.constantFrom("a", "b", "", "$SYS", "$"), { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join("/"));
const filter = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "", "$SYS", "+"), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "/#"),
  )
  .map(([levels, end]) => levels.join("/") + end);
const anyFilter = fc.oneof(filter, fc.constant("#"));

function found<Value>(match: (found: (value: Value) => void) => void): Value[] {
  const values: Value[] = [];
  match((value) => values.push(value));
  return values.sort();
}

test("FilterTree: match finds each filter that matches a topic name once, and no deleted filter", () => {
  let matchCount = 0;
  let deletedCount = 0;
  fc.assert(
    fc.property(fc.uniqueArray(anyFilter), fc.uniqueArray(anyFilter), name, (filters, deleted, topic) => {
      const tree = new FilterTree<string>();
      for (const each of filters) tree.set(each, each);
      for (const each of deleted) tree.delete(each);
      const left = filters.filter((each) => !deleted.includes(each));
      const expected = left.filter((each) => matchesFilter(each, topic)).sort();
      expect(found<string>((take) => tree.match(topic, take))).toEqual(expected);
      matchCount += expected.length;
      deletedCount += filters.length - left.length;
    }),
    { numRuns: 2_000, seed: 1 },
  );
  expect(matchCount).toBeGreaterThan(500);
  expect(deletedCount).toBeGreaterThan(100);
});

test("NameTree: match finds each topic name that matches a filter once, and no deleted name", () => {
  let matchCount = 0;
  let deletedCount = 0;
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.uniqueArray(name), anyFilter, (names, deleted, wanted) => {
      const tree = new NameTree<string>();
      for (const each of names) tree.set(each, each);
      for (const each of deleted) tree.delete(each);
      const left = names.filter((each) => !deleted.includes(each));
      expect(found<string>((take) => tree.each(take))).toEqual([...left].sort());
      const expected = left.filter((each) => matchesFilter(wanted, each)).sort();
      expect(found<string>((take) => tree.match(wanted, take))).toEqual(expected);
      for (const each of left) expect(tree.get(each)).toBe(each);
      matchCount += expected.length;
      deletedCount += names.length - left.length;
    }),
    { numRuns: 2_000, seed: 1 },
  );
  expect(matchCount).toBeGreaterThan(2_000);
  expect(deletedCount).toBeGreaterThan(100);
});
