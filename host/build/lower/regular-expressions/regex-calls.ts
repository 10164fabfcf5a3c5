import { types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";

/** The methods of strings that take a regular expression, once the program has one of ours. */
export function regexCallVisitor(program: Program): Visitor {
  return {
    CallExpression(path) {
      const { callee, arguments: given } = path.node;
      if (!t.isMemberExpression(callee) || callee.computed || !t.isIdentifier(callee.property)) return;
      const [what] = given;
      if (!what || t.isStringLiteral(what) || t.isTemplateLiteral(what) || t.isRegExpLiteral(what)) return;
      const { name } = callee.property;
      const helper =
        name === "match"
          ? "$matchIn"
          : name === "split"
            ? "$splitIn"
            : name === "replace" || name === "replaceAll"
              ? "$replaceIn"
              : undefined;
      if (!helper) return;
      path.replaceWith(t.callExpression(program.helper(helper), [callee.object as t.Expression, ...given]));
    },
  };
}
