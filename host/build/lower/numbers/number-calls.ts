import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";
import { isKnownNumber, isNumberText } from "./known-number.ts";

/**
 * Conversions from text to number, rounding and powers, where the interpreter gives other values than the standard.
 * What is a number for certain keeps the interpreter's own, shorter form.
 */
export function numberCorrections(program: Program): Visitor {
  return {
    CallExpression: { exit: (path) => correctCall(program, path) },
    MemberExpression: {
      exit(path) {
        const name = keyName(path.node.property, path.node.computed);
        if (name !== "parseInt" && name !== "parseFloat") return;
        if (isGlobal(path, path.node.object, "Number")) path.replaceWith(t.identifier(name));
      },
    },
    UnaryExpression: {
      exit(path) {
        const { operator, argument } = path.node;
        if (operator === "+" && !convertsAlike(argument, path))
          path.replaceWith(t.callExpression(program.helper("$number"), [argument]));
      },
    },
    BinaryExpression(path) {
      const { operator, left, right } = path.node;
      // In the interpreter "null" equals null.
      if ((operator === "==" || operator === "!=") && (isNothing(left) || isNothing(right)))
        path.node.operator = `${operator}=`;
    },
    UpdateExpression: {
      exit(path) {
        const { operator, prefix, argument } = path.node;
        // Only the other form converts a text to a number.
        if (!prefix || operator !== "++") return;
        if (isUnused(path)) path.node.prefix = false;
        else if (!isKnownNumber(argument, path.scope))
          path.replaceWith(
            t.assignmentExpression("-=", argument as t.LVal, t.unaryExpression("-", t.numericLiteral(1))),
          );
      },
    },
  };
}

function isGlobal(path: NodePath, node: t.Node, name: string): boolean {
  return t.isIdentifier(node, { name }) && !path.scope.hasBinding(name, true);
}

function isNothing(node: t.Node): boolean {
  return t.isStringLiteral(node, { value: "null" }) || t.isStringLiteral(node, { value: "undefined" });
}

function isUnused(path: NodePath): boolean {
  return path.parentPath?.isExpressionStatement() || (path.key === "update" && t.isForStatement(path.parent));
}

function convertsAlike(node: t.Node, path: NodePath): boolean {
  return isNumberText(node) || t.isNewExpression(node) || isKnownNumber(node, path.scope);
}

/** The conversions that are also handed over as functions, as in `parts.map(Number)`. */
const CONVERSIONS = { Number: "$number", parseFloat: "$float" } as const;

function correctCall(program: Program, path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  const [first] = given;
  for (const [name, helper] of Object.entries(CONVERSIONS)) {
    if (given.length === 1 && isGlobal(path, callee, name)) {
      if (t.isExpression(first) && !convertsAlike(first, path)) path.node.callee = program.helper(helper);
    }
    const place = givenFunctionPlace(callee);
    const handed = place === undefined ? undefined : given[place];
    if (place !== undefined && handed && isGlobal(path, handed, name)) given[place] = program.helper(helper);
  }
  if (isGlobal(path, callee, "parseInt") && t.isStringLiteral(given[1]))
    given[1] = t.numericLiteral(Number(given[1].value) | 0);
}

/** Which argument of a method is the function that it calls for each element. */
function givenFunctionPlace(callee: t.Node): number | undefined {
  if (!t.isMemberExpression(callee)) return undefined;
  const name = keyName(callee.property, callee.computed);
  if (name === "map" || name === "flatMap") return 0;
  return name === "from" ? 1 : undefined;
}
