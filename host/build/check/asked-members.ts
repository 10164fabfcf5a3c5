/**
 * Names that a source file tests for before it uses them, as in `if (Object.getOwnPropertySymbols)`. A test counts for its own
 * file only, because a test in one package is not a reason to allow the name in another one or in the project's code.
 */
import { types as t } from "@babel/core";
import type { Program } from "../program/program.ts";
import { placeOf } from "../program/source-place.ts";
import { keyName } from "../program/syntax.ts";

/**
 * The tests by the name that they test for: a global name behind `typeof`, a member with its object (`Object.seal`), and each member
 * without it (`.seal`).
 */
export type AskedNames = ReadonlyMap<string, readonly t.Node[]>;

export function isAsked(program: Program, asked: AskedNames, name: string, use: t.Node): boolean {
  const questions = asked.get(name);
  if (!questions) return false;
  const file = placeOf(use, program.trace)?.file;
  return questions.some((question) => placeOf(question, program.trace)?.file === file);
}

export function namesAskedFor(tree: t.File): AskedNames {
  const asked = new Map<string, t.Node[]>();
  const note = (name: string, question: t.Node): void => {
    const questions = asked.get(name) ?? [];
    asked.set(name, [...questions, question]);
  };
  const noteMember = (object: t.Node, name: string, question: t.Node): void => {
    note(`.${name}`, question);
    if (t.isIdentifier(object)) note(`${object.name}.${name}`, question);
  };
  const ask = (node: t.Node | null | undefined): void => {
    if (t.isMemberExpression(node) || t.isOptionalMemberExpression(node)) {
      const name = keyName(node.property, node.computed);
      if (name !== undefined) noteMember(node.object, name, node);
    } else if (t.isLogicalExpression(node)) {
      ask(node.left);
      ask(node.right);
    } else if (t.isUnaryExpression(node, { operator: "!" })) {
      ask(node.argument);
    }
  };
  t.traverseFast(tree, (node) => {
    if (t.isUnaryExpression(node, { operator: "typeof" })) {
      if (t.isIdentifier(node.argument)) note(node.argument.name, node);
      else ask(node.argument);
    } else if (t.isIfStatement(node) || t.isConditionalExpression(node)) {
      ask(node.test);
    } else if (t.isLogicalExpression(node)) {
      ask(node.left);
    } else if (t.isUnaryExpression(node, { operator: "!" })) {
      ask(node.argument);
    } else if (t.isBinaryExpression(node)) {
      if (node.operator === "in" && t.isStringLiteral(node.left))
        noteMember(node.right, node.left.value, node);
      if (isNothing(node.right)) ask(node.left);
      if (isNothing(node.left)) ask(node.right);
    } else if (t.isOptionalCallExpression(node) && node.optional) {
      ask(node.callee);
    }
  });
  return asked;
}

function isNothing(node: t.Node): boolean {
  // The bundler writes undefined as void 0.
  const isVoid = t.isUnaryExpression(node, { operator: "void" });
  return isVoid || t.isNullLiteral(node) || t.isIdentifier(node, { name: "undefined" });
}
