/** Members and globals that a program asks for before it uses them, as in `if (Object.getOwnPropertySymbols)`. */
import { types as t } from "@babel/core";
import { keyName } from "../program/syntax.ts";

export interface AskedNames {
  /** Global names behind `typeof`. */
  readonly globals: ReadonlySet<string>;
  /** Names of members, whatever the object. */
  readonly members: ReadonlySet<string>;
}

export function namesAskedFor(tree: t.File): AskedNames {
  const globals = new Set<string>();
  const members = new Set<string>();
  const ask = (node: t.Node | null | undefined): void => {
    if (t.isMemberExpression(node) || t.isOptionalMemberExpression(node)) {
      const name = keyName(node.property, node.computed);
      if (name !== undefined) members.add(name);
    } else if (t.isLogicalExpression(node)) {
      ask(node.left);
      ask(node.right);
    } else if (t.isUnaryExpression(node, { operator: "!" })) {
      ask(node.argument);
    }
  };
  t.traverseFast(tree, (node) => {
    if (t.isUnaryExpression(node, { operator: "typeof" })) {
      if (t.isIdentifier(node.argument)) globals.add(node.argument.name);
      else ask(node.argument);
    } else if (t.isIfStatement(node) || t.isConditionalExpression(node)) {
      ask(node.test);
    } else if (t.isLogicalExpression(node)) {
      ask(node.left);
    } else if (t.isUnaryExpression(node, { operator: "!" })) {
      ask(node.argument);
    } else if (t.isBinaryExpression(node)) {
      if (node.operator === "in" && t.isStringLiteral(node.left)) members.add(node.left.value);
      if (isNothing(node.right)) ask(node.left);
      if (isNothing(node.left)) ask(node.right);
    } else if (t.isOptionalCallExpression(node) && node.optional) {
      ask(node.callee);
    }
  });
  return { globals, members };
}

function isNothing(node: t.Node): boolean {
  // The bundler writes undefined as void 0.
  const isVoid = t.isUnaryExpression(node, { operator: "void" });
  return isVoid || t.isNullLiteral(node) || t.isIdentifier(node, { name: "undefined" });
}
