import { type NodePath, types as t, type Visitor } from "@babel/core";

/**
 * Puts numbers, booleans and undefined in place of the top-level constants that hold them, in whichever module they
 * stand: a name costs the board a variable, and a branch for what the board lacks falls away only where its condition
 * is a literal. esbuild does so for few of them, and writes `var` for the `const` of the source; `isConstant` looks
 * there.
 */
export function inlineConstantsVisitor(isConstant: (declarator: t.VariableDeclarator) => boolean): Visitor {
  return {
    Program(path) {
      path.scope.crawl();
      for (const binding of Object.values(path.scope.bindings)) {
        const declarator = binding.path;
        if (!declarator.isVariableDeclarator() || !isLiteral(declarator.node.init)) continue;
        if (binding.constantViolations.length > 0 || !isConstant(declarator.node)) continue;
        inline(binding, declarator);
      }
    },
  };
}

function inline(
  binding: NodePath["scope"]["bindings"][string],
  declarator: NodePath<t.VariableDeclarator>,
): void {
  const value = declarator.node.init as t.Expression;
  for (const reference of binding.referencePaths) {
    const { parent } = reference;
    if (t.isObjectProperty(parent) && parent.shorthand) parent.shorthand = false;
    reference.replaceWith(t.cloneNode(value));
  }
  declarator.remove();
}

function isLiteral(node: t.Node | null | undefined): boolean {
  if (t.isUnaryExpression(node, { operator: "-" })) return t.isNumericLiteral(node.argument);
  return t.isNumericLiteral(node) || t.isBooleanLiteral(node) || t.isIdentifier(node, { name: "undefined" });
}
