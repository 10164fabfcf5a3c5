import { type NodePath, types as t } from "@babel/core";
import { keyName } from "../../program/syntax.ts";

type Scope = NodePath["scope"];

const DEPTH_MAX = 6;

/**
 * Whether an expression is a number for certain, or a boolean, null or undefined, which convert to numbers alike here
 * and there. Texts and objects are what the interpreter converts otherwise.
 */
export function isKnownNumber(node: t.Node | null | undefined, scope: Scope, depth = 0): boolean {
  if (!node || depth > DEPTH_MAX) return false;
  const known = (one: t.Node | null | undefined): boolean => isKnownNumber(one, scope, depth + 1);
  if (t.isNumericLiteral(node) || t.isBooleanLiteral(node) || t.isNullLiteral(node)) return true;
  if (t.isUnaryExpression(node)) return node.operator !== "typeof";
  if (t.isUpdateExpression(node)) return true;
  if (t.isBinaryExpression(node)) return node.operator !== "+" || (known(node.left) && known(node.right));
  if (t.isLogicalExpression(node)) return known(node.left) && known(node.right);
  if (t.isConditionalExpression(node)) return known(node.consequent) && known(node.alternate);
  if (t.isSequenceExpression(node)) return known(node.expressions.at(-1));
  if (t.isAssignmentExpression(node)) return isNumericAssignment(node, known);
  if (t.isMemberExpression(node)) return isNumericMember(node, scope);
  if (t.isCallExpression(node)) return isNumericCall(node, scope);
  return t.isIdentifier(node) && isNumericName(node.name, scope, depth);
}

function isNumericAssignment(
  { operator, left, right }: t.AssignmentExpression,
  known: (node: t.Node) => boolean,
): boolean {
  if (operator === "=" || /^(&&|\|\||\?\?)=$/.test(operator)) return known(right);
  return operator !== "+=" || (known(right) && known(left));
}

function isNumericMember(node: t.MemberExpression, scope: Scope): boolean {
  const name = keyName(node.property, node.computed);
  if (name === "length" || name === "byteLength") return true;
  if (!t.isIdentifier(node.object) || scope.hasBinding(node.object.name, true)) return false;
  return (node.object.name === "Math" || node.object.name === "Number") && /^[A-Z]/.test(name ?? "");
}

const NUMERIC_FUNCTIONS = new Set([
  "Number",
  "Boolean",
  "parseInt",
  "parseFloat",
  "isNaN",
  "isFinite",
  "getTime",
  "analogRead",
  "digitalRead",
]);

const NUMERIC_METHODS =
  /^(getTime|get(UTC)?(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds)|getTimezoneOffset|charCodeAt|codePointAt|indexOf|lastIndexOf|findIndex|get(Ui|I)nt\d+|getFloat\d+)$/;

function isNumericCall({ callee }: t.CallExpression, scope: Scope): boolean {
  if (t.isIdentifier(callee))
    return NUMERIC_FUNCTIONS.has(callee.name) && !scope.hasBinding(callee.name, true);
  if (!t.isMemberExpression(callee)) return false;
  const { object } = callee;
  if (t.isIdentifier(object) && !scope.hasBinding(object.name, true)) {
    if (object.name === "Math" || object.name === "Date" || object.name === "Number") return true;
  }
  return NUMERIC_METHODS.test(keyName(callee.property, callee.computed) ?? "");
}

function isNumericName(name: string, scope: Scope, depth: number): boolean {
  const binding = scope.getBinding(name);
  if (!binding) return name === "NaN" || name === "Infinity" || name === "undefined";
  if (!t.isVariableDeclarator(binding.path.node) || !t.isIdentifier(binding.path.node.id)) return false;
  const { init } = binding.path.node;
  const looped = binding.path.parentPath?.parentPath;
  if (!init && (looped?.isForInStatement() || looped?.isForOfStatement())) return false;
  if (init && !isKnownNumber(init, binding.scope, depth + 1)) return false;
  return binding.constantViolations.every(({ node, scope: place }) => {
    if (t.isUpdateExpression(node)) return true;
    if (!t.isAssignmentExpression(node) || !t.isIdentifier(node.left)) return false;
    // The name on the left is numeric if all the rest is.
    if (node.operator === "=" || node.operator.length > 2 || node.operator === "+=")
      return isKnownNumber(node.right, place, depth + 1);
    return true;
  });
}

/** Texts that convert right: what a number was written as. */
export function isNumberText(node: t.Node | null | undefined): boolean {
  return (
    t.isCallExpression(node) &&
    t.isMemberExpression(node.callee) &&
    /^to(Fixed|Precision|Exponential)$/.test(keyName(node.callee.property, node.callee.computed) ?? "")
  );
}
