import { type NodePath, types as t } from "@babel/core";
import { ERROR_NAMES } from "../../program/error-names.ts";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

type Binding = NonNullable<ReturnType<NodePath["scope"]["getBinding"]>>;

/**
 * Espruino gives functions no name. Where the build knows the function, the name is put in; where the variable may
 * have one of several functions, each that is written as its value gets its name when it is created.
 */
export function correctName(program: Program, path: NodePath<t.MemberExpression>): void {
  const { object } = path.node;
  if (t.isAssignmentExpression(path.parent) && path.parent.left === path.node) return;
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
    nameValues(program, object.name, binding);
    return;
  }
  const own = (t.isFunctionExpression(init) || t.isClass(init)) && init.id ? init.id.name : object.name;
  // The bundler calls a class that names itself `_C` within and `C` without.
  const outer = t.isClassExpression(bound) ? binding.path.parent : bound;
  const held = t.isVariableDeclarator(outer) && t.isIdentifier(outer.id) ? outer.id.name : undefined;
  path.replaceWith(t.stringLiteral(held !== undefined && own === `_${held}` ? held : own));
}

function isNamed(node: t.Node | null | undefined): node is t.Function | t.Class {
  return t.isFunction(node) || t.isClass(node);
}

function hasOwnName(node: t.Class): boolean {
  return node.body.body.some(
    (one) => "static" in one && one.static && "key" in one && keyName(one.key, false) === "name",
  );
}

/** Names the functions that the variable is initialised with, assigned, or given as a default. */
function nameValues(program: Program, name: string, { path, constantViolations }: Binding): void {
  const isTarget = (node: t.Node) => t.isIdentifier(node, { name });
  const look = (node: t.Node): void => {
    if (t.isVariableDeclarator(node) && isTarget(node.id) && node.init) {
      node.init = named(program, node.init, name);
    } else if ((t.isAssignmentExpression(node) || t.isAssignmentPattern(node)) && isTarget(node.left)) {
      node.right = named(program, node.right, name);
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
function named(program: Program, value: t.Expression, name: string): t.Expression {
  if (!t.isFunctionExpression(value) && !t.isArrowFunctionExpression(value)) return value;
  const own = t.isFunctionExpression(value) && value.id ? value.id.name : name;
  return t.callExpression(program.helper("$named"), [value, t.stringLiteral(own)]);
}
