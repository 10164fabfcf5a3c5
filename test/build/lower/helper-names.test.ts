import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SOURCES } from "../../../host/build/lower/prelude/prelude.ts";
import { hasProgram } from "../../fixtures/programs.ts";
import { compile, type Fact, judge, resultIn, run, wrap } from "../../language/fact-runner.ts";

const folder = mkdtempSync(join(tmpdir(), "helper-names-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HELPERS = Object.keys(SOURCES);

/** Espruino's events on Node: promises run their jobs as events, which come after the present code and before timers. */
const EVENTS = `var hidden = function (name, value) { Object.defineProperty(Object.prototype, name, { value: value }); };
hidden("on", function (event, listener) { this["#on" + event] = listener; });
hidden("emit", function (event, a, b, c, d) { process.nextTick(this["#on" + event], a, b, c, d); });
`;

/** The program's own variables of these names: none may be lost, and no helper may be found in its place. */
const own = (names: readonly string[]) => names.map((name) => `var ${name} = "own ${name}";`).join("\n");
const kept = (names: readonly string[]) =>
  `[${names.join(", ")}].every((value, i) => value === "own " + ${JSON.stringify(names)}[i])`;

const programs: Record<string, readonly [code: string, expected: unknown, form?: "top" | "async"]> = {
  "two functions called as helpers are": [
    `function $list(x) { return "mine " + x; }
function $each(x) { return "own " + x; }
const all = [...new Set([1, 2])];
for (const one of new Set([3])) all.push(one);
done([$list(1), $each(2), all]);`,
    ["mine 1", "own 2", [1, 2, 3]],
    "top",
  ],
  "every helper's name is the program's own": [
    `${own(HELPERS)}
class Base { #secret = 7; static made = 1; get secret() { return this.#secret; } }
class Derived extends Base { constructor(...list) { super(...list); this.list = list; } }
const { a, ...rest } = { a: 1, b: 2 };
const text = "a-b-c".replace("b", () => "x") + "aab".replace(/a{2}/, "y") + 2 ** 10;
function* numbers() { yield 1; yield* [2, 3]; }
async function sum() { let total = 0; for await (const n of numbers()) total += n; return total; }
sum().then((total) => done([
  ${kept(HELPERS)}, new Derived(1, 2).list, new Derived().secret, Derived.made, a, rest, text,
  [...numbers()], total, new Map([[1, 2]]).get(1), [3, 1, 2].sort((x, y) => x > y ? 1 : -1),
  JSON.parse("[1]"), Array.from("ab"), Object.is(1, 1),
]));`,
    [true, [1, 2], 7, 1, 1, { b: 2 }, "a-x-cyb1024", [1, 2, 3], 6, 2, [1, 2, 3], [1], ["a", "b"], true],
    "top",
  ],
  "the names of a state machine's parameters are the program's own": [
    `let $c = 1, $s = 2, $v = 3;
async function later(x) { const y = await x; $v++; return [y, $c, $s, $v]; }
later(4).then(done);`,
    [4, 1, 2, 4],
    "async",
  ],
  "a variable that a loop keeps for a closure is called as a helper but for the sign": [
    `const kept = [];
for (const list of new Set([[1], [2]])) kept.push(() => [...list]);
for (const each of new Set([3])) kept.push(() => each);
done(kept.map((one) => one()));`,
    [[1], [2], 3],
    "async",
  ],
  "a loop that waits keeps its step apart from the machine's state": [
    `let closed = 0, count = 0;
const source = { [Symbol.asyncIterator]() { return {
  next() { count++; return Promise.resolve({ value: count, done: count > 2 }); },
  return() { closed++; return Promise.resolve({}); },
}; } };
async function read() { for await (const one of source) { await 0; if (one > 5) break; } return [count, closed]; }
read().then(done);`,
    [3, 0],
    "async",
  ],
};

const facts = Object.entries(programs).map(
  ([name, [code, expected, form]]): Fact => ({
    name,
    code,
    expected: JSON.stringify(expected),
    ...(form && { form }),
  }),
);

describe("a name that the build would give to something of its own", () => {
  test.each(facts)("on Node: $name", async (fact) => {
    const { code, problems } = await compile(wrap(fact));
    expect(problems).toEqual([]);
    const file = join(folder, `${facts.indexOf(fact)}.cjs`);
    writeFileSync(file, EVENTS + code);
    expect(JSON.parse(resultIn(await run(process.execPath, file)) ?? "null")).toEqual(
      JSON.parse(fact.expected ?? ""),
    );
  });

  test.skipIf(!hasProgram("espruino")).each(facts)("on the interpreter: $name", async (fact) => {
    const { outcome, note } = await judge(fact, folder, facts.indexOf(fact));
    expect([outcome, note]).toEqual(["right", ""]);
  });
});
