import { types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

const CHANGES = new Set(["add", "clear", "delete", "set"]);
const REMOVALS = new Set(["clear", "delete"]);

/**
 * Whether a loop over a Map or Set may change it meanwhile: then it must use the iterator, not a list that was made
 * before. A change that grows it in a function that the loop calls is not seen.
 */
export function changesWhileLooping(program: Program, loop: t.ForOfStatement): boolean {
  if (!program.traits.collections) return false;
  return calls(loop.body, CHANGES) || (callsOwn(loop.body) && calls(program.tree, REMOVALS));
}

function calls(node: t.Node, names: ReadonlySet<string>): boolean {
  return some(node, ({ callee }) => {
    if (!t.isMemberExpression(callee)) return false;
    return names.has(keyName(callee.property, callee.computed) ?? "");
  });
}

/** Calls of what may be the program's own function. */
function callsOwn(node: t.Node): boolean {
  return some(
    node,
    ({ callee }) =>
      t.isIdentifier(callee) || (t.isMemberExpression(callee) && t.isThisExpression(callee.object)),
  );
}

function some(node: t.Node, test: (call: t.CallExpression) => boolean): boolean {
  let found = false;
  t.traverseFast(node, (inner) => {
    if (!found && t.isCallExpression(inner) && test(inner)) found = true;
  });
  return found;
}
