import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { sourceLineAt } from "../../program/source-place.ts";

/** What a string may cost in bytes of the program, so that it costs no variables: it needs two at least. */
const REPEATED_BYTES_MAX = 24;

/**
 * Puts numbers, booleans, undefined and short strings in place of the top-level names that hold them and are never assigned, in
 * whichever module they stand: a name takes a JsVar, and an unused branch can be removed only if its condition is a literal. For the same reason a `let`
 * that only a removed function assigns is replaced too, so that the code behind it can be
 * removed. esbuild does so for few of them, and writes `var` for the `const` or `let` of the source, so
 * that the source itself is looked at.
 */
export function inlineConstantsVisitor({ trace }: Program): Visitor {
  return {
    Program(path) {
      for (const binding of Object.values(path.scope.bindings)) {
        const declarator = binding.path;
        if (!declarator.isVariableDeclarator() || binding.constantViolations.length > 0) continue;
        const value = declarator.node.init ?? t.identifier("undefined");
        const isSmall = isLiteral(value) || isShortText(value, binding.references);
        if (isSmall && t.isIdentifier(declarator.node.id) && isScopedInSource(declarator.node, trace)) {
          inline(binding, declarator, value);
        }
      }
    },
  };
}

/** Declared by `const` or `let`, which cannot be read before: esbuild makes every top-level declaration a `var`. */
function isScopedInSource(declarator: t.VariableDeclarator, trace: Program["trace"]): boolean {
  const line = trace && sourceLineAt(declarator, trace);
  return line !== undefined && /\b(const|let)\s+$/.test(line.before);
}

function inline(
  binding: NodePath["scope"]["bindings"][string],
  declarator: NodePath<t.VariableDeclarator>,
  value: t.Expression,
): void {
  for (const reference of binding.referencePaths) {
    const { parent } = reference;
    if (t.isObjectProperty(parent) && parent.shorthand) parent.shorthand = false;
    reference.replaceWith(t.cloneNode(value));
  }
  declarator.remove();
}

function isLiteral(node: t.Node): boolean {
  if (t.isUnaryExpression(node, { operator: "-" })) return t.isNumericLiteral(node.argument);
  return t.isNumericLiteral(node) || t.isBooleanLiteral(node) || t.isIdentifier(node, { name: "undefined" });
}

/** In the program's text a literal costs no variable until it is used. */
function isShortText(node: t.Node, uses: number): boolean {
  return t.isStringLiteral(node) && node.value.length * (uses - 1) <= REPEATED_BYTES_MAX;
}
