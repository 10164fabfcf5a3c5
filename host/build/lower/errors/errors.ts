import { type NodePath, types as t, type Visitor } from "@babel/core";
import { ERROR_NAMES, giveEmptyMessage } from "../../program/error-names.ts";
import type { HelperName, Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

/**
 * Errors as the standard has them. The interpreter throws plain Errors where the standard throws a TypeError or a
 * RangeError, gives an error without a message none at all, and knows no names of errors. Each is corrected only in a
 * program that asks for it.
 */
export function errorVisitor(program: Program): Visitor {
  const asked = kindsAsked(program);
  return {
    BinaryExpression(path) {
      const { operator, left, right } = path.node;
      if (operator !== "instanceof" || !t.isIdentifier(right) || path.scope.hasBinding(right.name, true))
        return;
      const helper = KINDS.get(right.name);
      if (helper === undefined || isHelperCall(program, left, helper)) return;
      path.node.left = t.callExpression(program.helper(helper), [left as t.Expression]);
    },
    MemberExpression(path) {
      const { object, property, computed } = path.node;
      const name = keyName(property, computed);
      if (name === "captureStackTrace" && t.isIdentifier(object, { name: "Error" })) leaveOut(path);
      if (name === "prototype" && isErrorClass(path, object)) program.helper("$errors");
      if (name !== "name" && name !== "constructor") return;
      if (isConstructor(object) && mayBeError(path, (object as t.MemberExpression).object)) {
        program.fills.add(NAMED);
      }
      if (!mayBeError(path, object)) return;
      if (name === "name") program.helper("$errors");
      if (isWritten(path)) return;
      let value = object as t.Expression;
      if (name === "constructor" && asked.length > 0) program.fills.add(CONSTRUCTORS);
      for (const helper of asked) value = t.callExpression(program.helper(helper), [value]);
      path.node.object = value;
      if (asked.length > 0) path.skip();
    },
    NewExpression(path) {
      const { callee, arguments: given } = path.node;
      if (given.length > 0 && !isUndefined(given[0] as t.Node)) return;
      if (isErrorClass(path, callee)) giveEmptyMessage(program, (callee as t.Identifier).name);
    },
  };
}

const CONSTRUCTORS = "[Error, TypeError].forEach(function (E) { E.prototype.constructor = E; });";

const NAMED = `$named(Error, "Error"), $named(TypeError, "TypeError");`;

function isConstructor(node: t.Node): boolean {
  return t.isMemberExpression(node) && keyName(node.property, node.computed) === "constructor";
}

function isErrorClass(path: NodePath, node: t.Node): boolean {
  return t.isIdentifier(node) && ERROR_NAMES.has(node.name) && !path.scope.hasBinding(node.name, true);
}

/** Every error has its stack already. */
function leaveOut(path: NodePath<t.MemberExpression>): void {
  const call = path.parentPath;
  const called = call?.isCallExpression() && call.node.callee === path.node;
  (called ? call : path).replaceWith(t.unaryExpression("void", t.numericLiteral(0)));
}

/** Where the interpreter throws an Error, these say what the standard would throw. */
const KINDS: ReadonlyMap<string, HelperName> = new Map([
  ["TypeError", "$typed"],
  ["RangeError", "$ranged"],
]);

/** The kinds of errors whose names or classes the program compares with. */
function kindsAsked(program: Program): HelperName[] {
  const asked = new Set<HelperName>();
  t.traverseFast(program.tree, (node) => {
    const name = t.isStringLiteral(node) ? node.value : undefined;
    const helper = name === undefined ? undefined : KINDS.get(name);
    if (helper) asked.add(helper);
    if (t.isCallExpression(node)) {
      for (const given of node.arguments) {
        const kind = t.isIdentifier(given) ? KINDS.get(given.name) : undefined;
        if (kind) asked.add(kind);
      }
    }
    if (!t.isBinaryExpression(node) || !/^[!=]==?$/.test(node.operator)) return;
    for (const side of [node.left, node.right]) {
      const kind = t.isIdentifier(side) ? KINDS.get(side.name) : undefined;
      if (kind) asked.add(kind);
    }
  });
  return [...asked];
}

function isHelperCall(program: Program, node: t.Node, helper: HelperName): boolean {
  return t.isCallExpression(node) && program.isHelper(node.callee, helper);
}

function isWritten(path: NodePath): boolean {
  const { parent } = path;
  if (t.isUpdateExpression(parent)) return true;
  return t.isAssignmentExpression(parent) && parent.left === path.node;
}

function isUndefined(node: t.Node): boolean {
  return t.isIdentifier(node, { name: "undefined" }) || t.isUnaryExpression(node, { operator: "void" });
}

/** What a catch clause caught, what `catch()` handles, a new error, or what is called like one. */
function mayBeError(path: NodePath, object: t.Node): boolean {
  if (t.isNewExpression(object)) return t.isIdentifier(object.callee) && ERROR_NAMES.has(object.callee.name);
  if (t.isMemberExpression(object)) return keyName(object.property, object.computed) === "cause";
  if (!t.isIdentifier(object)) return false;
  if (/^(e|ex|err|error|reason|cause|failure)$|Error$/.test(object.name)) {
    return !ERROR_NAMES.has(object.name) || path.scope.hasBinding(object.name, true);
  }
  const binding = path.scope.getBinding(object.name);
  if (binding?.path.isCatchClause()) return true;
  const made = binding?.path.node;
  if (t.isVariableDeclarator(made) && t.isNewExpression(made.init)) return mayBeError(path, made.init);
  return isHandled(path, object.name);
}

/** Whether the name is the first parameter of a function that handles a rejection. */
function isHandled(path: NodePath, name: string): boolean {
  const handler = path.findParent(
    (up) => up.isFunction() && t.isIdentifier(up.node.params[0]) && up.node.params[0].name === name,
  );
  const call = handler?.parent;
  if (!t.isCallExpression(call) || !t.isMemberExpression(call.callee)) return false;
  const method = keyName(call.callee.property, call.callee.computed);
  return (
    (method === "catch" && call.arguments[0] === handler?.node) ||
    (method === "then" && call.arguments[1] === handler?.node)
  );
}
