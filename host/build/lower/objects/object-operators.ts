import { types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

/** Objects of the language, which are functions to the interpreter. */
const NAMESPACES = new Set(["Math", "JSON", "Reflect", "console"]);

/** Operators on objects whose results are known at build time, and which the interpreter gets wrong. */
export function objectOperatorVisitor(program: Program): Visitor {
  return {
    CallExpression(path) {
      const { callee, arguments: given } = path.node;
      if (!t.isMemberExpression(callee) || !t.isIdentifier(callee.object, { name: "Object" })) return;
      const name = keyName(callee.property, callee.computed);
      if (name === "assign" && given.slice(1).some(mayBePrimitive))
        path.node.callee = program.helper("$merge");
      if (!program.traits.getters) return;
      // The interpreter calls a getter without its object here.
      if (name === "values" || name === "entries") path.node.callee = program.helper(`$${name}`);
      else if (name === "assign") path.node.callee = program.helper("$merge");
    },
    UnaryExpression(path) {
      const { operator, argument } = path.node;
      if (operator === "typeof" && t.isIdentifier(argument) && NAMESPACES.has(argument.name)) {
        if (!path.scope.hasBinding(argument.name, true)) path.replaceWith(t.stringLiteral("object"));
      }
      // Where it does not throw, it returns true; the interpreter returns false for a member that does not exist.
      if (operator !== "delete") return;
      if (!t.isMemberExpression(argument) && !t.isIdentifier(argument)) {
        path.replaceWith(t.sequenceExpression([argument, t.booleanLiteral(true)]));
        return;
      }
      if (path.parentPath.isExpressionStatement()) return;
      path.replaceWith(t.sequenceExpression([path.node, t.booleanLiteral(true)]));
      path.skip();
    },
  };
}

/** Whether a source of `Object.assign` may be a text, a number or a boolean, for which the interpreter throws. */
function mayBePrimitive(node: t.Node): boolean {
  if (t.isLogicalExpression(node)) return node.operator === "&&" || mayBePrimitive(node.right);
  if (t.isConditionalExpression(node))
    return mayBePrimitive(node.consequent) || mayBePrimitive(node.alternate);
  return t.isLiteral(node) && !t.isNullLiteral(node);
}
