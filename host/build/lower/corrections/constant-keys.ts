import { type NodePath, types as t, type Visitor } from "@babel/core";

/** Espruino cuts longer names. */
const NAME_CHARACTERS_MAX = 63;

/**
 * `x[KEY]` becomes `x.name` where KEY is a variable with one known text. Espruino gives undefined for `x.name` whatever x
 * is, and throws for `x[KEY]` where x is a string or a number, which packages ask for marks of their own.
 */
export function constantKeyVisitor(): Visitor {
  return {
    MemberExpression: nameKey,
    OptionalMemberExpression: nameKey,
  };
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
