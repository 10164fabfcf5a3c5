import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { isKnownArray, keyName } from "../../program/syntax.ts";

export const TYPED_ARRAY = /^(Uint|Int|Float)\d+(Clamped)?Array$/;

/** Constructors of typed arrays and DataView, in the forms that the interpreter takes. */
export function lowerTypedNew(program: Program, path: NodePath<t.NewExpression>): void {
  const { callee, arguments: given } = path.node;
  if (!t.isIdentifier(callee) || path.scope.hasBinding(callee.name, true)) return;
  const [first, at, length] = given as t.Expression[];
  if (callee.name === "DataView") {
    if (!first || !at || (isZero(at) && !length)) return;
    path.replaceWith(t.callExpression(program.helper("$dataView"), given));
    return;
  }
  if (!TYPED_ARRAY.test(callee.name)) return;
  if (!first || isNothing(first)) path.node.arguments = [t.numericLiteral(0)];
  else if (length && !(t.isNumericLiteral(length) && length.value > 0)) {
    path.replaceWith(t.callExpression(program.helper("$view"), [callee, first, at as t.Expression, length]));
    path.skip();
  } else if (!at && mayBeIterable(program, first)) {
    const { collections, iterators } = program.traits;
    if (!collections && !iterators && !t.isObjectExpression(first)) return;
    program.helper("$numbers");
    path.node.arguments = [t.callExpression(program.helper("$numbers"), [first])];
  }
}

function isZero(node: t.Node): boolean {
  return t.isNumericLiteral(node) && node.value === 0;
}

function isNothing(node: t.Node): boolean {
  return (
    t.isNullLiteral(node) ||
    t.isIdentifier(node, { name: "undefined" }) ||
    t.isUnaryExpression(node, { operator: "void" })
  );
}

const NUMERIC = new Set(["length", "byteLength", "size", "buffer"]);

function mayBeIterable(program: Program, node: t.Expression): boolean {
  if (isKnownArray(node) || t.isLiteral(node) || t.isBinaryExpression(node)) return false;
  if (t.isMemberExpression(node)) return !NUMERIC.has(keyName(node.property, node.computed) ?? "");
  return !program.isHelper(node, "$list");
}
