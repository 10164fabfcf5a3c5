import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EFFORTS, type Effort } from "./fixtures/effort.ts";

const FOLDER = new URL(".", import.meta.url);
const page = readFileSync(new URL("README.md", FOLDER), "utf8");

/** The rows of the table under a heading, without the header rows. */
function rowsUnder(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.replace(/ +/g, " "));
}

test("test/README.md lists each figure that npm test makes smaller", () => {
  const rows = Object.values<Effort>(EFFORTS).map(({ what, short, whole, variable }) =>
    `| ${what} | ${short} | ${whole} | ${variable ? `\`${variable}\`` : ""} |`.replace(/ +/g, " "),
  );
  expect(rowsUnder("Smaller in the short run")).toEqual(rows);
});

test("test/README.md lists each file that npm test leaves out", () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".long.test.ts"))
    .sort();
  const named = rowsUnder("Only in the whole run").map((row) => /`([^`]+)`/.exec(row)?.[1]);
  expect(named).toEqual(files);
});
