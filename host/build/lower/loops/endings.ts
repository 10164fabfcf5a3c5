import { type NodePath, types as t } from "@babel/core";
import { childNodes, childPlaces } from "../../program/child-nodes.ts";

export interface Leaving {
  readonly node: t.ReturnStatement | t.BreakStatement | t.ContinueStatement;
  readonly holder: Record<string, t.Node>;
  readonly key: string;
}

/** The jumps among these statements that end outside of them. */
export function leavingsOf(node: t.Node, inLoop = false, inSwitch = false): Leaving[] {
  return childPlaces(node).flatMap(({ child, holder, key }): Leaving[] => {
    if (t.isFunction(child) || t.isClass(child) || t.isExpression(child)) return [];
    const leaves =
      t.isReturnStatement(child) ||
      (t.isBreakStatement(child) && !inSwitch) ||
      (t.isContinueStatement(child) && !inLoop);
    if (leaves) return [{ node: child as Leaving["node"], holder, key }];
    const isLoop = t.isLoop(child);
    return leavingsOf(child, inLoop || isLoop, inSwitch || isLoop || t.isSwitchStatement(child));
  });
}

const HARMLESS_CALLS = new Set(["setTimeout", "clearTimeout", "clearInterval", "print", "digitalWrite"]);
const HARMLESS_NODES = new Set([
  "BlockStatement",
  "EmptyStatement",
  "ExpressionStatement",
  "IfStatement",
  "AssignmentExpression",
  "UpdateExpression",
  "UnaryExpression",
  "LogicalExpression",
  "BinaryExpression",
  "ConditionalExpression",
  "ArrayExpression",
  "Identifier",
  "ThisExpression",
  "NumericLiteral",
  "StringLiteral",
  "BooleanLiteral",
  "NullLiteral",
]);

/** Whether running this cannot throw, as far as names tell: no call but of a few natives, no member of a value that may be undefined. */
export function cannotThrow(path: NodePath, node: t.Node): boolean {
  if (t.isFunction(node)) return true;
  if (t.isMemberExpression(node)) {
    return !node.computed && isObject(path, node.object);
  }
  if (t.isCallExpression(node)) {
    return isHarmlessCallee(path, node.callee) && node.arguments.every((one) => cannotThrow(path, one));
  }
  if (t.isBinaryExpression(node) && (node.operator === "in" || node.operator === "instanceof")) return false;
  return HARMLESS_NODES.has(node.type) && childNodes(node).every((one) => cannotThrow(path, one));
}

function isHarmlessCallee(path: NodePath, callee: t.Node): boolean {
  if (t.isIdentifier(callee))
    return HARMLESS_CALLS.has(callee.name) && !path.scope.hasBinding(callee.name, true);
  if (!t.isMemberExpression(callee) || callee.computed || !t.isIdentifier(callee.property)) return false;
  if (t.isIdentifier(callee.object, { name: "console" })) return !path.scope.hasBinding("console", true);
  return callee.property.name === "push" && t.isArrayExpression(constantValue(path, callee.object));
}

/** The value that a constant was given. */
function constantValue(path: NodePath, node: t.Node): t.Node | null | undefined {
  if (!t.isIdentifier(node)) return undefined;
  const binding = path.scope.getBinding(node.name);
  if (!binding?.constant || !binding.path.isVariableDeclarator()) return undefined;
  return binding.path.node.init;
}

/** Whether a value has members for certain. */
function isObject(path: NodePath, node: t.Node): boolean {
  if (t.isThisExpression(node)) return true;
  const value = constantValue(path, node);
  return t.isObjectExpression(value) || t.isArrayExpression(value) || t.isNewExpression(value);
}
