import { type NodePath, types as t } from "@babel/core";
import { ERROR_NAMES } from "../../program/error-names.ts";
import type { Program } from "../../program/program.ts";
import { originalName } from "../../program/source-place.ts";
import { keyName } from "../../program/syntax.ts";

type Binding = NonNullable<ReturnType<NodePath["scope"]["getBinding"]>>;

/**
 * Espruino gives functions no name. Where the build knows the function, the name is put in; where the variable may
 * have one of several functions, each that is written as its value gets its name when it is created.
 */
export function correctName(program: Program, path: NodePath<t.MemberExpression>): void {
  const { object } = path.node;
  if (t.isAssignmentExpression(path.parent) && path.parent.left === path.node) return;
  if (t.isFunctionExpression(object) || t.isArrowFunctionExpression(object)) {
    const own = t.isFunctionExpression(object) && object.id ? originalName(object.id, program.trace) : "";
    path.replaceWith(t.stringLiteral(own));
  }
  if (!t.isIdentifier(object)) return;
  const binding = path.scope.getBinding(object.name);
  if (!binding) {
    if (ERROR_NAMES.has(object.name)) path.replaceWith(t.stringLiteral(object.name));
    return;
  }
  const bound = binding.path.node;
  const isPlain = t.isVariableDeclarator(bound) && t.isIdentifier(bound.id);
  const init = isPlain ? bound.init : t.isVariableDeclarator(bound) ? undefined : bound;
  if (t.isClass(init) && hasOwnName(init)) return;
  if (!isNamed(init) || binding.constantViolations.length > 0) {
    replaceValues(object.name, binding, (value) => named(program, value, binding.identifier));
    return;
  }
  const own = (t.isFunctionExpression(init) || t.isClass(init)) && init.id ? init.id : binding.identifier;
  // The bundler calls a class that names itself `_C` within and `C` without.
  const outer = t.isClassExpression(bound) ? binding.path.parent : bound;
  const held = t.isVariableDeclarator(outer) && t.isIdentifier(outer.id) ? outer.id : undefined;
  const known = held && own.name === `_${held.name}` ? held : own;
  path.replaceWith(t.stringLiteral(originalName(known, program.trace)));
}

/** Espruino counts all parameters, and the standard only those before the first that has a default. */
export function correctFunctionLength(program: Program, path: NodePath<t.MemberExpression>): void {
  const { object } = path.node;
  if (!t.isIdentifier(object) || t.isAssignmentExpression(path.parent, { left: path.node })) return;
  const binding = path.scope.getBinding(object.name);
  const bound = binding?.path.node;
  if (!binding || binding.kind === "param") return;
  if (t.isFunctionDeclaration(bound) && binding.constantViolations.length === 0) {
    const length = lengthWithDefaults(bound);
    if (length !== undefined) path.replaceWith(t.numericLiteral(length));
    return;
  }
  replaceValues(object.name, binding, (value) => {
    const isWrapped = t.isCallExpression(value) && program.isHelper(value.callee, "$named");
    const created = isWrapped ? value.arguments[0] : value;
    const length = t.isFunction(created) ? lengthWithDefaults(created) : undefined;
    if (length === undefined) return value;
    const given = [value, t.stringLiteral("length"), t.numericLiteral(length)];
    return t.callExpression(program.helper("$define"), given);
  });
}

/** The `length` of a function that has a parameter with a default. */
function lengthWithDefaults({ params }: t.Function): number | undefined {
  const length = params.findIndex((one) => t.isAssignmentPattern(one));
  return length < 0 ? undefined : length;
}

function isNamed(node: t.Node | null | undefined): node is t.Function | t.Class {
  return t.isFunction(node) || t.isClass(node);
}

function hasOwnName(node: t.Class): boolean {
  return node.body.body.some(
    (one) => "static" in one && one.static && "key" in one && keyName(one.key, false) === "name",
  );
}

/** Replaces the values that the variable is initialised with, assigned, or given as a default. */
function replaceValues(
  name: string,
  { path, constantViolations }: Binding,
  replace: (value: t.Expression) => t.Expression,
): void {
  const isTarget = (node: t.Node) => t.isIdentifier(node, { name });
  const look = (node: t.Node): void => {
    if (t.isVariableDeclarator(node) && isTarget(node.id) && node.init) {
      node.init = replace(node.init);
    } else if ((t.isAssignmentExpression(node) || t.isAssignmentPattern(node)) && isTarget(node.left)) {
      node.right = replace(node.right);
    }
    for (const part of patternsIn(node)) look(part);
  };
  for (const each of [path, ...constantViolations]) look(each.node);
}

/** The parts of a declaration, an assignment or a pattern that may have defaults. */
function patternsIn(node: t.Node): t.Node[] {
  if (t.isVariableDeclarator(node)) return [node.id];
  if (t.isVariableDeclaration(node)) return node.declarations;
  if (t.isAssignmentExpression(node) || t.isAssignmentPattern(node) || t.isForXStatement(node))
    return [node.left];
  if (t.isRestElement(node)) return [node.argument];
  if (t.isCatchClause(node)) return node.param ? [node.param] : [];
  if (t.isArrayPattern(node)) return node.elements.filter((one) => one !== null);
  if (t.isObjectPattern(node)) return node.properties.map((one) => (t.isRestElement(one) ? one : one.value));
  return [];
}

/** A class gets its name where it is lowered. */
function named(program: Program, value: t.Expression, holder: t.Identifier): t.Expression {
  if (!t.isFunctionExpression(value) && !t.isArrowFunctionExpression(value)) return value;
  const own = t.isFunctionExpression(value) && value.id ? value.id : holder;
  const text = t.stringLiteral(originalName(own, program.trace));
  return t.callExpression(program.helper("$named"), [value, text]);
}
