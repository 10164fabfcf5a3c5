import { types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

/** Objects of the language, which are functions to the interpreter. */
const NAMESPACES = new Set(["Math", "JSON", "Reflect", "console"]);

/** Operators on objects whose results are known at build time, and which the interpreter gets wrong. */
export function objectOperatorVisitor(program: Program): Visitor {
  return {
    CallExpression(path) {
      const { callee } = path.node;
      if (!program.traits.getters || !t.isMemberExpression(callee)) return;
      if (!t.isIdentifier(callee.object, { name: "Object" })) return;
      const name = keyName(callee.property, callee.computed);
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
      if (operator !== "delete" || path.parentPath.isExpressionStatement()) return;
      path.replaceWith(t.sequenceExpression([path.node, t.booleanLiteral(true)]));
      path.skip();
    },
  };
}
