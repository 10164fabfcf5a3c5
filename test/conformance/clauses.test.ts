/** The list of clauses against the titles of the conformance suite; prints it. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CLAUSES_WITHOUT_TEST, CLIENT_CLAUSES, SERVER_CLAUSES } from "./clauses.ts";

const folder = new URL(".", import.meta.url);
const suite = readdirSync(folder)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n");
const titled = new Set(suite.match(/MQTT-\d+\.\d+\.\d+-\d+/g));
it("every clause that binds a client is in the title of a test, or has a reason not to be", () => {
  process.stdout.write(`clauses tested (${CLIENT_CLAUSES.length}): ${CLIENT_CLAUSES.join(" ")}\n`);
  for (const [clause, reason] of Object.entries(CLAUSES_WITHOUT_TEST)) {
    process.stdout.write(`without a test: ${clause}: ${reason}\n`);
  }
  expect(CLIENT_CLAUSES.filter((clause) => !titled.has(clause))).toEqual([]);
  expect(Object.keys(CLAUSES_WITHOUT_TEST).filter((clause) => titled.has(clause))).toEqual([]);
});

it("every statement of the specification is listed once, without a gap in a section's numbers", () => {
  const listed = [...CLIENT_CLAUSES, ...Object.keys(CLAUSES_WITHOUT_TEST), ...SERVER_CLAUSES];
  const numbers = new Map<string, number[]>();
  for (const clause of listed) {
    const [, section, number] = /^MQTT-(\d+\.\d+\.\d+)-(\d+)$/.exec(clause) as unknown as string[];
    numbers.set(section as string, [...(numbers.get(section as string) ?? []), Number(number)]);
  }
  for (const [section, found] of numbers) {
    const whole = found.map((_, index) => index + 1);
    expect(
      found.sort((one, other) => one - other),
      section,
    ).toEqual(whole);
  }
});

it("no title names a statement that there is not", () => {
  const known = new Set([...CLIENT_CLAUSES, ...Object.keys(CLAUSES_WITHOUT_TEST), ...SERVER_CLAUSES]);
  expect([...titled].filter((clause) => !known.has(clause))).toEqual([]);
});
