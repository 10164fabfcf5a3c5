import { types as t } from "@babel/core";
import { keyName } from "../../program/syntax.ts";

/** The value of an expression of literals only; undefined where it has parts that the build cannot know. */
export function constantOf(node: t.Node): { value: unknown } | undefined {
  if (t.isStringLiteral(node) || t.isNumericLiteral(node) || t.isBooleanLiteral(node))
    return { value: node.value };
  if (t.isNullLiteral(node)) return { value: null };
  if (t.isIdentifier(node) && NAMED.has(node.name)) return { value: NAMED.get(node.name) };
  if (t.isTemplateLiteral(node) && node.expressions.length === 0)
    return { value: node.quasis[0]?.value.cooked ?? "" };
  if (t.isUnaryExpression(node, { operator: "-" }) || t.isUnaryExpression(node, { operator: "+" })) {
    const inner = constantOf(node.argument);
    return typeof inner?.value === "number"
      ? { value: node.operator === "-" ? -inner.value : inner.value }
      : undefined;
  }
  if (t.isBinaryExpression(node)) return binary(node);
  if (t.isArrayExpression(node)) return list(node);
  return t.isObjectExpression(node) ? record(node) : undefined;
}

const NAMED: ReadonlyMap<string, number | undefined> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["undefined", undefined],
]);

function binary(node: t.BinaryExpression): { value: unknown } | undefined {
  const left = constantOf(node.left)?.value;
  const right = constantOf(node.right)?.value;
  if (typeof left !== "number" || typeof right !== "number") return undefined;
  switch (node.operator) {
    case "+":
      return { value: left + right };
    case "-":
      return { value: left - right };
    case "*":
      return { value: left * right };
    case "/":
      return { value: left / right };
    case "**":
      return { value: left ** right };
    case "%":
      return { value: left % right };
    default:
      return undefined;
  }
}

function list(node: t.ArrayExpression): { value: unknown } | undefined {
  const values: unknown[] = [];
  for (const element of node.elements) {
    const constant = element ? constantOf(element) : undefined;
    if (!constant) return undefined;
    values.push(constant.value);
  }
  return { value: values };
}

function record(node: t.ObjectExpression): { value: unknown } | undefined {
  const values: Record<string, unknown> = {};
  for (const member of node.properties) {
    if (!t.isObjectProperty(member) || member.computed) return undefined;
    const constant = constantOf(member.value);
    const key = keyName(member.key, false);
    if (!constant || key === undefined || key === "__proto__") return undefined;
    values[key] = constant.value;
  }
  return { value: values };
}
