import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

/** The members that every object of Espruino has, and no object of the standard, among those with short names. */
const NAMES = new Set(["on", "emit", "clone"]);
const PASSING_ON = new Set(["bind", "call", "apply"]);

/**
 * Reads that would find a member which Espruino gives to every object: `state.on`, or `counts[word]` where the object is
 * written as a literal and the key may be any text.
 */
export function inheritedNameVisitor(program: Program): Visitor {
  const maps = propertiesWithLiterals(program);
  return {
    MemberExpression: {
      exit(path) {
        const { node, parent } = path;
        if (!isRead(path)) return;
        const name = keyName(node.property, node.computed);
        if (name === undefined ? !(node.computed && isMap(path, node.object, maps)) : !NAMES.has(name))
          return;
        if (name === undefined && !mayBeText(node.property)) return;
        if (t.isMemberExpression(parent) && parent.object === node) {
          const use = keyName(parent.property, parent.computed);
          if (use !== undefined && PASSING_ON.has(use)) return;
        }
        const key = name === undefined ? (t.cloneNode(node.property) as t.Expression) : t.stringLiteral(name);
        path.replaceWith(t.callExpression(program.helper("$own"), [node, key]));
        path.skip();
      },
    },
    BinaryExpression: {
      exit(path) {
        const { operator, left, right } = path.node;
        if (operator !== "in" || t.isPrivateName(left)) return;
        const known = t.isStringLiteral(left) ? NAMES.has(left.value) : isMap(path, right, maps);
        if (known || isInLoopHead(path))
          path.replaceWith(t.callExpression(program.helper("$in"), [left as t.Expression, right]));
      },
    },
  };
}

/** The interpreter takes `in` for that of `for…in`, in brackets too. The minifier may put a function's body there. */
function isInLoopHead(path: NodePath): boolean {
  return path.find((up) => up.key === "init" && up.parentPath?.isForStatement() === true) !== null;
}

function isRead(path: NodePath<t.MemberExpression>): boolean {
  const { node, parent } = path;
  if (t.isCallExpression(parent) || t.isNewExpression(parent)) return parent.callee !== node;
  if (t.isAssignmentExpression(parent)) return parent.left !== node;
  if (t.isForXStatement(parent)) return parent.left !== node;
  return !t.isUpdateExpression(parent) && !t.isUnaryExpression(parent, { operator: "delete" });
}

/** A key that can be repeated, and is no number for certain. */
function mayBeText(key: t.Node): boolean {
  return t.isIdentifier(key) || (t.isMemberExpression(key) && !key.computed && t.isIdentifier(key.object));
}

/** The object is a literal by way of a constant variable, or of a property that is given literals. */
function isMap(path: NodePath, object: t.Node, maps: ReadonlySet<string>): boolean {
  if (t.isAssignmentExpression(object)) return isMap(path, object.right, maps);
  if (t.isIdentifier(object)) {
    const node = path.scope.getBinding(object.name)?.path.node;
    return t.isVariableDeclarator(node) && t.isObjectExpression(node.init);
  }
  if (!t.isMemberExpression(object)) return false;
  const name = keyName(object.property, object.computed);
  return name !== undefined && maps.has(name);
}

/** The names of properties that object literals are assigned to. */
function propertiesWithLiterals(program: Program): Set<string> {
  const names = new Set<string>();
  const add = (name: string | undefined, value: t.Node | null | undefined): void => {
    if (name !== undefined && t.isObjectExpression(value)) names.add(name);
  };
  t.traverseFast(program.tree, (node) => {
    if (t.isObjectProperty(node)) add(keyName(node.key, node.computed), node.value);
    else if (t.isAssignmentExpression(node) && t.isMemberExpression(node.left))
      add(keyName(node.left.property, node.left.computed), node.right);
    else if (t.isCallExpression(node) && node.arguments.length === 3 && t.isStringLiteral(node.arguments[1]))
      add(node.arguments[1].value, node.arguments[2]);
  });
  return names;
}
