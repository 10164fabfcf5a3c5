import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";
import { isArray } from "./array-calls.ts";

const HELPERS = { indexOf: "$indexOf", includes: "$includes" } as const;

/**
 * `s.indexOf("\r\n")`: Espruino also finds the beginning of the searched text at the end of the other. A search for a
 * single character and a search in a list are right, and stay.
 */
export function lowerSearch(program: Program, path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  if (!t.isMemberExpression(callee) || t.isSuper(callee.object) || callee.computed) return;
  const name = keyName(callee.property, callee.computed);
  if (name !== "indexOf" && name !== "includes") return;
  const [search] = given;
  if (!search || given.length > 2 || given.some((one) => t.isSpreadElement(one))) return;
  if (isArray(path, callee.object) || isFoundWhole(search)) return;
  path.replaceWith(t.callExpression(program.helper(HELPERS[name]), [callee.object, ...given]));
}

/** One ASCII character, or no text at all, so that a list is searched. */
function isFoundWhole(node: t.Node): boolean {
  if (t.isStringLiteral(node)) return node.value.length < 2 && node.value < "\x80";
  if (t.isCallExpression(node) && t.isMemberExpression(node.callee)) {
    return keyName(node.callee.property, node.callee.computed) === "charAt";
  }
  if (t.isTemplateLiteral(node)) return false;
  return (
    t.isLiteral(node) || t.isObjectExpression(node) || t.isArrayExpression(node) || t.isThisExpression(node)
  );
}

export const SEARCH_SOURCES = {
  $indexOf: `function $indexOf(s, x, n) {
    n = n === void 0 ? s.indexOf(x) : s.indexOf(x, n);
    return typeof s == "string" && n + ("" + x).length > s.length ? -1 : n;
  }`,
  $includes: `function $includes(s, x, n) {
    return typeof s == "string" ? $indexOf(s, x, n) >= 0 : n === void 0 ? s.includes(x) : s.includes(x, n);
  }`,
} as const;
