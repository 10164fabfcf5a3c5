import { types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";

/** The interpreter multiplies for these exponents, and goes by logarithms for all others. */
const MULTIPLIED_MAX = 9;

/** `base ** exponent`, in the shortest form that is as exact as the standard's. */
export function powerOf(program: Program, base: t.Expression, exponent: t.Expression): t.Expression {
  if (t.isNumericLiteral(exponent)) {
    const { value } = exponent;
    if (value === 2 && t.isIdentifier(base)) return t.binaryExpression("*", base, t.cloneNode(base));
    if (value === 0.5) return t.callExpression(program.helper("$sqrt"), [base]);
    if (Number.isInteger(value) && value >= 0 && value <= MULTIPLIED_MAX) {
      const power = t.memberExpression(t.identifier("Math"), t.identifier("pow"));
      return t.callExpression(power, [base, exponent]);
    }
  }
  return t.callExpression(program.helper("$pow"), [base, exponent]);
}
