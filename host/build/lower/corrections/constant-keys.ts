import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";

/** Espruino cuts longer names. */
const NAME_CHARACTERS_MAX = 63;

/**
 * `x[KEY]` becomes `x.name` where KEY is a variable with one known text. Espruino gives undefined for `x.name` whatever x
 * is, and throws for `x[KEY]` where x is a string or a number, which packages ask for marks of their own.
 */
export function constantKeyVisitor(program: Program): Visitor {
  return {
    MemberExpression(path) {
      nameKey(path);
      guardMark(program, path);
    },
    OptionalMemberExpression: nameKey,
  };
}

/** `x["@@transducer/step"]`: packages ask anything for such marks, and the key is no name that could stand behind a dot. */
function guardMark(program: Program, path: NodePath<t.MemberExpression>): void {
  const { node, parent } = path;
  if (!t.isStringLiteral(node.property) || !node.property.value.startsWith("@@")) return;
  const isCallee = t.isCallExpression(parent) && parent.callee === node;
  const isSet = t.isAssignmentExpression(parent) && parent.left === node;
  if (
    isCallee ||
    isSet ||
    t.isUpdateExpression(parent) ||
    t.isUnaryExpression(parent, { operator: "delete" })
  )
    return;
  path.replaceWith(t.callExpression(program.helper("$mark"), [node.object as t.Expression, node.property]));
}

function nameKey(path: NodePath<t.MemberExpression> | NodePath<t.OptionalMemberExpression>): void {
  const { node } = path;
  if (!node.computed || !t.isIdentifier(node.property)) return;
  const name = textOf(path, node.property.name);
  if (name === undefined || name.length > NAME_CHARACTERS_MAX || !/^[A-Za-z_$][\w$]*$/.test(name)) return;
  node.computed = false;
  node.property = t.identifier(name);
}

function textOf(path: NodePath, name: string): string | undefined {
  const binding = path.scope.getBinding(name);
  const bound = binding?.path.node;
  if (binding?.constantViolations.length !== 0 || !t.isVariableDeclarator(bound)) return undefined;
  return t.isIdentifier(bound.id) && t.isStringLiteral(bound.init) ? bound.init.value : undefined;
}
