import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { isCertainArray, keyName } from "../../program/syntax.ts";
import { TYPED_ARRAY } from "../fills/typed-calls.ts";

/** Before this place a text is hardly ever read. */
const PLACE_MIN = -4;

/**
 * Reads of a place before the first character or element: the interpreter throws where a text or a typed array has no
 * member of that name, so it is given one.
 */
export function correctPlace(program: Program, path: NodePath<t.MemberExpression>): void {
  const { property, object } = path.node;
  if (t.isAssignmentExpression(path.parent) && path.parent.left === path.node) return;
  const least = leastOf(path, property, 0);
  if (least === undefined || least < PLACE_MIN || holdsList(path, object)) return;
  const first = t.isUnaryExpression(property) ? least : -1;
  const kinds = ["String", ...typedKinds(program)];
  for (let place = first; place >= least; place--)
    for (const kind of kinds) program.fills.add(`${kind}.prototype["${place}"] = void 0;`);
}

/** The negative number next to which an index may fall; undefined where nothing says that it may be negative. */
function leastOf(path: NodePath, index: t.Node | null | undefined, depth: number): number | undefined {
  if (t.isUnaryExpression(index, { operator: "-" }) && t.isNumericLiteral(index.argument))
    return negative(index.argument.value);
  if (t.isBinaryExpression(index, { operator: "-" }) && t.isNumericLiteral(index.right))
    return negative(index.right.value);
  if (t.isUpdateExpression(index, { operator: "--" })) return -1;
  if (depth > 1) return undefined;
  if (t.isCallExpression(index) && t.isMemberExpression(index.callee))
    return /^(lastI|i)ndexOf$/.test(keyName(index.callee.property, false) ?? "") ? -1 : undefined;
  if (t.isMemberExpression(index) && index.computed) return hasNegative(path, index.object) ? -1 : undefined;
  return t.isIdentifier(index) ? leastOfName(path, index.name, depth) : undefined;
}

function negative(value: number): number | undefined {
  return Number.isInteger(value) && value >= 1 ? -value : undefined;
}

function isNegative(node: t.Node | null): boolean {
  return t.isUnaryExpression(node, { operator: "-" });
}

/** Whether a list that is written out has a negative number. */
function hasNegative(path: NodePath, list: t.Node | null | undefined): boolean {
  if (t.isArrayExpression(list)) return list.elements.some(isNegative);
  const bound = t.isIdentifier(list) ? path.scope.getBinding(list.name)?.path.node : undefined;
  return t.isVariableDeclarator(bound) && t.isArrayExpression(bound.init) && hasNegative(path, bound.init);
}

function leastOfName(path: NodePath, name: string, depth: number): number | undefined {
  const binding = path.scope.getBinding(name);
  if (!binding || isCountedDown(path, name)) return undefined;
  const bound = binding.path.node;
  // The first parameter of a function that a method of a list calls for each element.
  const call = binding.kind === "param" ? binding.scope.path.parent : undefined;
  if (t.isCallExpression(call) && t.isMemberExpression(call.callee) && hasNegative(path, call.callee.object))
    return -1;
  if (t.isVariableDeclarator(bound)) {
    const loop = binding.path.parentPath?.parent;
    if (t.isForOfStatement(loop)) return hasNegative(binding.path, loop.right) ? -1 : undefined;
    if (leastOf(binding.path, bound.init, depth + 1) !== undefined) return -1;
  }
  const falls = binding.constantViolations.some(({ node, scope }) => {
    if (t.isUpdateExpression(node, { operator: "--" })) return true;
    if (!t.isAssignmentExpression(node)) return false;
    if (node.operator === "-=") return true;
    return node.operator === "=" && leastOf(scope.path, node.right, depth + 1) !== undefined;
  });
  return falls ? -1 : undefined;
}

/** Whether a loop around the read ends before its variable is negative: `for (…; i >= 0; i--)`, `while (i--)`. */
function isCountedDown(path: NodePath, name: string): boolean {
  return (
    path.findParent(({ node }) => {
      if (!t.isForStatement(node) && !t.isWhileStatement(node)) return false;
      const { test } = node;
      if (t.isIdentifier(test, { name })) return true;
      if (t.isUpdateExpression(test, { operator: "--", prefix: false }))
        return t.isIdentifier(test.argument, { name });
      return (
        t.isBinaryExpression(test) &&
        test.operator.startsWith(">") &&
        t.isIdentifier(test.left, { name }) &&
        !(t.isNumericLiteral(test.right, { value: -1 }) && test.operator === ">=")
      );
    }) !== null
  );
}

/** A list gives undefined there. */
function holdsList(path: NodePath, node: t.Node): boolean {
  if (isCertainArray(node)) return true;
  if (!t.isIdentifier(node)) return false;
  const binding = path.scope.getBinding(node.name);
  const bound = binding?.path.node;
  if (binding?.constantViolations.length !== 0 || !t.isVariableDeclarator(bound) || !bound.init) return false;
  return !t.isIdentifier(bound.init) && holdsList(path, bound.init);
}

const found = new WeakMap<Program, ReadonlySet<string>>();

/** The kinds of typed arrays that the program names. */
function typedKinds(program: Program): ReadonlySet<string> {
  const known = found.get(program);
  if (known) return known;
  const kinds = new Set<string>();
  t.traverseFast(program.tree, (node) => {
    if (t.isIdentifier(node) && TYPED_ARRAY.test(node.name)) kinds.add(node.name);
  });
  found.set(program, kinds);
  return kinds;
}
