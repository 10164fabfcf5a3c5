import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasProgram } from "../../fixtures/programs.ts";
import { countOutcomes, runSample } from "./sample.ts";
import { parseTest } from "./suite.ts";

const TESTS = {
  "language/right.js": "/*---\nflags: [onlyStrict]\n---*/\nassert.sameValue(1 + 1, 2);",
  "language/wrong.js":
    "/*---\ndescription: .\n---*/\nconst zeros = [0];\nassert.sameValue(1 / -zeros[0], -Infinity);",
  "language/refused.js": "/*---\ndescription: .\n---*/\nassert.sameValue([1, , 2].indexOf(undefined), -1);",
  "built-ins/silent.js":
    "/*---\ndescription: .\n---*/\nassert.throws(TypeError, () => { Object.freeze([1])[0] = 2; });",
  "built-ins/late.js":
    "/*---\nflags: [async]\n---*/\nPromise.resolve(3).then((v) => assert.sameValue(v, 3)).then($DONE, $DONE);",
  "built-ins/fails-on-node.js": "/*---\ndescription: .\n---*/\nassert(false);",
};

function makeCheckout(): string {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  for (const [path, text] of Object.entries(TESTS)) {
    const file = join(folder, "test", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

describe("The official test suite", () => {
  test("a test of sloppy mode, of a syntax error or of eval is left out", () => {
    const isTaken = (header: string, code = "assert(true);") =>
      parseTest("a.js", `/*---\n${header}\n---*/\n${code}`) !== undefined;
    expect(isTaken("flags: [onlyStrict]")).toBe(true);
    expect(isTaken("features: [generators]")).toBe(true);
    expect(isTaken("flags: [noStrict]")).toBe(false);
    expect(isTaken("features:\n  - generators\n  - BigInt")).toBe(false);
    expect(isTaken("negative:\n  phase: parse")).toBe(false);
    expect(isTaken("includes: [propertyHelper.js]")).toBe(false);
    expect(isTaken("description: .", "eval('1')")).toBe(false);
  });

  test.skipIf(!hasProgram("espruino"))("its tests are counted by how they come out on Espruino", async () => {
    const checkout = makeCheckout();
    const results = await runSample(checkout, 10, 1);
    rmSync(checkout, { recursive: true });
    expect(countOutcomes(results)).toEqual({
      right: 2,
      refused: 1,
      stopped: 0,
      "wrong value": 1,
      "missing throw": 1,
      "build failed": 0,
    });
  });
});
