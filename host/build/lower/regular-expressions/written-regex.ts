/** A regular expression that is known at build time. */
import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";

export interface WrittenRegex {
  readonly source: string;
  readonly flags: string;
}

/** Returns pattern and flags of a regular expression, or of a constant that holds one, as they were written. */
export function writtenRegex(program: Program, path: NodePath, node: t.Node): WrittenRegex | undefined {
  if (t.isRegExpLiteral(node)) {
    const { source, flags } = node.extra ?? {};
    return { source: String(source ?? node.pattern), flags: String(flags ?? node.flags) };
  }
  if (t.isNewExpression(node) && t.isIdentifier(node.callee, { name: "RegExp" })) {
    // The empty pattern has no literal.
    const [pattern, flags] = node.arguments;
    const isEmpty = t.isStringLiteral(pattern, { value: "" }) && t.isStringLiteral(flags);
    return isEmpty ? { source: "(?:)", flags: flags.value } : undefined;
  }
  if (t.isCallExpression(node) && program.isHelper(node.callee, "$regex")) {
    const [, source, flags] = node.arguments as [unknown, t.StringLiteral, t.StringLiteral];
    return { source: source.value, flags: flags.value };
  }
  if (!t.isIdentifier(node)) return undefined;
  const binding = path.scope.getBinding(node.name);
  const bound = binding?.path.node;
  if (binding?.constantViolations.length !== 0 || !t.isVariableDeclarator(bound) || !bound.init)
    return undefined;
  return t.isIdentifier(bound.init) ? undefined : writtenRegex(program, path, bound.init);
}
