import { types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { become } from "../../program/syntax.ts";

/** The greatest power of ten that a double holds exactly. */
const EXPONENT_MAX = 22;

/**
 * Writes fractions that Espruino would read incorrectly as quotients of whole numbers. A quotient of two numbers that are
 * exact is rounded once, as the standard wants a literal to be.
 */
export function writeExactDecimals({ tree }: Program): void {
  const keys = new Set<t.Node>();
  t.traverseFast(tree, (node) => {
    if ("key" in node && "computed" in node && !node.computed) keys.add(node.key as t.Node);
    if (!t.isNumericLiteral(node) || keys.has(node) || isReadRight(node.value)) return;
    const quotient = quotientOf(node.value);
    if (quotient) become(node, quotient);
  });
}

function isReadRight(value: number): boolean {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return true;
  return formsOf(value).every((form) => readByInterpreter(form) === value);
}

/** The ways in which the minifier may write a number. */
function formsOf(value: number): string[] {
  const [digits, exponent] = partsOf(value);
  return [String(value), `${digits}e${exponent}`];
}

/** The number as whole digits and a power of ten. */
function partsOf(value: number): [digits: string, exponent: number] {
  const [mantissa, power] = value.toExponential().split("e") as [string, string];
  const digits = mantissa.replace(".", "");
  return [digits, Number(power) - (digits.length - 1)];
}

/** The interpreter's own way to read a decimal number (`stringToFloatWithRadix`). */
function readByInterpreter(text: string): number {
  const [mantissa, power = "0"] = text.split("e") as [string, string?];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?];
  let value = 0;
  for (const digit of whole) value = value * 10 + Number(digit);
  let weight = 0.1;
  for (const digit of fraction) {
    value += weight * Number(digit);
    weight /= 10;
  }
  for (let count = Number(power); count > 0; count--) value *= 10;
  for (let count = Number(power); count < 0; count++) value /= 10;
  return value;
}

function quotientOf(value: number): t.BinaryExpression | undefined {
  const [digits, exponent] = partsOf(value);
  const whole = Number(digits);
  if (Number.isSafeInteger(whole) && Math.abs(exponent) <= EXPONENT_MAX) {
    const power = asText(10 ** Math.abs(exponent));
    return t.binaryExpression(exponent < 0 ? "/" : "*", t.numericLiteral(whole), power);
  }
  if (Number.isSafeInteger(1 / value)) return t.binaryExpression("/", t.numericLiteral(1), asText(1 / value));
  return binaryQuotientOf(value);
}

/** The greatest power of two whose digits the interpreter reads exactly, and JavaScript writes without an exponent. */
const BINARY_EXPONENT_MAX = 69;

/** Numbers with 17 digits: as their 53 bits over a power of two. */
function binaryQuotientOf(value: number): t.BinaryExpression | undefined {
  for (let exponent = 1; exponent <= BINARY_EXPONENT_MAX; exponent++) {
    const whole = value * 2 ** exponent;
    if (!Number.isInteger(whole)) continue;
    const power = String(2 ** exponent);
    if (!Number.isSafeInteger(whole) || readByInterpreter(power) !== 2 ** exponent) return undefined;
    return t.binaryExpression("/", t.numericLiteral(whole), t.stringLiteral(power));
  }
  return undefined;
}

/** The minifier would compute a quotient of numbers and write the fraction again. */
function asText(whole: number): t.StringLiteral {
  return t.stringLiteral(
    whole > 100 && /^10+$/.test(String(whole)) ? whole.toExponential().replace("+", "") : String(whole),
  );
}
