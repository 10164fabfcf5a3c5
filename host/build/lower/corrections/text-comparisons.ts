import { type NodePath, types as t, type Visitor } from "@babel/core";
import { keyName } from "../../program/syntax.ts";

/**
 * `text[i] > " "` where the text has ended. Espruino compares the word "undefined" there, so the comparison is true
 * where the standard says false. Only comparisons that are true for that word are replaced, so that they are false.
 */
export function textComparisonCorrections(): Visitor {
  return {
    BinaryExpression(path) {
      const { left, right, operator } = path.node;
      if (!/^[<>]=?$/.test(operator)) return;
      const turned = t.isStringLiteral(left);
      const literal = turned ? left : right;
      const value = turned ? right : left;
      if (!t.isStringLiteral(literal) || !mayBeUndefined(path, value)) return;
      const isAbove = operator.startsWith(">") !== turned;
      if (literal.value === "" || isAbove !== "undefined" > literal.value) return;
      if (hasLimit(path, value)) return;
      const standIn = t.logicalExpression(
        "??",
        value as t.Expression,
        t.stringLiteral(isAbove ? "" : `${literal.value}~`),
      );
      if (turned) path.node.right = standIn;
      else path.node.left = standIn;
    },
  };
}

/** Whether the other half of `c >= "0" && c <= "9"` is false for the word. */
function hasLimit(path: NodePath, value: t.Node): boolean {
  const { parent } = path;
  if (!t.isLogicalExpression(parent, { operator: "&&" })) return false;
  const other = parent.left === path.node ? parent.right : parent.left;
  if (!t.isBinaryExpression(other)) return false;
  const { left, right, operator } = other;
  if (!t.isStringLiteral(right) || !t.isNodesEquivalent(left, value)) return false;
  if (operator === "<=" || operator === "<") return "undefined" > right.value;
  return (operator === ">=" || operator === ">") && "undefined" < right.value;
}

const TEXT_METHODS = new Set(
  "charAt slice substr substring trim toUpperCase toLowerCase toString toFixed padStart padEnd join".split(
    " ",
  ),
);

function mayBeUndefined(path: NodePath, node: t.Node, depth = 0): boolean {
  if (t.isIdentifier(node)) {
    const binding = path.scope.getBinding(node.name);
    const bound = binding?.path.node;
    if (!binding || depth > 2) return true;
    if (!t.isVariableDeclarator(bound)) return true;
    if (isLoopName(binding.path)) return false;
    return (
      !bound.init || binding.constantViolations.length > 0 || mayBeUndefined(path, bound.init, depth + 1)
    );
  }
  if (t.isCallExpression(node) && t.isMemberExpression(node.callee))
    return !TEXT_METHODS.has(keyName(node.callee.property, node.callee.computed) ?? "");
  return t.isMemberExpression(node) || t.isOptionalMemberExpression(node) || t.isCallExpression(node);
}

/** A name that `for…of` or `for…in` gives a value each round. */
function isLoopName(declarator: NodePath): boolean {
  return t.isForXStatement(declarator.parentPath?.parent);
}
