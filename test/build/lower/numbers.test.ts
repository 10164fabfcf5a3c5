import { describe, expect, test } from "vitest";
import { lower } from "../../../host/build/lower/lower.ts";

function lowered(code: string): string {
  const output = lower({ code });
  expect(output.problems).toEqual([]);
  return output.code;
}

describe("a fraction", () => {
  test("that Espruino would read wrong is a quotient, others and keys stay", () => {
    const code = lowered("print(0.3, 0.5, 21.7, 21.65, 1e-7, -0.7, 2 ** -52, { 0.3: 1 }, x * 0.3);");
    expect(code).toContain(
      'print(3 / "10", 0.5, 21.7, 2165 / "100", 1 / "1e7", -(7 / "10"), 1 / "4503599627370496", {\n  0.3: 1\n}, x * (3 / "10"));',
    );
  });
});

describe("no helper comes for", () => {
  test.each([
    [
      "what is a number already",
      "let n = 0;\nn += 2;\nprint(+n, Number(x * 2), parseFloat(-x), +x.length, +!x);",
    ],
    ["the text of a number", "print(+x.toFixed(1), Number(x.toFixed(3)), parseFloat(x.toFixed(2)));"],
    ["powers that are multiplied", "print(x ** 2, Math.pow(x, 3));"],
    [
      "dates of known parts",
      "print(new Date(2024, 1, 3), new Date(1704164645000), new Date('2024-01-02T03:04:05Z'));",
    ],
    [
      "setters of near values",
      "const d = new Date(0);\nd.setDate(d.getDate() + 1);\nd.setHours(0, 0, 0, 0);",
    ],
  ])("%s", (_title, text) => {
    expect(lowered(text)).not.toMatch(/function \$(?!fixed|decimal)/);
  });

  test("a loop's ++, which becomes the form that converts", () => {
    expect(lowered("for (let i = 0; i < 3; ++i) print(i);")).toContain("i++");
  });
});

describe("a helper comes for", () => {
  test.each([
    ["a value that may be a text", "print(+x, Number(y));", "$number"],
    ["parseFloat of a text", "print(parseFloat(x));", "$float"],
    ["conversions that are handed over", "print(x.split(',').map(Number));", "$number"],
    ["square roots", "print(Math.sqrt(x));", "$sqrt"],
    ["dates of unknown parts", "print(new Date(y, m));", "$dateOf"],
    ["dates of unknown values", "print(new Date(x));", "$parseDate"],
    ["dates of unknown numbers, without the reader of texts", "print(new Date(x * 1000));", "$dateAt"],
  ])("%s", (_title, text, name) => {
    const code = lowered(text);
    expect(code).toContain(name);
    if (name === "$dateAt") expect(code).not.toContain("$parseDate");
  });
});
