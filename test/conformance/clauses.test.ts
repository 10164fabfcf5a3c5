/** The list of clauses against the titles of the conformance suite; prints it. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CLAUSES_WITHOUT_TEST, CLIENT_CLAUSES } from "./clauses.ts";

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
